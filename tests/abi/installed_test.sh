#!/bin/sh
# installed_test.sh BUILD SOURCE RPMBD [FLAGS]: installs libsignet into a staging root, builds outside programs against
# that by pkg-config and by CMake, and runs them on a private bus against a real rpmbd with an emulated chip.
set -eu
build=$1 source=$2 rpmbd=$3 flags=${4:-}
. "$source/tests/bus/private_rpmbd.sh"
ctl="$build/clients/signetctl/signetctl"

echo "== install"
for component in libsignet libsignet-fmdn libsignet-dev; do
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
cc $flags -std=c17 -pedantic -Wall -Wextra -Werror "$source/tests/abi/consumer/beacon_c.c" \
  $(pkg-config --cflags --libs signet-fmdn) -o "$work/pc_beacon"

echo "== CMake package"
cmake -S "$source/tests/abi/consumer" -B "$work/cmake" -DCMAKE_PREFIX_PATH="$lib/.." -DCMAKE_C_FLAGS="$flags" \
  -DCMAKE_CXX_FLAGS="$flags" \
  -DEXAMPLES="$source/clients/examples/boot_counter.c;$source/clients/examples/event_loop.c;$source/clients/examples/sealed_config.cpp;$source/clients/examples/enrolled_app.c;$source/clients/examples/device_token.cpp;$source/clients/examples/my_beacons.c" \
  >"$work/cmake.log" 2>&1 && cmake --build "$work/cmake" >>"$work/cmake.log" 2>&1 || { cat "$work/cmake.log"; exit 1; }

echo "== rpmbd on a private bus"
start_bus
start_rpmbd "$rpmbd" "$ctl"
"$ctl" chip provision --cid "$(chip_cid "$ctl")" --root-backup none-accepted --yes >/dev/null

echo "== run"
for program in pc_c pc_cpp pc_beacon cmake/consumer_c cmake/consumer_cpp cmake/beacon_c cmake/boot_counter cmake/sealed_config cmake/event_loop; do
  printf '%s: ' "${program##*/}"
  "$work/$program"
done
