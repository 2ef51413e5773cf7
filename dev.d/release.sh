# The build and the tests that need no virtual machine, inside another Debian release.

# release_root NAME PACKAGE...: a root folder of Debian release NAME with these packages, kept in .cache/roots; prints its path.
release_root() {
  local name=$1 root=$cache/roots/$1 want
  shift
  want=$(printf '%s\n' "$@" | sort)
  if [ "$(cat "$root/packages" 2>/dev/null)" != "$want" ]; then
    [ "$(id -u)" = 0 ] || die "a root folder of $name needs root: sudo ./dev ..."
    install_packages mmdebstrap debian-archive-keyring >&2
    say "making a root folder of Debian $name (once, about a minute)" >&2
    rm -rf "$root" "$root.new"
    mkdir -p "$cache/roots"
    mmdebstrap --variant=apt --aptopt='Acquire::Check-Valid-Until "false"' --dpkgopt=path-exclude=/usr/share/doc/* \
      --include="$(printf '%s\n' "$@" | paste -sd,)" "$name" "$root.new" \
      "$(debian_mirror)" >"$(log_file "root-$name")" 2>&1 ||
      die "mmdebstrap cannot make a root folder of $name; see $(log_file "root-$name")"
    echo "$want" >"$root.new/packages"
    mv "$root.new" "$root"
  fi
  echo "$root"
}

# test_in_release NAME: builds the tree in Debian release NAME and runs the tests there, into build/NAME. The tree is seen at
# its own path, so that the compiler cache serves both sides.
test_in_release() {
  local name=$1 root packages=("${build_packages[@]}")
  case $name in
    bookworm) packages+=(libboost1.81-dev libboost-json1.81-dev libexpat1-dev) ;;
    *) packages+=(libboost-dev libboost-json-dev libsdbus-c++-dev libsdbus-c++-bin) ;;
  esac
  root=$(release_root "$name" "${packages[@]}") || exit
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
  CCACHE_DIR="$tree/.cache/ccache" CCACHE_BASEDIR="$tree" CCACHE_NOHASHDIR=1 \
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
