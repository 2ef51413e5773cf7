#!/bin/bash
# registrar_disk_test.sh RPMBD SIGNETCTL ACTIVATIOND: the disk of the registrar is full in the middle of a registration. It
# says so, and the same command goes on when there is room. Needs the right to mount a small file system (77: skipped).
set -euo pipefail
rpmbd=$1 ctl=$2 activationd=$3
. "$(dirname "$0")/private_rpmbd.sh"
. "$(dirname "$0")/private_registrar.sh"

register() { "$ctl" register --model M1 --sn SN-1 --app wx1 --sn-ticket-file "$work/sn-ticket"; }

mkdir -p "$registrar/state"
mount -t tmpfs -o size=2m,mode=700 tmpfs "$registrar/state" 2>"$work/err" || { echo "skipped: $(cat "$work/err")"; exit 77; }
trap 'stop_registrar; umount -l "$registrar/state"; cleanup' EXIT
make_registrar "$activationd"
start_registrar "$activationd"
start_bus
add_registrar_to_rpmbd
new_chip "$rpmbd" "$ctl"
sn_ticket "$ctl" M1 SN-1 >"$work/sn-ticket"

head -c 4m /dev/zero >"$registrar/state/filler" 2>"$work/err" || true
status=0
register 2>"$work/err" || status=$?
[ $status = 36 ] || { echo "ended with $status, not with no_space:"; cat "$work/err"; exit 1; }
rm "$registrar/state/filler"
register
echo "all well"
