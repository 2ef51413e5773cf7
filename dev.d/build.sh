# Building and the tests that need no virtual machine.

# compiler_cache TREE: has what is compiled below TREE kept, and found again under any other folder (debhelper changes the locale).
compiler_cache() { export CCACHE_DIR=${CCACHE_DIR:-$cache/ccache} CCACHE_BASEDIR=$1 CCACHE_NOHASHDIR=1 CCACHE_DEPEND=1 CCACHE_SLOPPINESS=locale; }

# configure_and_build PRESET [TARGET...]: into build/PRESET.
configure_and_build() {
  local launcher=()
  if command -v ccache >/dev/null; then
    compiler_cache "$PWD"
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
