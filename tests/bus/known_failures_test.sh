#!/bin/bash
# known_failures_test.sh RPMBD SIGNETCTL ACTIVATIOND LIBSIGNET OTHER_GENERATION: the twelve failures that equipment of this
# kind is known for in the field, each brought about for real. Each has an error of its own, and `signetctl doctor` names
# it and what to do.
set -euo pipefail
rpmbd=$1 ctl=$2 activationd=$3 libsignet=$4 other_generation=$5
. "$(dirname "$0")/private_rpmbd.sh"
. "$(dirname "$0")/private_registrar.sh"

failure() { echo "== No. $*"; }
problem() {
  echo "$*"
  cat "$work/out" "$work/err" 2>/dev/null
  tail -n 5 "$work/rpmbd.log" 2>/dev/null
  exit 1
}
# fails NAME COMMAND...: with that error, which the text names.
fails() {
  local name=$1
  shift
  "$@" >"$work/out" 2>"$work/err" && problem "'$*' does not fail"
  grep -q "$name" "$work/err" "$work/out" || problem "'$*' does not fail with $name:"
}
# doctor CHECK TEXT REMEDY [OPTION...]: fails at that check, with both.
doctor() {
  local check=$1 text=$2 remedy=$3
  shift 3
  "$ctl" --json doctor "$@" >"$work/out" 2>"$work/err" || true
  python3 - "$work/out" "$check" "$text" "$remedy" <<'END' || problem "doctor does not name it:"
import json, sys
found = json.load(open(sys.argv[1]))["checks"]
check, text, remedy = sys.argv[2:]
sys.exit(not any(f["check"] == check and f["level"] in ("fail", "warn") and text in f["text"] and remedy in f["remedy"]
                 for f in found))
END
}
# ahead TIME COMMAND...: with a clock that is off by TIME, "-1d".
ahead() {
  local command=(env LD_PRELOAD="$(ls /usr/lib/*/faketime/libfaketime.so.1)" FAKETIME_DONT_FAKE_MONOTONIC=1 FAKETIME="$1" "${@:2}")
  if [ "$BASHPID" = $$ ]; then "${command[@]}"; else exec "${command[@]}"; fi # in the background, to be the process itself
}
# configured SED-COMMAND [RUNNER...]: restarts rpmbd with that change to its configuration, until the next one.
configured() {
  [ -z "$daemon" ] || stop_rpmbd
  sed "$1" "$work/rpmbd.toml.good" >"$work/rpmbd.toml"
  "${@:2}" "$rpmbd" --config "$work/rpmbd.toml" --state-dir "$work/state" >>"$work/rpmbd.log" 2>&1 &
  daemon=$!
  local tries=0
  until "$ctl" status >/dev/null 2>&1 || [ $? = 8 ]; do # 8: it answers, if not to us
    tries=$((tries + 1))
    [ $tries -lt 100 ] || problem "rpmbd does not answer"
    sleep 0.1
  done
}
# shellcheck disable=SC2120 # `fails` passes them on
register() {
  sn_ticket "$ctl" M1 SN-1 >"$work/sn-ticket"
  "$ctl" register --model "${1:-M1}" --sn "${2:-SN-1}" --app "${3:-wx1}" --sn-ticket-file "$work/sn-ticket"
}
# shellcheck disable=SC2120 # the same
ticket() { "$ctl" ticket get --audience https://app.test "$@"; }

start_bus

failure "4: no daemon, a hung one, one that this user may not use"
fails no_service "$ctl" status
doctor daemon "not running" "systemctl"
make_registrar "$activationd"
start_registrar "$activationd"
add_registrar_to_rpmbd
cp "$work/rpmbd.toml" "$work/rpmbd.toml.good"
start_rpmbd "$rpmbd" "$ctl"
"$ctl" chip provision --cid "$(chip_cid "$ctl")" --root-backup none-accepted --yes >"$work/provisioned"
kill -STOP "$daemon"
fails timeout "$ctl" --timeout 1 status
doctor daemon "did not answer" "systemctl restart" --timeout 1
kill -CONT "$daemon"
configured "s/^user = .*/user = \"nobody\"/"
fails access_denied "$ctl" store ls
doctor policy "no [[client]] entry" "rpmbd.d"
configured ""

failure "1: the path of the node is wrong, or something else"
configured "s|transport = \"emulator\"|transport = \"mmc\"\nnode = \"/dev/signet-nowhere\"|"
fails no_chip "$ctl" chip counter
doctor chip "no_chip" "chip.node"
configured "s|transport = \"emulator\"|transport = \"mmc\"\nnode = \"/dev/null\"|"
fails not_rpmb "$ctl" chip counter
doctor chip "not_rpmb" "character device"
configured ""

failure "12: not registered with this registrar"
fails not_registered ticket

failure "7: a registration that was not confirmed"
stop_registrar # what rpmbd has begun is kept, whatever becomes of the rest
printf 'x%.0s' {1..32} >"$work/no-ticket"
fails net_connect "$ctl" register --model M1 --sn SN-1 --app wx1 --sn-ticket-file "$work/no-ticket"
fails registration_pending "$ctl" register --model M1 --sn SN-2 --app wx1 --sn-ticket-file "$work/no-ticket"
doctor registration "not confirmed" "goes on where it was"

failure "6: no name, no connection, no trust, no HTTP, a wrong clock"
doctor connect net_connect "allow-list"
configured "s|^url = .*|url = \"https://registrar.invalid\"|"
fails net_dns "$ctl" register --model M1 --sn SN-1 --app wx1 --sn-ticket-file "$work/no-ticket"
doctor dns net_dns "SIM"
start_registrar "$activationd"
make_tls_certificate other
configured "s|^tls_ca = .*|tls_ca = \"$registrar/other.crt\"|"
fails net_tls register
doctor tls net_tls "tls_ca"
python3 -c '
import socket, sys
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    peer, _ = server.accept()
    peer.recv(4096)
    peer.sendall(b"220 mail.example ESMTP\r\n")
    peer.close()' >"$work/mail-port" &
mail=$!
until [ -s "$work/mail-port" ]; do sleep 0.05; done
configured "s|^url = .*|url = \"http://localhost:$(cat "$work/mail-port")\"|"
fails net_http "$ctl" register --model M1 --sn SN-1 --app wx1 --sn-ticket-file "$work/no-ticket"
doctor http net_http "URL"
kill $mail
for shift in -1d +1d; do # of the whole device
  configured "" ahead $shift
  sn_ticket "$ctl" M1 SN-1 >"$work/sn-ticket"
  fails clock_skew ahead $shift "$ctl" register --model M1 --sn SN-1 --app wx1 --sn-ticket-file "$work/sn-ticket"
  ahead $shift "$ctl" --json doctor >"$work/out" 2>"$work/err" || true
  grep -q '"check":"clock","level":"fail","text":"clock_skew' "$work/out" || problem "doctor does not name the clock:"
done
configured ""

failure "5: a call that waits, on the thread of an event loop"
fails wrong_thread python3 - "$libsignet" <<'END'
import ctypes, sys
library = ctypes.CDLL(sys.argv[1])
client = ctypes.c_void_p()
assert library.signet_open(ctypes.byref(client), 0) == 0
library.signet_poll_fd(client)  # an event loop wants to know when to call
library.signet_error_name.restype = ctypes.c_char_p
sys.exit(library.signet_error_name(library.signet_register(client, b"M1", b"SN-1", b"wx1", b"x" * 32)).decode())
END

failure "7, resumed"
register >"$work/out" 2>"$work/err" || problem "the same again does not go on"

failure "8: registered under another serial number"
fails "identity_mismatch.*field sn" "$ctl" register --model M1 --sn SN-2 --app wx1 --sn-ticket-file "$work/no-ticket"
doctor ids "serial number" "signetctl device info" --sn SN-2

failure "9: a ticket for another model"
fails "identity_mismatch.*field model_id" ticket --model M2
doctor ids "model id" "leave them out of the ticket call" --model M2

failure "10: another application on the device"
fails "identity_mismatch.*field app_id" register M1 SN-1 wx2
doctor ids "application id" "signetctl device info" --app wx2
cp -r "$work/chip" "$work/before" # or a registration that has been replaced by another
register >"$work/out" 2>"$work/err"
stop_rpmbd
mv "$work/chip" "$work/refreshed" && mv "$work/before" "$work/chip"
configured ""
fails stale_generation as verifier "$ctl" verify --audience https://app.test --file <(ticket)
stop_rpmbd
rm -rf "$work/chip" && mv "$work/refreshed" "$work/chip"
configured ""

failure "2: the certificate is of no use any more"
ahead +11y "$ctl" --json doctor >"$work/out" 2>"$work/err" || true
grep -q '"check":"certificate","level":"fail","text":"certificate_invalid: expired' "$work/out" || problem "not named"
grep -q "Register again with the same ids" "$work/out" || problem "no remedy"

failure "12: moved to another registrar without registering there"
configured "s|^url = .*|url = \"https://elsewhere.invalid\"|"
fails not_registered ticket
doctor ticket not_registered "signetctl register"

failure "11: the chip was programmed by something else"
stop_rpmbd
mv "$work/state" "$work/state.kept" && mkdir "$work/state"
head -c 32 /dev/urandom >"$work/other-root" && chmod 600 "$work/other-root"
configured "s|^file = \"$root_secret\"|file = \"$work/other-root\"|"
fails wrong_key ticket
doctor key wrong_key "rpmbd-provision restore"
stop_rpmbd

failure "3: rpmbd is of another version"
"$other_generation" >"$work/ready-other" &
daemon=$!
until [ -s "$work/ready-other" ]; do sleep 0.05; done
fails incompatible "$ctl" store ls
doctor interface "same version" "signetctl, libsignet and rpmbd"
echo "all twelve named"
