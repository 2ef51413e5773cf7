// What the store costs in operations of the chip: counted by the transport, confirmed by the chip's own write counter.
#include <cinttypes>
#include <cstdio>
#include <optional>
#include <stdexcept>

#include "crypto/random.h"
#include "report.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"
#include "rpmb/testing/fake_chip.h"

namespace signet::bench {
namespace {

constexpr std::size_t kObjectSize = 256;
constexpr int kRepetitions = 40;  // of every operation in steady state

template <class T>
T must(Result<T> result) {
  if (!result) throw std::runtime_error{to_string(result.error())};
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

struct Cost {
  std::uint64_t writes = 0;
  std::uint64_t reads = 0;
  std::uint64_t frames_written = 0;
  std::uint64_t frames_read = 0;
};

// The dearest of several runs of one operation.
Cost dearest(const Cost& a, const Cost& b) {
  return {std::max(a.writes, b.writes), std::max(a.reads, b.reads), std::max(a.frames_written, b.frames_written),
          std::max(a.frames_read, b.frames_read)};
}

// A formatted store on a chip in memory.
class Bench {
 public:
  Bench(std::uint32_t units, std::uint16_t write_frames, std::uint32_t region_blocks = 0) : chip_{units, write_frames} {
    chip_.program_key(rpmb::ChipKey{});
    must(rpmb::format(*session_, {.region_blocks = region_blocks, .ueid = {}}, derive, random_));
    mount();
  }

  void mount(std::size_t cache = 64 * 1024) {
    store_.reset();
    store_.emplace(must(rpmb::Store::mount(*session_, derive, random_, cache)));
  }
  // As after a restart of the daemon: nothing is known of the chip.
  void restart(std::size_t cache = 64 * 1024) {
    store_.reset();
    session_.emplace(chip_, rpmb::Key{}, random_);
    mount(cache);
  }
  void put(const std::string& name) {
    Bytes value(kObjectSize);
    random_.fill(value);
    change({object(name), std::move(value)});
  }
  void remove(const std::string& name) { change({object(name), std::nullopt}); }
  void get(const std::string& name) { must(store_->get(object(name))); }

  void fill(unsigned percent) {
    for (int i = 0; store_->facts().slots_used * 100 < store_->facts().slots * percent; ++i)
      put("fill-" + std::to_string(i));
  }

  // What `operation` costs. Throws when the chip's counter did not take one step for each write that was counted.
  template <class Operation>
  Cost cost(Operation operation) {
    chip_.reset_counts();
    std::uint32_t before = chip_counter();
    operation();
    const auto& counts = chip_.counts();
    if (chip_counter() - before != counts.writes)
      throw std::runtime_error{"the chip counted other writes than the transport"};
    return {counts.writes, counts.reads, counts.frames_written, counts.frames_read};
  }

 private:
  static SecretBytes<32> derive(const rpmb::StoreId& id) { return SecretBytes<32>{id}; }
  static rpmb::ObjectName object(const std::string& name) { return {rpmb::ObjectKind::object, "bench", name}; }
  std::uint32_t chip_counter() { return chip_.chip().state().registers.write_counter; }
  void change(const rpmb::Change& change) { must(store_->apply({&change, 1})); }

  rpmb::testing::FakeChip chip_;
  crypto::SystemRandom random_;
  std::optional<rpmb::Session> session_{std::in_place, chip_, rpmb::Key{}, random_};
  std::optional<rpmb::Store> store_;
};

struct Row {
  std::string chip;
  std::string fill;
  std::string operation;
  Cost cost;
  std::optional<std::uint64_t> aim_writes;
  std::optional<std::uint64_t> aim_reads;
};

void print(const Row& row) {
  bool met = row.cost.writes <= row.aim_writes.value_or(row.cost.writes) &&
             row.cost.reads <= row.aim_reads.value_or(row.cost.reads);
  char aim[32] = "-";
  if (row.aim_writes && row.aim_reads) {
    std::snprintf(aim, sizeof aim, "%" PRIu64 "+%" PRIu64, *row.aim_writes, *row.aim_reads);
  }
  std::printf("  %-14s %5s  %-24s %7" PRIu64 " %7" PRIu64 " %9" PRIu64 "  %7s  %s\n", row.chip.c_str(),
              row.fill.c_str(), row.operation.c_str(), row.cost.writes, row.cost.reads,
              row.cost.frames_written + row.cost.frames_read, aim,
              !row.aim_writes ? ""
              : met           ? "met"
                              : "NOT MET");
}

// Create, update and delete in steady state, at one fill.
void print_steady_state(Bench& bench, const std::string& chip, unsigned percent, std::uint64_t aim) {
  bench.fill(percent);
  Cost create;
  Cost update;
  Cost remove;
  for (int i = 0; i < kRepetitions; ++i) {
    std::string name = "object-" + std::to_string(i);
    create = dearest(create, bench.cost([&] { bench.put(name); }));
    update = dearest(update, bench.cost([&] { bench.put(name); }));
    remove = dearest(remove, bench.cost([&] { bench.remove(name); }));
  }
  std::string fill = std::to_string(percent) + " %";
  print({chip, fill, "create", create, aim, 0});
  print({chip, fill, "update", update, aim, 0});
  print({chip, fill, "delete", remove, 1, 0});
}

void print_first_write(Bench& bench, const std::string& chip, std::uint64_t aim) {
  bench.restart();
  print({chip, "95 %", "first update after start", bench.cost([&] { bench.put("fill-0"); }), aim, 1});
}

void print_gets(Bench& bench, const std::string& chip) {
  bench.restart(0);
  print({chip, "95 %", "get, not cached", bench.cost([&] { bench.get("fill-1"); }), 0, 1});
  bench.restart();
  bench.get("fill-1");
  print({chip, "95 %", "get, cached", bench.cost([&] { bench.get("fill-1"); }), 0, 0});
}

void print_objects() {
  heading(
      "Chip operations for an object of 256 octets, 1 MiB partition (dearest of 40; counted by the transport, writes\n"
      "confirmed by the chip's own counter)");
  std::printf("  %-14s %5s  %-24s %7s %7s %9s  %7s\n", "chip writes", "fill", "operation", "writes", "reads", "frames",
              "aim w+r");
  for (std::uint16_t frames : std::initializer_list<std::uint16_t>{2, 1, 32}) {
    std::string chip = std::to_string(frames) + (frames == 1 ? " frame" : " frames");
    std::uint64_t aim = frames == 1 ? 2 : 1;
    Bench bench{8, frames};
    for (unsigned percent : {10U, 50U, 95U}) print_steady_state(bench, chip, percent, aim);
    print_first_write(bench, chip, aim);
    print_gets(bench, chip);
  }
}

struct Region {
  const char* chip;
  std::uint32_t units;
  std::uint32_t region_blocks;  // 0: the default
  const char* region;
};

void print_mounts() {
  heading("Mount at 50 % fill, 2-frame chip");
  std::printf("  %-10s %-18s %7s %7s %9s %12s\n", "partition", "region", "writes", "reads", "frames", "octets");
  for (const Region& region :
       {Region{"128 KiB", 1, 0, "128 KiB"}, Region{"1 MiB", 8, 0, "1 MiB"}, Region{"16 MiB", 128, 0, "1 MiB (default)"},
        Region{"16 MiB", 128, 128 * rpmb::kUnitBlocks, "16 MiB (asked for)"}}) {
    Bench bench{region.units, 2, region.region_blocks};
    bench.fill(50);
    Cost cost = bench.cost([&] { bench.restart(); });
    std::printf("  %-10s %-18s %7" PRIu64 " %7" PRIu64 " %9" PRIu64 " %12" PRIu64 "\n", region.chip, region.region,
                cost.writes, cost.reads, cost.frames_read, cost.frames_read * rpmb::kFrameSize);
  }
}

// Figures of peers: constants, read from their sources and not measured here. A range where it depends on the state.
void print_peers() {
  heading(
      "Peers, 256-octet object (writes / reads). OP-TEE: core/tee/tee_rpmb_fs.c of 2026-08, default build, at most 8 "
      "files;\n"
      "Trusty: storage with a filesystem wholly in RPMB, block_device_tipc.c; its figures are estimates");
  std::printf("  %-10s %10s %10s %10s %16s %16s %12s\n", "", "create", "update", "delete", "get", "get again", "mount");
  std::printf("  %-10s %10s %10s %10s %16s %16s %12s\n", "OP-TEE", "7-8 / 8", "3 / 3", "1 / 1", "0 / 5", "0 / 2",
              "1 / 3");
  std::printf("  %-10s %10s %10s %10s %16s %16s %12s\n", "Trusty", "4-7 / 1-4", "3-6 / 0-3", "4-7 / 1-4", "0 / 1-3",
              "0 / 0", "0 / ~21");
}

}  // namespace
}  // namespace signet::bench

int main() try {
  signet::bench::print_objects();
  signet::bench::print_mounts();
  signet::bench::print_peers();
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-chip-operations: %s\n", error.what());
  return 1;
}
