# Benchmarks. They print aims and whether these are met, and never fail because of a figure.

cmd_bench() { #: chip operations, latency, memory, start-up, tickets, registrations and the beacon, each beside its floor
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
  mkdir "$directory"/{daemon,http,tickets,commits,inside,beacon,fmdnd}
  bench_part daemon bench-daemon build/bench/daemons/rpmbd/rpmbd "$bin/bench-floor-service" "$directory/daemon"
  bench_part http bench-http build/bench/daemons/activationd/activationd "$bin/bench-floor-http" "$directory/http"
  bench_part tickets bench-tickets "$directory/tickets"
  bench_part commits bench-commits "$directory/commits"
  bench_registrations
  bench_part fmdn bench-fmdn
  bench_part beacon bench-beacon "$directory/beacon"
  bench_part fmdnd bench-fmdnd build/bench/daemons/fmdnd/fmdnd "$bin"/bench-{fast-fmdnd,fake-bluez,floor-service} "$directory/fmdnd"
}

# bench_part NAME PROGRAM ARGUMENT...: pinned; its log is $directory/NAME/log. Sees the variables of cmd_bench.
bench_part() {
  local name=$1 program=$2
  shift 2
  taskset -c "$core" "$bin/$program" "$@" || {
    tail -20 "$directory/$name/log" >&2 2>/dev/null
    die "$program did not run"
  }
}

# A registrar of its own, pinned; the devices that register may use the other cores.
bench_registrations() (
  . tests/bus/private_rpmbd.sh
  . tests/bus/private_registrar.sh
  local activationd=build/bench/daemons/activationd/activationd devices=500
  make_registrar "$activationd"
  start_registrar "$activationd"
  taskset -acp "$core" "$registrar_pid" >/dev/null
  "$bin/bench-registrations" "$directory/inside" "$registrar_pid" $devices build/bench/tests/load/registration-load "$registrar_url" \
    "$registrar/tls.crt" "$registrar/ca.pem" "$registrar/escrow.pem" "$registrar/vendor" "$registrar/operator" $devices 4
)
