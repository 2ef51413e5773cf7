#!/bin/sh
# installed_test.sh BUILD SOURCE RPMBD [FLAGS]: installs libsignet into a staging root, builds outside programs against
# that by pkg-config and by CMake, and runs them on a private bus against a real rpmbd with an emulated chip.
set -eu
build=$1 source=$2 rpmbd=$3 flags=${4:-}
work=$(mktemp -d)
bus= daemon=
cleanup() {
  [ -z "$daemon" ] || kill "$daemon" 2>/dev/null || true
  [ -z "$bus" ] || kill "$bus" 2>/dev/null || true
  rm -rf "$work"
}
trap cleanup EXIT

echo "== install"
for component in libsignet libsignet-dev; do
  DESTDIR="$work/root" cmake --install "$build" --component "$component" >"$work/install.log" 2>&1 ||
    { cat "$work/install.log"; exit 1; }
done
pc=$(find "$work/root" -name signet.pc)
lib=$(dirname "$(dirname "$pc")")
export PKG_CONFIG_PATH="${pc%/*}" PKG_CONFIG_SYSROOT_DIR="$work/root" LD_LIBRARY_PATH="$lib"

echo "== pkg-config, C17 and C++17"
cc $flags -std=c17 -pedantic -Wall -Wextra -Werror "$source/tests/abi/consumer/consumer_c.c" \
  $(pkg-config --cflags --libs signet) -o "$work/pc_c"
c++ $flags -std=c++17 -pedantic -Wall -Wextra -Werror "$source/tests/abi/consumer/consumer_cpp.cpp" \
  $(pkg-config --cflags --libs signet) -o "$work/pc_cpp"

echo "== CMake package"
cmake -S "$source/tests/abi/consumer" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$lib/.." -DCMAKE_C_FLAGS="$flags" \
  -DCMAKE_CXX_FLAGS="$flags" \
  -DEXAMPLES="$source/clients/examples/boot_counter.c;$source/clients/examples/event_loop.c;$source/clients/examples/sealed_config.cpp" \
  >"$work/cmake.log" 2>&1 && cmake --build "$work/cmake" >>"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; exit 1; }

echo "== rpmbd on a private bus"
export DBUS_SYSTEM_BUS_ADDRESS="unix:path=$work/bus"
cat >"$work/bus.conf" <<END
<busconfig><type>system</type><listen>$DBUS_SYSTEM_BUS_ADDRESS</listen>
<policy context="default"><allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/></policy>
</busconfig>
END
mkdir "$work/state"
(umask 077 && head -c 32 /dev/urandom >"$work/root-secret")
cat >"$work/rpmbd.toml" <<END
[chip]
transport = "emulator"
[emulator]
file = "$work/chip"
[root]
file = "$work/root-secret"
[[client]]
user = "$(id -un)"
namespace = "test"
rights = ["store", "keys", "counters", "evidence", "admin"]
writes_per_day = 100000
END
mkfifo "$work/ready"
dbus-daemon --config-file="$work/bus.conf" --nofork --nopidfile --print-address=3 3>"$work/ready" &
bus=$!
read -r _ <"$work/ready"
"$rpmbd" --config "$work/rpmbd.toml" --state-dir "$work/state" >"$work/rpmbd.log" 2>&1 &
daemon=$!
ctl="$build/clients/signetctl/signetctl"
tries=0
until cid=$("$ctl" status --json 2>/dev/null | sed -n 's/.*"cid":"\([0-9a-f]*\)".*/\1/p') && [ -n "$cid" ]; do
  tries=$((tries + 1))
  [ $tries -lt 300 ] || { cat "$work/rpmbd.log"; echo "rpmbd does not answer"; exit 1; }
  sleep 0.1
done
"$ctl" chip provision --cid "$cid" --root-backup none-accepted --yes >/dev/null

echo "== run"
for program in pc_c pc_cpp cmake/consumer_c cmake/consumer_cpp cmake/boot_counter cmake/sealed_config cmake/event_loop; do
  printf '%s: ' "${program##*/}"
  "$work/$program"
done
