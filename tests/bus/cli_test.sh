#!/bin/sh
# cli_test.sh RPMBD SIGNETCTL: signetctl from the first look to a crash, as a script would use it.
set -eu
rpmbd=$1 ctl=$2
. "$(dirname "$0")/private_rpmbd.sh"

step() { echo "== $*"; }
# expect STATUS COMMAND...: the exit status must be this one; output in $work/out, errors in $work/err.
expect() {
  wanted=$1
  shift
  status=0
  "$@" >"$work/out" 2>"$work/err" </dev/null || status=$?
  [ "$status" = "$wanted" ] || { echo "FAILED ($status instead of $wanted): $*"; cat "$work/out" "$work/err"; exit 1; }
}
says() { grep -qe "$1" "$work/out" || { echo "FAILED: no '$1' in the output:"; cat "$work/out"; exit 1; }; }
complains() { grep -qe "$1" "$work/err" || { echo "FAILED: no '$1' in the errors:"; cat "$work/err"; exit 1; }; }

step "no bus, no daemon"
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$work/nowhere"
expect 16 "$ctl" status
complains "the system bus cannot be reached"
start_bus
expect 16 "$ctl" status
complains "systemctl start rpmbd"
expect 1 "$ctl" doctor
says "FAIL *daemon"

step "a chip without a key"
start_rpmbd "$rpmbd" "$ctl"
cid=$(chip_cid "$ctl")
expect 0 "$ctl" status
says "not_provisioned"
expect 1 "$ctl" doctor
says "FAIL *provisioned"
says "signetctl chip provision --dry-run"
expect 20 "$ctl" store ls

step "provisioning asks for everything first"
expect 0 "$ctl" chip provision --dry-run
says "Nothing was changed"
expect 2 "$ctl" chip provision
complains "--cid is required"
expect 2 "$ctl" chip provision --cid "$cid"
complains "--root-backup is required"
expect 3 "$ctl" chip provision --cid 00000000000000000000000000000000 --root-backup none-accepted --yes
expect 3 "$ctl" chip provision --cid "$cid" --root-backup none-accepted
complains "--yes"
expect 4 "$ctl" chip provision --cid "$cid" --root-backup "$work/nothing" --yes
expect 0 "$ctl" status
says "not_provisioned"

step "provisioning with a proven backup"
{
  echo "signet-root-backup/1"
  od -An -v -tx1 "$work/root-secret" | tr -d ' \n'
  echo
  "$ctl" chip provision --dry-run --json | sed 's/.*"root_check":"\([0-9a-f]*\)".*/\1/'
} >"$work/backup"
chmod 600 "$work/backup"
sed '2s/^..../0000/; 3s/.*/0000000000000000/' "$work/backup" >"$work/damaged"
chmod 600 "$work/damaged"
expect 3 "$ctl" chip provision --cid "$cid" --root-backup "$work/damaged" --yes
expect 0 "$ctl" chip provision --cid "$cid" --root-backup "$work/backup" --yes
says "Provisioned"
expect 5 "$ctl" chip provision --cid "$cid" --root-backup none-accepted --yes
expect 1 "$ctl" chip provision --dry-run
expect 0 "$ctl" doctor
says "0 failed"

step "objects"
head -c 5000 /dev/urandom >"$work/binary"
"$ctl" store put binary <"$work/binary"
"$ctl" store get binary | cmp - "$work/binary"
expect 0 "$ctl" store get binary --output "$work/copy"
cmp "$work/binary" "$work/copy"
expect 0 "$ctl" store ls --json
says '{"objects":\[{"name":"binary","size":5000}\]}'
expect 0 "$ctl" store usage --json
says '"max_objects":64'
expect 4 "$ctl" store get nothing --json
says '"error":{"code":4,"name":"not_found","category":"fix_request"'
expect 3 "$ctl" store put .hidden
expect 0 "$ctl" completion objects
says '^binary$'
printf x | "$ctl" store put small
expect 0 "$ctl" store rm small
expect 4 "$ctl" store rm small

step "keys"
expect 0 "$ctl" key generate device
expect 5 "$ctl" key generate device
complains "already_exists: there is a key 'device' already in namespace 'test'"
expect 4 "$ctl" sign nothing --file "$work/binary"
complains "no key 'nothing' in namespace 'test'; 'signetctl key ls' lists what there is"
expect 0 "$ctl" key generate mac --algorithm hmac-sha256
expect 0 "$ctl" key ls
says "hmac-sha256 *mac"
for format in raw der base64; do
  expect 0 "$ctl" sign device --file "$work/binary" --format $format --output "$work/signature"
  expect 0 "$ctl" verify device --file "$work/binary" --signature "$work/signature"
  expect 7 "$ctl" verify device --file "$work/bus.conf" --signature "$work/signature"
done
expect 0 "$ctl" key public device --output "$work/device.pem"
expect 0 "$ctl" verify --public-key "$work/device.pem" --file "$work/binary" --signature "$work/signature"
if command -v openssl >/dev/null; then
  "$ctl" sign device --file "$work/binary" --format der --output "$work/signature.der"
  openssl dgst -sha256 -verify "$work/device.pem" -signature "$work/signature.der" "$work/binary"
fi
expect 37 "$ctl" key public mac
expect 4 "$ctl" sign nobody --file "$work/binary"

step "counters"
first=$("$ctl" counter create starts)
second=$("$ctl" counter increment starts)
[ "$second" -gt "$first" ]
expect 0 "$ctl" counter read starts --json
says "{\"name\":\"starts\",\"value\":$second}"
expect 0 "$ctl" counter rm starts
[ "$("$ctl" counter create starts)" -gt "$second" ] || { echo "FAILED: a counter came back"; exit 1; }

step "evidence"
printf 'fresh octets' >"$work/fresh"
expect 0 "$ctl" evidence get --file "$work/fresh" --output "$work/frames"
[ "$(wc -c <"$work/frames")" = 2560 ]
expect 0 "$ctl" evidence verify --file "$work/fresh" --frames "$work/frames"
says "genuine"
expect 7 "$ctl" evidence verify --file "$work/binary" --frames "$work/frames"
expect 0 "$ctl" chip decode-frame --file "$work/frames"
says "frame 5 of 5"

step "the daemon is killed, and nothing is lost"
stop_rpmbd KILL
expect 16 "$ctl" store get binary
start_rpmbd "$rpmbd" "$ctl"
"$ctl" store get binary | cmp - "$work/binary"
expect 0 "$ctl" verify device --file "$work/binary" --signature "$work/signature"

step "another user gets nothing"
if [ "$(id -u)" = 0 ] && command -v setpriv >/dev/null; then
  chmod 711 "$work"
  expect 8 setpriv --reuid=65534 --clear-groups "$ctl" store ls
  expect 1 setpriv --reuid=65534 --clear-groups "$ctl" doctor
  says "FAIL *policy"
  says "\[\[client\]\]"
else
  echo "skipped: needs root"
fi

step "an administrator without a store is told of every namespace"
expect 0 "$ctl" doctor
says "ok *quotas *there is room"
stop_rpmbd
cp "$work/rpmbd.toml" "$work/kept.toml"
cat >"$work/rpmbd.toml" <<END
$(sed '/^\[\[client\]\]/,$d' "$work/kept.toml")
[[client]]
user = "$(id -un)"
namespace = "boss"
rights = ["admin"]
[[client]]
user = "daemon"
namespace = "test"
rights = ["store"]
objects = 1
END
start_rpmbd "$rpmbd" "$ctl"
expect 1 "$ctl" doctor
says "objects of namespace test are used"
stop_rpmbd
mv "$work/kept.toml" "$work/rpmbd.toml"
start_rpmbd "$rpmbd" "$ctl"

step "a new root secret is noticed, the old one restored"
stop_rpmbd
mv "$work/root-secret" "$work/kept"
(umask 077 && head -c 32 /dev/urandom >"$work/root-secret")
start_rpmbd "$rpmbd" "$ctl"
expect 1 "$ctl" doctor
says "root_secret_changed"
mv "$work/kept" "$work/root-secret"
expect 0 "$ctl" chip refresh
says "ready"

step "formatting"
expect 0 "$ctl" chip format --cid "$cid" --region 256KiB --yes
expect 0 "$ctl" store ls --json
says '{"objects":\[\]}'
expect 0 "$ctl" chip info --json
says '"region":262144'
expect 0 "$ctl" metrics
says "^signet_rpmb_"
expect 0 "$ctl" selftest
says "0 failed"
step "the daemon names file, line and key of a malformed configuration, as doctor relies on"
echo 'frobnicate = 1' >>"$work/rpmbd.toml"
expect 1 "$rpmbd" --check-config --config "$work/rpmbd.toml"
cat "$work/err" >>"$work/out"
says "config_invalid: .*$work/rpmbd.toml:[0-9]*: client.frobnicate: unknown key"
echo "all well"
