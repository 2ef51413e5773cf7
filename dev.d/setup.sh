# What a fresh Debian 12 or 13 needs; quick when it is all there.

build_packages=(
  g++ cmake ninja-build pkg-config ccache git ca-certificates curl
  libssl-dev libcjose-dev libcurl4-openssl-dev libsqlite3-dev libsystemd-dev libgpiod-dev libtomlplusplus-dev libcli11-dev libspdlog-dev
  libexpected-dev
  libgtest-dev libgmock-dev libbenchmark-dev libfuse3-dev
  dbus-daemon dpkg-dev python3 python3-cryptography python3-jwcrypto openssl faketime
)

cmd_setup() { #: install what the build and the quick tests need
  install_packages "${build_packages[@]}" $(release_packages)
  sdbus_cpp
}

# release_packages: those whose names differ between the releases. Debian 12 has sdbus-c++ 1 only, see sdbus_cpp().
release_packages() {
  if [ "$(. /etc/os-release && echo "$VERSION_CODENAME")" = bookworm ]; then
    echo libboost1.81-dev libboost-json1.81-dev libexpat1-dev
  else
    echo libboost-dev libboost-json-dev libsdbus-c++-dev libsdbus-c++-bin
  fi
}

# install_packages NAME...: those that are missing, by apt.
install_packages() {
  local missing=() p
  for p in "$@"; do
    dpkg-query -W -f='${Status}' "$p" 2>/dev/null | grep -q 'ok installed' || missing+=("$p")
  done
  [ ${#missing[@]} -eq 0 ] && return
  say "installing ${missing[*]}"
  local sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  if ! $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
      install --no-install-recommends "${missing[@]}" >"$(log_file apt)" 2>&1; then
    $sudo apt-get -qq update
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o DPkg::Lock::Timeout=300 \
      install --no-install-recommends "${missing[@]}" >"$(log_file apt)" 2>&1 || { tail -20 "$(log_file apt)"; die "apt-get failed"; }
  fi
}

log_file() { mkdir -p "$cache/log"; echo "$cache/log/$1.log"; }

# debian_mirror: the one that this machine uses itself.
debian_mirror() {
  local mirror
  mirror=$(sed -n 's|^URIs: *\([^ ]*/debian\)/* *$|\1|p; s|^deb .*\(https\?://[^ ]*/debian\)/* .*|\1|p' \
    /etc/apt/sources.list.d/*.sources /etc/apt/sources.list 2>/dev/null | head -1)
  echo "${mirror:-http://deb.debian.org/debian}"
}

# foreign_apt DIR LINE...: a private apt state for other suites; prints the path of its apt.conf, for APT_CONFIG=.
# MIRROR in a line stands for the mirror that this machine uses itself.
foreign_apt() {
  local dir=$1 mirror conf
  shift
  conf=$dir/apt.conf
  # The paths inside are absolute: a folder that was copied from elsewhere is made anew.
  if [ ! -e "$dir/ok" ] || ! grep -qF "\"$dir/state\"" "$conf"; then
    mirror=$(debian_mirror)
    mkdir -p "$dir"/{state/lists/partial,cache/archives/partial,etc/apt.conf.d,etc/preferences.d,etc/sources.list.d}
    : > "$dir/state/status"
    cp /etc/apt/apt.conf.d/* "$dir/etc/apt.conf.d/" 2>/dev/null || true
    printf '%s\n' "$@" | sed "s|MIRROR|[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] $mirror|" \
      > "$dir/etc/sources.list"
    cat > "$conf" <<EOF
Dir::State "$dir/state";
Dir::State::status "$dir/state/status";
Dir::Cache "$dir/cache";
Dir::Etc "$dir/etc";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
EOF
    APT_CONFIG=$conf apt-get -qq -o APT::Update::Error-Mode=any update >&2 && touch "$dir/ok"
  fi
  echo "$conf"
}

# sdbus_cpp: sdbus-c++ 2, static, from Debian 13's own source package, where the release has none.
sdbus_cpp() {
  if [ -e "$cache/sdbus-c++/ok" ] || pkg-config --atleast-version=2 sdbus-c++ 2>/dev/null; then return; fi
  say "building sdbus-c++ 2 from Debian 13's source package (once, 15 s)"
  local work=$cache/sdbus-c++.work conf
  rm -rf "$work" "$cache/sdbus-c++"
  mkdir -p "$work"
  conf=$(foreign_apt "$cache/apt-trixie-src" "deb-src MIRROR trixie main")
  (cd "$work" && APT_CONFIG=$conf apt-get -qq source --tar-only sdbus-cpp && tar xf sdbus-cpp_*.orig.tar.*) >"$(log_file sdbus-c++)" 2>&1 ||
    die "cannot fetch the source of sdbus-c++; see $(log_file sdbus-c++)"
  {
    cmake -S "$work"/sdbus-cpp-*/ -B "$work/build" -G Ninja -DCMAKE_BUILD_TYPE=Release -DBUILD_SHARED_LIBS=OFF \
      -DCMAKE_POSITION_INDEPENDENT_CODE=ON -DSDBUSCPP_BUILD_CODEGEN=ON -DCMAKE_INSTALL_PREFIX="$cache/sdbus-c++" &&
      cmake --build "$work/build" --target install
  } >>"$(log_file sdbus-c++)" 2>&1 || die "sdbus-c++ does not build; see $(log_file sdbus-c++)"
  rm -rf "$work"
  touch "$cache/sdbus-c++/ok"
}
