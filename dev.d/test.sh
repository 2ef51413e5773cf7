# All tests: without a virtual machine, under the sanitizers, then the beds in virtual machines.

cmd_test() { #: set up, build, all tests [--quick: no sanitizers, no VM] [--release trixie: in that Debian]
  case ${1:-} in
    --release) test_in_release "${2:?which release?}"; return ;;
    --quick) cmd_setup; run_tests release -LE vm; return ;;
    '') ;;
    *) die "test: unknown option '$1'" ;;
  esac
  cmd_setup
  run_tests release -LE vm
  run_tests sanitize -LE vm
  vm_setup
  say "tests in virtual machines"
  test_list release -L vm
}

# run_tests PRESET CTEST_OPTION...: builds, then tests.
run_tests() {
  local preset=$1
  shift
  say "building $preset"
  configure_and_build "$preset"
  say "tests of $preset"
  test_list "$preset" "$@"
  show_counts "$preset"
}

test_list() {
  local preset=$1
  shift
  UBSAN_OPTIONS=print_stacktrace=1 ctest --test-dir "build/$preset" --output-on-failure --parallel "$(nproc)" "$@"
}

# What the tests counted: CTest shows the output of failed ones only.
show_counts() {
  grep -ahE 'cut points|mutations|kills' "build/$1/Testing/Temporary/LastTest.log" | sed 's/^/  /' || true
}
