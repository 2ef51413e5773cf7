#!/bin/sh
# cli_fmdn_test.sh SIGNETCTL: signetctl fmdn without a radio, as a script would use it.
set -eu
ctl=$1
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export XDG_DATA_HOME="$work/data" DBUS_SYSTEM_BUS_ADDRESS="unix:path=$work/nowhere"

step() { echo "== $*"; }
# expect STATUS COMMAND...: the exit status must be this one; output in $work/out, errors in $work/err.
expect() {
  wanted=$1
  shift
  status=0
  "$@" >"$work/out" 2>"$work/err" || status=$?
  [ "$status" = "$wanted" ] || { echo "FAILED ($status instead of $wanted): $*"; cat "$work/out" "$work/err"; exit 1; }
}
says() { grep -qe "$1" "$work/out" || { echo "FAILED: no '$1' in the output:"; cat "$work/out"; exit 1; }; }
complains() { grep -qe "$1" "$work/err" || { echo "FAILED: no '$1' in the errors:"; cat "$work/err"; exit 1; }; }

step "a frame, and whose it is"
(umask 077 && head -c 32 /dev/urandom >"$work/eik")
expect 0 "$ctl" fmdn frame --eik "$work/eik" --clock 1048576 --battery low
frame=$(cat "$work/out")
expect 0 "$ctl" fmdn decode "$frame"
says "FMDN  *EID [0-9a-f]\{40\}, near its owner"
expect 0 "$ctl" fmdn resolve "$frame" --eik "$work/eik" --clock 1050000
says "battery  *low"
expect 4 "$ctl" fmdn resolve "$frame" --eik "$work/eik" --clock 9050000
complains "larger --window"

step "a key on the standard input"
"$ctl" fmdn eid --eik - --clock 1048576 <"$work/eik" >"$work/eid"
expect 0 "$ctl" fmdn eid --eik "$work/eik" --clock 1048576
cmp -s "$work/eid" "$work/out" || { echo "FAILED: another identifier"; exit 1; }

step "a place, sealed and opened"
printf '48.137 11.575' >"$work/place"
expect 0 "$ctl" fmdn seal "$(cat "$work/eid")" --file "$work/place"
cp "$work/out" "$work/report"
expect 0 "$ctl" fmdn open --eik "$work/eik" --clock 1048576 --file "$work/report"
cmp -s "$work/place" "$work/out" || { echo "FAILED: another place"; exit 1; }
sed 's/"tag":"\(.\)/"tag":"\1\1/; s/\(.\)"}$/"}/' "$work/report" >"$work/damaged"
expect 7 "$ctl" fmdn open --eik "$work/eik" --clock 1048576 --file "$work/damaged"

step "the keyring"
expect 0 "$ctl" fmdn devices
says "$work/data/signet/keyring is empty"
mkdir -p "$work/data/signet"
(umask 077 && echo "is no keyring" >"$work/data/signet/keyring")
echo "correct horse" >"$work/phrase"
expect 40 "$ctl" fmdn --keyring-passphrase-fd 3 devices 3<"$work/phrase"
complains "the file is no keyring"
chmod 644 "$work/data/signet/keyring"
expect 35 "$ctl" fmdn --keyring-passphrase-fd 3 devices 3<"$work/phrase"
complains "chmod 600"

step "no radio: what is missing is named"
rm "$work/data/signet/keyring"
expect 16 "$ctl" fmdn scan
complains "bluetoothd"
complains "no system bus"
expect 4 "$ctl" fmdn unprovision bag
complains "no device 'bag'"

step "words that are none"
expect 2 "$ctl" fmdn
complains "a command is missing"
expect 2 "$ctl" fmdn rign bag
complains "no command 'signetctl fmdn rign'"
expect 2 "$ctl" store nonsense
complains "no command 'signetctl store nonsense'"
expect 4 "$ctl" fmdn ring bag
complains "no device 'bag'"
echo "all well"
