#!/bin/bash
# registration_load_test.sh LOAD SIGNETCTL ACTIVATIOND [DEVICES]: that many devices register over TLS, and activationd is
# killed with -9 three times meanwhile. Each ends registered exactly once.
set -euo pipefail
load=$1 ctl=$2 activationd=$3 devices=${4:-10000}
. "$(dirname "$0")/../bus/private_rpmbd.sh"
. "$(dirname "$0")/../bus/private_registrar.sh"

make_registrar "$activationd"
start_registrar "$activationd"

exec 4< <("$load" "$registrar_url" "$registrar/tls.crt" "$registrar/ca.pem" "$registrar/escrow.pem" \
  "$registrar/vendor" "$registrar/operator" "$devices" 16 || echo failed)
kills=0
while read -r line <&4; do
  case $line in
    registered\ *)
      if [ $kills -lt 3 ] && [ "${line#* }" -ge $(((kills + 1) * devices / 4)) ]; then
        stop_registrar KILL
        start_registrar "$activationd"
        kills=$((kills + 1))
      fi
      ;;
    *) echo "$line" && last=$line ;;
  esac
done
[ "$last" != failed ] || { tail -n 20 "$registrar/log"; exit 1; }
[ $kills = 3 ] || { echo "activationd was killed $kills times only"; exit 1; }
as operator "$ctl" audit --limit 1 >"$work/audit" # it still answers
echo "load: $devices devices registered exactly once, with 3 kills of activationd"
