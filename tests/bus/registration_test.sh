#!/bin/bash
# registration_test.sh RPMBD SIGNETCTL ACTIVATIOND: a device and its registrar from the first contact to a copied chip,
# every program the real one, over real TLS.
set -euo pipefail
rpmbd=$1 ctl=$2 activationd=$3
. "$(dirname "$0")/private_rpmbd.sh"
. "$(dirname "$0")/private_registrar.sh"

step() { echo "== $*"; }
# expect STATUS COMMAND...
expect() {
  local wanted=$1 status=0
  shift
  "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" = "$wanted" ] && return
  echo "'$*' ended with $status, not $wanted:"
  cat "$work/out" "$work/err"
  tail -n 5 "$work/rpmbd.log" "$registrar/log"
  exit 1
}
says() { grep -q -e "$1" "$work/out" "$work/err" || { echo "nothing says '$1':"; cat "$work/out" "$work/err"; exit 1; }; }
# nonce AUDIENCE: a new one of the registrar.
nonce() { as verifier "$ctl" --json nonce --audience "$1" | sed -n 's/.*"nonce":"\([^"]*\)".*/\1/p'; }
# challenge_ticket: over a new nonce, into $work/ticket.
challenge_ticket() { "$ctl" ticket get --audience https://app.test --nonce "$(nonce https://app.test)" >"$work/ticket"; }
verdict() { as verifier "$ctl" --json verify --audience https://app.test <"$work/ticket"; }

# register_at_once SN SN: two processes; their exit statuses in $first and $second.
register_at_once() {
  local processes=() sn
  for sn in "$1" "$2"; do
    [ -e "$work/ticket-$sn" ] || sn_ticket "$ctl" M1 "$sn" >"$work/ticket-$sn"
  done
  for sn in "$1" "$2"; do
    "$ctl" register --model M1 --sn "$sn" --app wx1 --sn-ticket-file "$work/ticket-$sn" >>"$work/out" 2>>"$work/err" &
    processes+=($!)
  done
  first=0 second=0
  wait "${processes[0]}" || first=$?
  wait "${processes[1]}" || second=$?
}

step "a registrar, a device"
make_registrar "$activationd"
start_registrar "$activationd"
start_bus
add_registrar_to_rpmbd
new_chip "$rpmbd" "$ctl"
expect 42 "$ctl" ticket get --audience https://app.test

step "registration"
printf 'x%.0s' {1..32} >"$work/no-ticket"
expect 49 "$ctl" register --model M1 --sn SN-1 --app wx1 --sn-ticket-file "$work/no-ticket"
expect 0 register_device "$ctl" M1 SN-1
expect 0 "$ctl" device info
says confirmed
expect 0 register_device "$ctl" M1 SN-1 # a refresh
expect 44 register_device "$ctl" M1 SN-2
says "field sn"

step "a ticket, verified offline and by the registrar"
as verifier "$ctl" crl emulated -o "$work/emulated.crl"
challenge_ticket
expect 0 "$ctl" ticket verify --ca "$registrar/ca.pem" --crl "$work/emulated.crl" --audience https://app.test --file "$work/ticket"
says "RPMB\|rpmb"
expect 0 verdict
says '"verdict":"accepted"'
expect 50 verdict # its nonce is spent
"$ctl" ticket get --audience https://app.test >"$work/ticket" # a bearer ticket
expect 0 verdict
expect 0 verdict # as often as one likes, until it expires
tr 'A-Za-z' 'B-ZAb-za' <"$work/ticket" >"$work/altered"
mv "$work/altered" "$work/ticket"
expect 50 verdict

step "a copied chip, caught after one write"
stop_rpmbd
cp -r "$work/chip" "$work/copy"
start_rpmbd "$rpmbd" "$ctl"
echo more | "$ctl" store put later
challenge_ticket
expect 0 verdict
stop_rpmbd
mv "$work/chip" "$work/original" && mv "$work/copy" "$work/chip"
start_rpmbd "$rpmbd" "$ctl"
challenge_ticket
expect 50 verdict
says counter_backwards

step "let go by the operator, and registered under another serial number"
stop_rpmbd
rm -rf "$work/chip" && mv "$work/original" "$work/chip"
start_rpmbd "$rpmbd" "$ctl"
ueid=$("$ctl" --json device info | sed -n 's/.*"ueid":"\([^"]*\)".*/\1/p')
expect 0 as operator "$ctl" unblock "$ueid"
expect 44 register_device "$ctl" M1 SN-2
as operator "$ctl" release "$ueid" >"$work/release"
challenge_ticket
expect 50 verdict
says revoked
sed 's/.\{10\}$/AAAAAAAAAA/' "$work/release" >"$work/no-release" # the end of the signature
expect 48 "$ctl" device release --yes --file "$work/no-release"
expect 0 "$ctl" device release --yes --file "$work/release"
expect 42 "$ctl" ticket get --audience https://app.test
expect 0 register_device "$ctl" M1 SN-2
challenge_ticket
expect 0 verdict
expect 50 "$ctl" device release --yes --file "$work/release" # of the generation before

step "two processes at once: one registration"
new_chip "$rpmbd" "$ctl"
register_at_once SN-5 SN-5
[ "$first$second" = 00 ] || { echo "ended with $first and $second"; cat "$work/err"; exit 1; }
expect 0 "$ctl" --json device info
says '"generation":1'
new_chip "$rpmbd" "$ctl"
register_at_once SN-6 SN-7
case $first,$second in
  0,4[34] | 4[34],0) ;;
  *) echo "ended with $first and $second"; cat "$work/err"; exit 1 ;;
esac

step "somebody else's registrar in the place of ours"
stop_rpmbd
sed -i "s|^escrow = .*|escrow = \"none\"|" "$work/rpmbd.toml" # which it could not read
new_chip "$rpmbd" "$ctl"
stop_registrar
cp -r "$registrar" "$work/kept"
rm -rf "$registrar/state" "$registrar"/{vendor,verifier,operator,master} && mkdir "$registrar/state"
in_registrar "$activationd" init
in_registrar "$activationd" credential add false-vendor --role vendor --output "$registrar/vendor"
start_registrar "$activationd"
expect 48 register_device "$ctl" M1 SN-9
stop_registrar

step "nobody there"
expect 53 "$ctl" register --model M1 --sn SN-9 --app wx1 --sn-ticket-file "$work/no-ticket"
echo "all well"
