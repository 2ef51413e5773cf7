# Debian packages of what is in the working tree.

package_tools=(debhelper dpkg-dev systemd)

cmd_package() { #: build the .deb packages into build/packages; checked by lintian where it is installed
  cmd_setup
  build_packages_of_tree
  if command -v lintian >/dev/null; then
    say "lintian"
    lintian --fail-on error --suppress-tags bogus-mail-host build/packages/*.changes
  fi
  ls -1 build/packages/*.deb
}

# build_packages_of_tree: from the tracked files as they are now, in a copy, so that the tree stays as it is. Does nothing
# when the packages of the same content are there.
build_packages_of_tree() {
  local source=build/package/signet packages=build/packages content
  content=$(git ls-files -z | grep -zv -e ^docs/ -e ^tests/ -e ^dev | xargs -0 sha256sum 2>/dev/null | sha256sum)
  if [ "$(cat "$packages/content" 2>/dev/null)" = "$content" ]; then return; fi
  install_packages "${package_tools[@]}"
  say "building the Debian packages"
  rm -rf build/package "$packages"
  mkdir -p "$source" "$packages"
  git ls-files -z | tar -c --null --ignore-failed-read -T - 2>/dev/null | tar -x -C "$source"
  cp -r packaging/debian "$source/debian"
  (
    # At the same place below the source as in the tree: then the compiler cache knows every object of build/release.
    if [ -e "$cache/sdbus-c++/ok" ]; then
      mkdir "$source/.cache"
      cp -a "$cache/sdbus-c++" "$source/.cache"
    fi
    if command -v ccache >/dev/null; then
      export SIGNET_CMAKE_OPTIONS="-DSIGNET_WERROR=ON -DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache"
      compiler_cache "$PWD/$source"
    fi
    cd "$source"
    # -d: apt's packages alone do not satisfy the build dependencies where sdbus-c++ comes from the cache.
    DEB_BUILD_OPTIONS="nocheck noautodbgsym parallel=$(nproc)" dpkg-buildpackage -d -b -us -uc
  ) >"$(log_file package)" 2>&1 || { tail -40 "$(log_file package)"; die "the packages do not build; see $(log_file package)"; }
  mv build/package/*.deb build/package/*.changes build/package/*.buildinfo "$packages"
  echo "$content" >"$packages/content"
}

# installed_system: what the beds need that install the packages: the packages, and a root folder of this machine's own
# release (the packages were built for it) with all that they depend on.
installed_system() {
  build_packages_of_tree
  install_packages systemd-container e2fsprogs
  local dependencies
  dependencies=$(for package in build/packages/*.deb; do dpkg-deb -f "$package" Depends; done | tr ',' '\n' |
    sed 's/|.*//; s/(.*//; s/ //g' | grep -v -e '^libsignet' -e '^rpmbd$' | sort -u)
  # shellcheck disable=SC2086 # one word per package
  debian_root "$cache/vm/system" "$(. /etc/os-release && echo "$VERSION_CODENAME")" \
    systemd systemd-sysv dbus udev kmod procps $dependencies
}
