# To be sourced by test scripts: a system bus of their own, and rpmbd on it with an emulated chip. Everything lives in
# $work and ends with the script.
#   start_bus; start_rpmbd RPMBD SIGNETCTL; new_chip RPMBD SIGNETCTL; stop_rpmbd [SIGNAL]

work=$(mktemp -d)
root_secret=$work/root-secret # made when it is missing; a script may name another
bus="" daemon=""
cleanup() {
  if [ -n "$daemon" ]; then
    kill "$daemon" 2>/dev/null || true
    kill -CONT "$daemon" 2>/dev/null || true # it may be stopped
  fi
  [ -z "$bus" ] || kill "$bus" 2>/dev/null || true
  wait
  rm -rf "$work"
}
trap cleanup EXIT

start_bus() {
  export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$work/bus"
  cat >"$work/bus.conf" <<END
<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig><type>system</type><listen>$DBUS_SYSTEM_BUS_ADDRESS</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
END
  mkfifo "$work/ready"
  dbus-daemon --config-file="$work/bus.conf" --nofork --nopidfile --print-address=3 3>"$work/ready" 2>"$work/bus.log" &
  bus=$!
  read -r _ <"$work/ready"
}

write_config() {
  mkdir -p "$work/state"
  [ -e "$root_secret" ] || (umask 077 && head -c 32 /dev/urandom >"$root_secret")
  cat >"$work/rpmbd.toml" <<END
[chip]
transport = "emulator"
[emulator]
file = "$work/chip"
[root]
file = "$root_secret"
[[client]]
user = "$(id -un)"
namespace = "test"
rights = ["store", "keys", "counters", "evidence", "admin"]
writes_per_day = 100000
END
}

# Returns when the daemon has looked at the chip.
start_rpmbd() {
  [ -e "$work/rpmbd.toml" ] || write_config
  "$1" --config "$work/rpmbd.toml" --state-dir "$work/state" >>"$work/rpmbd.log" 2>&1 &
  daemon=$!
  tries=0
  until "$2" status --json 2>/dev/null | grep -q '"cid":"'; do
    tries=$((tries + 1))
    [ $tries -lt 300 ] || { cat "$work/rpmbd.log"; echo "rpmbd does not answer"; exit 1; }
    sleep 0.1
  done
}

# shellcheck disable=SC2120 # some scripts name a signal
stop_rpmbd() {
  kill "-${1:-TERM}" "$daemon"
  wait "$daemon" 2>/dev/null || true
  daemon=
}

# new_chip RPMBD SIGNETCTL: another device: its chip is blank, then provisioned.
new_chip() {
  [ -z "$daemon" ] || stop_rpmbd
  rm -rf "$work/chip" "$work/state"
  mkdir "$work/state"
  start_rpmbd "$1" "$2"
  "$2" chip provision --cid "$(chip_cid "$2")" --root-backup none-accepted --yes >"$work/provisioned" 2>&1
}

chip_cid() { "$1" status --json | sed -n 's/.*"cid":"\([0-9a-f]*\)".*/\1/p'; }
