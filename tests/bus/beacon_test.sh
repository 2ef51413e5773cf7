#!/bin/bash
# beacon_test.sh RPMBD SIGNETCTL FMDND FAKE_BLUEZ: a beacon and its owner, every program the real one, over an air that
# is not. The story of the demo with checks, and what a stranger to the programs meets.
set -euo pipefail
rpmbd=$1 ctl=$2 fmdnd=$3 fake=$4
. "$(dirname "$0")/private_rpmbd.sh"
. "$(dirname "$0")/private_beacon.sh"

step() { echo "== $*"; }
# expect STATUS COMMAND...: output in $work/out, errors in $work/err.
expect() {
  local wanted=$1 status=0
  shift
  "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" = "$wanted" ] ||
    { echo "FAILED ($status instead of $wanted): $*"; cat "$work/out" "$work/err" "$work/fmdnd.log"; exit 1; }
}
says() { grep -qe "$1" "$work/out" || { echo "FAILED: no '$1' in the output:"; cat "$work/out"; exit 1; }; }
complains() { grep -qe "$1" "$work/err" || { echo "FAILED: no '$1' in the errors:"; cat "$work/err"; exit 1; }; }
json() { sed -n "s/.*\"$1\":\"\\([^\"]*\\)\".*/\\1/p" "$work/out"; }
it() { owner "$ctl" "$@"; }

start_bus
make_beacon

step "without bluetoothd"
expect 16 it scan
complains "Is bluetoothd running"

step "without fmdnd"
expect 16 "$ctl" beacon status
complains "fmdnd is not running; start it with systemctl start fmdnd"

step "an adapter that is not there, and nothing on the air"
start_fake_bluez "$fake"
expect 4 "$ctl" fmdn --adapter hci7 scan
complains "no Bluetooth adapter hci7"
expect 0 it scan --seconds 0.5
says ADDRESS # and nothing below
[ "$(wc -l <"$work/out")" = 1 ]
expect 13 it --timeout 1 pair lamp --antispoofing-key "$work/model.pem"
complains "pairing mode"

step "a lamp, with its keys behind the chip's key"
new_chip "$rpmbd" "$ctl"
start_fmdnd "$fmdnd"
[[ $(fmdnd_is State) = *factory* ]]
[[ $(fmdnd_is Store) = *rpmbd* ]]
expect 0 "$ctl" beacon status
says "factory: nobody owns it"
says "behind rpmbd"
says "flags_last: bluetoothd sends the flags after"
expect 2 "$ctl" beacon pairing --seconds 601
expect 4 "$ctl" beacon identify
complains "no owner"
expect 3 "$ctl" beacon reset </dev/null
complains "needs --yes"

step "out of pairing mode nobody gets it"
expect 13 it --timeout 1 pair lamp --antispoofing-key "$work/model.pem"
expect 0 "$ctl" beacon pairing --seconds 120
expect 0 "$ctl" --json beacon status
says '"windows":\["pairing"\]'
expect 0 "$ctl" beacon pairing --stop
expect 0 "$ctl" --json beacon status
says '"windows":\[\]'
expect 0 "$ctl" beacon pairing

step "pairs with the model's key, and with no other"
openssl ecparam -name prime256v1 -genkey -noout -out "$work/false.key"
openssl ec -in "$work/false.key" -pubout -out "$work/false.pem" 2>"$work/openssl.log"
expect 7 it --timeout 3 pair lamp --antispoofing-key "$work/false.pem"
complains "anti-spoofing"
expect 0 it pair lamp --antispoofing-key "$work/model.pem"
says "signetctl fmdn provision lamp"
wait_for_fmdnd State paired
expect 4 it ring lamp
complains "not provisioned"

step "is provisioned, and on the air as computed"
expect 0 it provision lamp
wait_for_fmdnd State provisioned
expect 0 it --json scan --seconds 1
frame=$(json octets | grep '^40')
expect 0 it --json frame --device lamp
[ "$(json frame)" = "0201061916aafe$frame" ] || { echo "FAILED: $frame is not what $(cat "$work/out") says"; exit 1; }
expect 0 it --json state lamp
says '"owner":true'

step "rings and stops"
expect 0 it ring lamp --seconds 60
wait_for_sound "^start 1 0"
expect 0 it --json state lamp
says '"ringing":\["'
expect 0 it stop lamp
wait_for_sound "^stop"
expect 0 it ring lamp --seconds 1 --wait
wait_for_sound "^stop"

step "is seen by somebody else, and found by its owner"
printf '48.137 11.575' >"$work/place"
expect 0 "$ctl" fmdn seal "$frame" --file "$work/place"
cp "$work/out" "$work/report"
expect 0 it --json resolve "$frame"
[ "$(json device)" = lamp ]
expect 0 it open --file "$work/report"
cmp "$work/out" "$work/place"
expect 4 "$ctl" fmdn --keyring "$work/other" --keyring-key "$work/owner.key" open --file "$work/report"
complains "holds no provisioned device"

step "somebody else's protection, and the consent that a key needs"
expect 0 it utp on lamp
expect 0 it --json scan --seconds 1
[ -n "$(json octets | grep '^41')" ]
expect 0 it utp off lamp
expect 8 it recover lamp
complains "consent"
expect 0 "$ctl" beacon consent --seconds 60
expect 0 it recover lamp

step "its own switches"
expect 0 "$ctl" beacon ring --seconds 60
wait_for_sound "^start 1 0"
expect 0 "$ctl" --json beacon stop
says '"ringing":\[\]'
wait_for_sound "^stop"
expect 0 "$ctl" beacon identify
expect 0 "$ctl" beacon nfc-url
says '^https://find-my.googleapis.com/lookup?e=[0-9a-f]\{36\}&pid=00000000009266e8$'
expect 0 "$ctl" beacon pause
expect 0 "$ctl" beacon status
says "paused: off the air"
expect 0 it scan --seconds 0.5
if grep -q FMDN "$work/out"; then echo "FAILED: it is on the air in a pause"; exit 1; fi
expect 0 "$ctl" beacon resume
expect 37 "$ctl" beacon pairing
complains "reset"

step "is killed, and is what it was"
stop_fmdnd KILL
start_fmdnd "$fmdnd"
[[ $(fmdnd_is State) = *provisioned* ]]
expect 0 it --json state lamp
says '"owner":true'

step "bluetoothd comes back, and the beacon with it"
stop_fake_bluez
expect 16 it ring lamp
start_fake_bluez "$fake"
expect 0 it --timeout 10 ring lamp --seconds 1

step "is given up"
expect 0 it unprovision lamp --yes
wait_for_fmdnd State factory
expect 0 "$ctl" beacon reset --yes
says "Forgotten"
expect 0 it scan --seconds 0.5
if grep -q FMDN "$work/out"; then echo "FAILED: it is on the air"; exit 1; fi
echo "all well"
