# The build and the tests that need no virtual machine, inside another Debian release.

# debian_root DIR SUITE PACKAGE...: a root folder of a Debian release with these packages in DIR, made once and again when the
# list changes. Fails, with the reason on standard error, where it cannot be made.
debian_root() {
  local root=$1 suite=$2 want log
  log=$(log_file "root-$suite")
  shift 2
  want=$(printf '%s\n' "$suite" "$@" | sort)
  if [ "$(cat "$root/packages" 2>/dev/null)" = "$want" ]; then return; fi
  [ "$(id -u)" = 0 ] || { echo "making a root folder of $suite needs root" >&2; return 1; }
  install_packages mmdebstrap debian-archive-keyring
  say "making a root folder of Debian $suite (once, about a minute)"
  rm -rf "$root" "$root.new"
  mkdir -p "$(dirname "$root")"
  mmdebstrap --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt='path-exclude=/usr/share/doc/*' \
    --include="$(printf '%s\n' "$@" | paste -sd,)" "$suite" "$root.new" "$(debian_mirror)" >"$log" 2>&1 || {
    echo "mmdebstrap cannot make a root folder of $suite; see $log" >&2
    return 1
  }
  echo "$want" >"$root.new/packages"
  mv "$root.new" "$root"
}

# test_in_release NAME: builds the tree in Debian release NAME and runs the tests there, into build/NAME. The tree is seen at
# its own path, so that the compiler cache serves both sides.
test_in_release() {
  local name=$1 root=$cache/roots/$1 packages=("${build_packages[@]}")
  case $name in
    bookworm) packages+=(libboost1.81-dev libboost-json1.81-dev libexpat1-dev) ;;
    *) packages+=(libboost-dev libboost-json-dev libsdbus-c++-dev libsdbus-c++-bin) ;;
  esac
  debian_root "$root" "$name" "${packages[@]}" || die "no root folder of $name"
  say "building and testing in Debian $name"
  # A mount namespace of its own: whatever happens, nothing stays mounted.
  unshare --mount bash -euo pipefail -s "$root" "$PWD" "$name" <<'EOF'
root=$1 tree=$2 name=$3
mount --rbind /dev "$root/dev"
mount -t proc proc "$root/proc"
mount -t tmpfs tmpfs "$root/tmp"
mount -t tmpfs tmpfs "$root/run"
mkdir -p "$root$tree"  # after /tmp, where the tree may be
mount --bind "$tree" "$root$tree"
chroot "$root" env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LANG=C.UTF-8 \
  CCACHE_DIR="$tree/.cache/ccache" CCACHE_BASEDIR="$tree" CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 \
  bash -euo pipefail -c '
    cd "$1"
    # The prefix of the preset holds the sdbus-c++ that was built for another release.
    prefix=
    [ "$2" != bookworm ] || prefix=$1/.cache/sdbus-c++
    cmake --preset release -B "build/$2" -DCMAKE_PREFIX_PATH="$prefix" \
      -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache
    cmake --build "build/$2"
    ctest --test-dir "build/$2" --output-on-failure --label-exclude vm -j "$(nproc)"
  ' in-release "$tree" "$name"
EOF
}
