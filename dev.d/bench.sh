# Benchmarks. They print aims and whether these are met, and never fail because of a figure.

cmd_bench() { #: chip operations, latency over D-Bus, memory and start-up, each beside its floor
  cmd_setup
  say "building the benchmarks"
  configure_and_build bench benchmarks
  local bin=build/bench/tests/bench core directory
  core=$(taskset -pc $$ | sed 's/.*[-,: ]//')  # the last one that we may use: interrupts prefer the first
  say "chip operations"
  "$bin/bench-chip-operations"
  say "time and memory, pinned to core $core"
  taskset -c "$core" "$bin/bench-frame-mac"
  directory=$(mktemp -d "${TMPDIR:-/tmp}/signet-bench.XXXXXX")
  # shellcheck disable=SC2064 # the directory of now
  trap "rm -rf '$directory'" EXIT
  taskset -c "$core" "$bin/bench-daemon" build/bench/daemons/rpmbd/rpmbd "$bin/bench-floor-service" "$directory" ||
    { tail -20 "$directory/log" >&2; die "the benchmark did not run"; }
  mkdir "$directory/http"
  taskset -c "$core" "$bin/bench-http" build/bench/daemons/activationd/activationd "$bin/bench-floor-http" "$directory/http" ||
    { tail -20 "$directory/http/log" >&2; die "the benchmark did not run"; }
}
