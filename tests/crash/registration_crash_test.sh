#!/bin/bash
# registration_crash_test.sh RPMBD SIGNETCTL ACTIVATIOND KILL_POINTS: each of the three programs is killed with -9 before
# each of its calls that others can see (kill_points.c) while a new device registers; then the same command again. However
# it went, there is exactly one identity: one device, one certificate, one generation, and its chip proves itself.
set -euo pipefail
rpmbd=$1 ctl=$2 activationd=$3 preload=$4
. "$(dirname "$0")/../bus/private_rpmbd.sh"
. "$(dirname "$0")/../bus/private_registrar.sh"

problem() {
  echo "$*"
  tail -n 30 "$work/first" "$work/again" "$work/rpmbd.log" "$registrar/log"
  exit 1
}

# ---- Kill points ----------------------------------------------------------------------------------------------------

# under_kill_points NAME PROGRAM: makes $work/NAME, which runs the program with kill points.
under_kill_points() {
  printf '#!/bin/sh\nSIGNET_KILL_POINTS=%s LD_PRELOAD=%s exec %s "$@"\n' "$work/points-$1" "$preload" "$2" >"$work/$1"
  chmod +x "$work/$1"
  printf '\0\0\0\0\0\0\0\0' >"$work/points-$1"
}
calls_made() { od -An -tu4 -N4 "$work/points-$1" | tr -d ' '; }
# die_at NAME CALL: counted from now; 0: never.
die_at() {
  local call=$2
  printf '\0\0\0\0%b' "$(printf '\\x%02x\\x%02x\\0\\0' $((call & 255)) $((call >> 8)))" |
    dd of="$work/points-$1" conv=notrunc status=none
}

# ---- One device -----------------------------------------------------------------------------------------------------

register() { "$1" register --model M1 --sn "$sn" --app wx1 --sn-ticket-file "$work/sn-ticket"; }

start_again_what_died() {
  if ! kill -0 "$daemon" 2>/dev/null; then
    wait "$daemon" 2>/dev/null || true
    start_rpmbd "$work/rpmbd" "$ctl"
  fi
  if ! kill -0 "$registrar_pid" 2>/dev/null; then
    wait "$registrar_pid" 2>/dev/null || true
    start_registrar "$work/activationd"
  fi
}

exactly_one_identity() {
  local ueid nonce
  "$ctl" --json device info >"$work/info" || problem "device info fails"
  grep -q '"state":"confirmed"' "$work/info" && grep -q '"generation":1[,}]' "$work/info" &&
    ! grep -q '"pending":true' "$work/info" || problem "the device is not registered once: $(cat "$work/info")"
  ueid=$(sed -n 's/.*"ueid":"\([^"]*\)".*/\1/p' "$work/info")
  as operator "$ctl" --json device "$ueid" >"$work/history"
  python3 -c '
import json, sys
device = json.load(open(sys.argv[1]))
sys.exit(device["generation"] != 1 or [c["generation"] for c in device["certificates"]] != [1])' "$work/history" ||
    problem "not one certificate: $(cat "$work/history")"
  as operator "$ctl" --json devices --model M1 --sn "$sn" >"$work/listed"
  [ "$(grep -o '"ueid":' "$work/listed" | wc -l)" = 1 ] || problem "not one device: $(cat "$work/listed")"
  nonce=$(as verifier "$ctl" --json nonce --audience app | sed -n 's/.*"nonce":"\([^"]*\)".*/\1/p')
  "$ctl" ticket get --audience app --nonce "$nonce" | as verifier "$ctl" --json verify --audience app >"$work/verdict" ||
    problem "the ticket is refused: $(cat "$work/verdict")"
  grep -q '"rpmb":{"status":"ok"' "$work/verdict" || problem "the chip is lost: $(cat "$work/verdict")"
}

# attempt PROGRAM CALL: registers a new device with PROGRAM dying at that call, then without. Fails when it lived.
attempt() {
  local died=0 before
  serial=$((serial + 1)) sn=SN-$serial
  die_at rpmbd 0
  new_chip "$work/rpmbd" "$ctl"
  sn_ticket "$ctl" M1 "$sn" >"$work/sn-ticket"
  die_at "$1" "$2"
  register "$work/signetctl" >"$work/first" 2>&1 || true
  before=$(calls_made "$1")
  [ "$before" -lt "$2" ] || died=1
  die_at "$1" 0
  start_again_what_died
  register "$ctl" >"$work/again" 2>&1 || problem "$1 killed at call $2: the same command again fails"
  exactly_one_identity
  [ $died = 1 ]
}

serial=0
under_kill_points rpmbd "$rpmbd"
under_kill_points activationd "$activationd"
under_kill_points signetctl "$ctl"
make_registrar "$activationd"
start_registrar "$work/activationd"
start_bus
add_registrar_to_rpmbd

total=0
for program in rpmbd activationd signetctl; do
  call=1
  while attempt $program $call; do call=$((call + 1)); done
  [ $call -gt 5 ] || problem "$program has $((call - 1)) points only: they are not counted"
  echo "registration: $program killed before each of its $((call - 1)) calls"
  total=$((total + call - 1))
done
echo "registration: $total kills, each followed by the same command again: one identity every time"
