# To be sourced after private_rpmbd.sh: a registrar of the test's own, over real TLS on loopback. Its secrets are files
# in $registrar.
#   make_registrar ACTIVATIOND; start_registrar ACTIVATIOND; stop_registrar [SIGNAL]; add_registrar_to_rpmbd

registrar=$work/registrar
registrar_pid=""
trap 'stop_registrar; cleanup' EXIT

free_port() { python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# make_tls_certificate NAME: for localhost, in $registrar/NAME.crt and .key.
make_tls_certificate() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout "$registrar/$1.key" -out "$registrar/$1.crt" 2>"$work/openssl.log"
}

make_registrar() {
  mkdir -p "$registrar/state"
  make_tls_certificate tls
  registrar_port=$(free_port)
  registrar_url=https://localhost:$registrar_port
  cat >"$registrar/activationd.toml" <<END
[registrar]
url = "$registrar_url"
[listen]
address = "127.0.0.1"
port = $registrar_port
certificate = "$registrar/tls.crt"
key = "$registrar/tls.key"
[rates]
address_per_second = 0
credential_per_second = 0
[policy]
allow_emulated = true
[master]
file = "$registrar/master"
END
  in_registrar "$1" init >"$registrar/log" 2>&1
  in_registrar "$1" export ca >"$registrar/ca.pem"
  in_registrar "$1" export escrow >"$registrar/escrow.pem"
  for role in vendor verifier operator; do
    in_registrar "$1" credential add "test-$role" --role "$role" --output "$registrar/$role" >>"$registrar/log"
  done
}

# in_registrar ACTIVATIOND COMMAND...
in_registrar() {
  local program=$1
  shift
  "$program" --config "$registrar/activationd.toml" --state-dir "$registrar/state" "$@"
}

# Returns when it answers.
start_registrar() {
  "$1" --config "$registrar/activationd.toml" --state-dir "$registrar/state" >>"$registrar/log" 2>&1 &
  registrar_pid=$!
  local tries=0
  until curl -sf --cacert "$registrar/tls.crt" "$registrar_url/readyz" >/dev/null; do
    tries=$((tries + 1))
    if [ $tries -ge 300 ] || ! kill -0 "$registrar_pid" 2>/dev/null; then
      cat "$registrar/log"
      echo "activationd does not answer"
      exit 1
    fi
    sleep 0.1
  done
}

stop_registrar() {
  [ -n "$registrar_pid" ] || return 0
  kill "-${1:-TERM}" "$registrar_pid" 2>/dev/null || true
  wait "$registrar_pid" 2>/dev/null || true
  registrar_pid=
}

# The part of rpmbd's configuration, and the rights. Before start_rpmbd.
add_registrar_to_rpmbd() {
  [ -e "$work/rpmbd.toml" ] || write_config
  sed -i 's/"evidence", "admin"/"evidence", "registration", "tickets", "admin"/' "$work/rpmbd.toml"
  cat >>"$work/rpmbd.toml" <<END
[registrar]
url = "$registrar_url"
ca = "$registrar/ca.pem"
escrow = "$registrar/escrow.pem"
tls_ca = "$registrar/tls.crt"
END
}

# as ROLE SIGNETCTL COMMAND...: `signetctl registrar COMMAND`, with the credential of that role.
as() {
  local role=$1 program=$2
  shift 2
  "$program" registrar --url "$registrar_url" --ca "$registrar/tls.crt" --credential-file "$registrar/$role" "$@"
}

# sn_ticket SIGNETCTL MODEL SN: prints it.
sn_ticket() { as vendor "$1" --json sn-ticket --model "$2" "$3" | sed -n 's/.*"sn_ticket":"\([A-Za-z0-9]*\)".*/\1/p'; }

# register_device SIGNETCTL MODEL SN
register_device() { sn_ticket "$1" "$2" "$3" | "$1" register --model "$2" --sn "$3" --app wx1; }
