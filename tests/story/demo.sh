#!/usr/bin/env bash
# The story of one device, told by running it: usage demo.sh BUILD_DIR. Everything lives in a temporary folder and is gone at the end.
# The storage chip is an emulated one in a file; every program is the real one.
set -euo pipefail
build=$(readlink -f "$1")
. "$(dirname "$0")/../bus/private_rpmbd.sh"
. "$(dirname "$0")/../bus/private_registrar.sh"
. "$(dirname "$0")/../bus/private_beacon.sh"
root_secret=$work/system/etc/signet/root-secret
export PATH=$build/clients/signetctl:$build/daemons/activationd:$build/daemons/rpmbd:$build/daemons/rpmbd/provision_tool:$build/daemons/fmdnd:$build/tests/bus:$PATH

bold() { printf '\n\033[1m%s\033[0m\n' "$*"; }
tell() { printf '%s\n' "$*" | fold -s -w 100; }
show() { printf '\033[2m$ %s\033[0m\n' "$*" >&3; "$@"; }
exec 3>&1  # what show() announces is not part of a pipe
fail() { printf 'demo: %s\n%s\n' "$1" "$(tail -qn 20 "$work"/*.log 2>/dev/null)" >&2; exit 1; }

bold "1. A device"
tell "Every phone or board with eMMC or UFS storage has a small hidden area in its storage chip, called RPMB. Once a" \
     "secret key is burnt into the chip, it accepts only writes signed with that key, counts each one, and signs its" \
     "answers. Nobody can change what is there unnoticed, or bring back an older copy. This demo uses a chip in a file;" \
     "everything else is the real thing: the daemon rpmbd, which owns the chip, and signetctl, which talks to it."
cd "$work"
start_bus

bold "2. A secret to begin with"
tell "All keys of this device come from one random root secret. It is made once, and kept a copy of: who loses it, loses the chip."
mkdir -p system/etc/signet
show rpmbd-provision --root system create --to file | head -2
show rpmbd-provision --root system backup backup | head -1
start_rpmbd rpmbd signetctl

bold "3. Burning the key: once, for ever, and only when told to"
show signetctl chip provision --dry-run --root-backup=backup
cid=$(chip_cid signetctl)
show signetctl chip provision --cid "$cid" --root-backup=backup --yes | tail -1
show signetctl status

bold "4. Objects: encrypted on the chip, safe from power cuts and from being set back"
printf 'wifi=home psk=example' | signetctl store put settings
tell "Stored 'settings'. Reading it back:"
show signetctl store get settings; echo
tell "Its text is nowhere in the chip's file:"
if grep -qa 'wifi=home' "$work/chip"; then fail "the object stands in clear on the chip"; else tell "  (not found: it is encrypted)"; fi

bold "5. Keys that sign and never leave the daemon"
show signetctl key generate device-key
echo 'I am device 4711.' > letter
signetctl sign device-key --file letter > letter.sig
show signetctl verify device-key --signature letter.sig --file letter
echo 'I am device 4712.' > forged
tell "And a letter with one digit changed:"
if signetctl verify device-key --signature letter.sig --file forged; then fail "a forged letter was accepted"; fi

bold "6. Proof that this very chip answered"
tell "A verifier sends fresh random octets; the chip itself signs an answer to them. An old answer does not fit new octets."
head -c 32 /dev/urandom > challenge
signetctl evidence get --file challenge > evidence
show signetctl evidence verify --file challenge --frames evidence
head -c 32 /dev/urandom > challenge2
if signetctl evidence verify --file challenge2 --frames evidence; then fail "stale evidence was accepted"; fi

bold "7. Pulling the plug"
tell "A program writes numbers as fast as it can and notes each one that was acknowledged. In the middle of it rpmbd is killed" \
     "with kill -9, three times, each time started again."
acknowledged=0
: > acknowledged
for round in 1 2 3; do
  (
    n=$(wc -l < acknowledged)
    while printf '%s' "number $((n + 1))" | signetctl --timeout 5 store put "number-$(((n + 1) % 50))" 2>/dev/null; do
      n=$((n + 1))
      echo "$n" >> acknowledged
    done
  ) &
  writer=$!
  until [ "$(wc -l < acknowledged)" -ge $((acknowledged + 30 + RANDOM % 30)) ]; do sleep 0.01; done
  stop_rpmbd KILL
  wait "$writer" || true
  acknowledged=$(wc -l < acknowledged)
  start_rpmbd rpmbd signetctl
  printf '  killed after %s acknowledged writes; ' "$acknowledged"
  for n in $(seq $((acknowledged > 49 ? acknowledged - 48 : 1)) "$acknowledged"); do
    [ "$(signetctl store get "number-$((n % 50))")" = "number $n" ] ||
      fail "round $round: write $n was acknowledged and is lost"
  done
  echo "started again: all of them are there."
done
show signetctl store get settings; echo

bold "8. A server that knows this device"
tell "The vendor runs a registrar, activationd: over TLS it takes the device's proofs, gives it a certificate, and keeps the" \
     "chip's key, encrypted to it, so that it can check what the chip itself has signed. The device's own configuration says which" \
     "registrar that is; no program on the device can change it. The factory gets a ticket for one serial number:"
make_registrar activationd
start_registrar activationd
export SIGNET_REGISTRAR=$registrar_url
stop_rpmbd
add_registrar_to_rpmbd
start_rpmbd rpmbd signetctl
sn_ticket signetctl lamp-1 SN-0001 > sn-ticket
show signetctl register --model lamp-1 --sn SN-0001 --app com.example.lamp --sn-ticket-file sn-ticket
show signetctl device info

bold "9. A ticket: this device, now"
tell "A service sends a nonce; the device answers with a ticket, signed by its key and, in it, by its chip. Anybody with the" \
     "registrar's certificate can check the signature; the registrar checks both:"
# new_ticket FILE: over a new nonce of the registrar.
new_ticket() {
  local nonce
  nonce=$(as verifier signetctl --json nonce --audience https://shop.example | sed -n 's/.*"nonce":"\([^"]*\)".*/\1/p')
  signetctl ticket get --audience https://shop.example --nonce "$nonce" > "$1"
}
verify_ticket() {
  show signetctl registrar --ca registrar/tls.crt --credential-file registrar/verifier verify \
    --audience https://shop.example --file "$1"
}
new_ticket ticket
as verifier signetctl crl emulated -o emulated.crl
show signetctl ticket verify --ca registrar/ca.pem --crl emulated.crl --audience https://shop.example --file ticket
verify_ticket ticket
tell "The same ticket once more, by somebody who has overheard it:"
if verify_ticket ticket; then fail "a ticket was accepted twice"; fi

bold "10. A copied chip"
tell "Somebody copies this emulated chip with all its secrets. The original writes once; from then on the copy gives itself away:"
stop_rpmbd
cp chip copied-chip
start_rpmbd rpmbd signetctl
printf 'on' | signetctl store put lamp
new_ticket ticket
verify_ticket ticket || fail "the original is not accepted"
stop_rpmbd
mv chip original-chip
mv copied-chip chip
start_rpmbd rpmbd signetctl
new_ticket ticket
if verify_ticket ticket; then fail "a copy was accepted"; fi
stop_rpmbd
mv original-chip chip
start_rpmbd rpmbd signetctl

bold "11. A false registrar"
tell "Somebody puts his own registrar in the place of the vendor's, behind the same name and with the same TLS certificate." \
     "What the device sends is encrypted to the vendor's; what this one answers, rpmbd would not believe:"
stop_registrar
mv registrar vendor
mkdir -p registrar/state
cp vendor/activationd.toml vendor/tls.* vendor/ca.pem registrar
in_registrar activationd init > /dev/null
in_registrar activationd credential add false-vendor --role vendor --output registrar/vendor > /dev/null
start_registrar activationd
sn_ticket signetctl lamp-1 SN-0001 > sn-ticket
if show signetctl register --model lamp-1 --sn SN-0001 --app com.example.lamp --sn-ticket-file sn-ticket; then
  fail "a false registrar was believed"
fi
stop_registrar
rm -r registrar
mv vendor registrar
start_registrar activationd

bold "12. Anything wrong?"
show signetctl doctor

bold "13. A lamp that can be found"
tell "fmdnd makes a device with Bluetooth an accessory of the Find My Device network: phones that pass by report where they have" \
     "seen it, and only its owner can read that. Here both ends of the air are simulated, so that no Bluetooth is needed: the lamp" \
     "is fmdnd at one adapter, with its keys on the chip; its owner, who needs no phone, is signetctl at the other. Somebody puts" \
     "the lamp into pairing mode, and the owner becomes its owner:"
make_beacon
start_fake_bluez fake_bluez
start_fmdnd fmdnd
show signetctl beacon pairing
# at_hci1 COMMAND...: shown without what is the same each time, the radio and the keyring.
at_hci1() {
  printf '\033[2m$ signetctl fmdn %s\033[0m\n' "$*" >&3
  owner signetctl "$@" 2>>"$work/owner.log" || fail "signetctl fmdn $1 has failed"
}
at_hci1 pair lamp --antispoofing-key model.pem
at_hci1 provision lamp
at_hci1 state lamp
tell "It has to be somewhere under the bed:"
at_hci1 ring lamp --seconds 60
wait_for_sound start
at_hci1 stop lamp
wait_for_sound stop
tell "What the lamp itself says:"
show signetctl beacon status

bold "14. Seen by somebody else"
tell "A passer-by has none of these keys, and sees identifiers, each for 17 minutes:"
at_hci1 scan --seconds 2 | tee seen
eid=$(sed -n 's/.*FMDN: EID \([0-9a-f]*\),.*/\1/p' seen)
[ -n "$eid" ] || fail "the beacon is not on the air"
tell "The phone of the passer-by seals the place for the owner of that identifier, whoever it may be, and can itself not open it:"
echo '48.137 N, 11.575 E' | at_hci1 seal "$eid" > report.json
tell "The owner finds out whose it is, and reads the place:"
at_hci1 resolve "$eid"
at_hci1 open --file report.json | tee place
grep -qx '48.137 N, 11.575 E' place || fail "the place is another one"
echo
tell "That was the whole story: provisioned, stored, signed, verified, proven, killed three times in mid-write, nothing lost;" \
     "registered, vouched for, a copy and a false registrar found out; paired, rung, seen and found again."
