# Building and the tests that need no virtual machine.

# configure_and_build PRESET [TARGET...]: into build/PRESET.
configure_and_build() {
  local launcher=()
  if command -v ccache >/dev/null; then
    export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$PWD CCACHE_NOHASHDIR=1
    launcher=(-DCMAKE_C_COMPILER_LAUNCHER=ccache -DCMAKE_CXX_COMPILER_LAUNCHER=ccache)
  fi
  cmake --preset "$1" "${launcher[@]}" >"$(log_file "cmake-$1")" 2>&1 || { tail -30 "$(log_file "cmake-$1")"; die "cmake failed"; }
  cmake --build "build/$1" ${2:+--target "${@:2}"}
}

cmd_build() { #: build everything [preset: release, sanitize, bench, fuzz]
  cmd_setup
  say "building ${1:-release}"
  configure_and_build "${1:-release}"
}
