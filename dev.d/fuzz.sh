# Fuzzing, with clang's libFuzzer under the address and undefined-behaviour sanitizers. What was learnt stays in
# .cache/fuzz, so that the next run begins there.

cmd_fuzz() { #: run the fuzzers, each for [seconds: 60]; or only the one called [name]
  local seconds=60 only="" fuzzer failed=()
  for argument in "$@"; do
    case $argument in
      *[!0-9]*) only=${argument%_fuzzer}_fuzzer ;;
      *) seconds=$argument ;;
    esac
  done
  cmd_setup
  install_packages clang libclang-rt-dev
  say "building the fuzzers"
  configure_and_build fuzz tests/fuzz/all
  if [ -n "$only" ] && [ ! -x "build/fuzz/tests/fuzz/$only" ]; then die "fuzz: there is no $only"; fi
  for fuzzer in build/fuzz/tests/fuzz/${only:-*_fuzzer}; do
    run_fuzzer "$fuzzer" "$seconds" || failed+=("${fuzzer##*/}")
  done
  [ ${#failed[@]} -eq 0 ] || die "fuzz: findings by ${failed[*]}; see .cache/fuzz/*/findings and .cache/log"
  say "no findings"
}

# run_fuzzer PROGRAM SECONDS: says how often it ran; false when it found something.
run_fuzzer() {
  local name=${1##*/} directory log status=0 seeds=()
  directory=$cache/fuzz/$name
  log=$(log_file "fuzz-$name")
  mkdir -p "$directory/corpus" "$directory/findings"
  if [ -d "tests/fuzz/corpus/$name" ]; then seeds=("tests/fuzz/corpus/$name"); fi
  "$1" -max_total_time="$2" -timeout=10 -rss_limit_mb=2048 -print_final_stats=1 -artifact_prefix="$directory/findings/" \
    "$directory/corpus" "${seeds[@]}" >"$log" 2>&1 || status=$?
  printf '%-28s %10s executions, %6s inputs kept, %s\n' "$name" \
    "$(sed -n 's/^stat::number_of_executed_units: *//p' "$log")" "$(find "$directory/corpus" -type f | wc -l)" \
    "$([ $status = 0 ] && echo 'nothing found' || echo "FOUND SOMETHING, see ${log#"$PWD/"}")"
  [ $status = 0 ] || { tail -40 "$log"; return 1; }
}
