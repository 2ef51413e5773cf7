# To be sourced after private_rpmbd.sh: a beacon of the test's own. fake_bluez is the radio, with two adapters in range
# of each other: fmdnd is at hci0, `owner` at hci1. No Bluetooth, no right and no root is needed.
#   start_fake_bluez FAKE_BLUEZ; make_beacon; start_fmdnd FMDND; owner SIGNETCTL COMMAND...; stop_fmdnd [SIGNAL]

fake_bluez_pid="" fmdnd_pid=""
cleanup_beacon() {
  stop_fmdnd
  stop_fake_bluez
}
stop_fake_bluez() {
  [ -n "$fake_bluez_pid" ] || return 0
  kill "$fake_bluez_pid" 2>/dev/null || true
  wait "$fake_bluez_pid" 2>/dev/null || true # it says good-bye to a bus that is still there
  fake_bluez_pid=
}
if command -v stop_registrar >/dev/null; then
  trap 'cleanup_beacon; stop_registrar; cleanup' EXIT
else
  trap 'cleanup_beacon; cleanup' EXIT
fi

# Returns when its adapters are there.
start_fake_bluez() {
  "$1" >"$work/fake_bluez.log" 2>&1 &
  fake_bluez_pid=$!
  tries=0
  until bluez_objects 2>/dev/null | grep -q /org/bluez/hci1; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { cat "$work/fake_bluez.log"; echo "fake_bluez does not answer"; exit 1; }
    sleep 0.1
  done
}

bluez_objects() {
  dbus-send --system --print-reply --dest=org.bluez / org.freedesktop.DBus.ObjectManager.GetManagedObjects
}

# A model of the Fast Pair console, with its key pair, and a device of that model that beeps by a command.
make_beacon() {
  (
    umask 077
    openssl ecparam -name prime256v1 -genkey -noout -out "$work/model.key"
    openssl ec -in "$work/model.key" -outform DER 2>"$work/openssl.log" | head -c 39 | tail -c 32 | base64 >"$work/anti-spoofing"
    head -c 32 /dev/urandom >"$work/owner.key"
  )
  openssl ec -in "$work/model.key" -pubout -out "$work/model.pem" 2>"$work/openssl.log"
  cat >"$work/beep" <<END
#!/bin/sh
echo "\$*" >>"$work/sounds"
[ "\$1" = stop ] && echo "  (the lamp is silent)" || echo "  (the lamp beeps)"
END
  chmod +x "$work/beep"
  : >"$work/sounds"
  mkdir -p "$work/fmdnd"
  cat >"$work/fmdnd.toml" <<END
[device]
model_id = "9266e8"
name = "Lamp"
manufacturer = "Example"
locator_tag = true
anti_spoofing_key = "$work/anti-spoofing"
[radio]
advertising = "dbus"
adapter = "hci0"
[sound]
hook = "$work/beep"
END
}

# Returns when it knows what is stored.
start_fmdnd() {
  "$1" --config "$work/fmdnd.toml" --state-dir "$work/fmdnd" 2>>"$work/fmdnd.log" &
  fmdnd_pid=$!
  wait_for_fmdnd State 'factory\|paired\|provisioned'
}

# shellcheck disable=SC2120 # some scripts name a signal
stop_fmdnd() {
  [ -n "$fmdnd_pid" ] || return 0
  kill "-${1:-TERM}" "$fmdnd_pid" 2>/dev/null || true
  wait "$fmdnd_pid" 2>/dev/null || true
  fmdnd_pid=
}

# fmdnd_is PROPERTY: prints it.
fmdnd_is() {
  dbus-send --system --print-reply=literal --dest=org.signet.Fmdn1 /org/signet/Fmdn1 org.freedesktop.DBus.Properties.Get \
    string:org.signet.Fmdn1 "string:$1"
}

# wait_for_fmdnd PROPERTY PATTERN
wait_for_fmdnd() {
  tries=0
  until fmdnd_is "$1" 2>/dev/null | grep -q "$2"; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { cat "$work/fmdnd.log"; echo "fmdnd's $1 is: $(fmdnd_is "$1" 2>&1)"; exit 1; }
    sleep 0.1
  done
}

# wait_for_sound PATTERN: of the last thing that the hook was called for.
wait_for_sound() {
  tries=0
  until tail -n 1 "$work/sounds" | grep -q "$1"; do
    tries=$((tries + 1))
    [ $tries -lt 100 ] || { echo "no sound '$1': $(cat "$work/sounds")"; exit 1; }
    sleep 0.1
  done
}

# owner SIGNETCTL COMMAND...: `signetctl fmdn COMMAND` at the other adapter, with a keyring of its own.
owner() {
  local program=$1
  shift
  "$program" fmdn --adapter hci1 --keyring "$work/keyring" --keyring-key "$work/owner.key" "$@"
}
