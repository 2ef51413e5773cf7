// The MAC of an RPMB frame against the six SHA-256 compressions that it cannot do without: five over the 284 octets
// once the padded key is absorbed, one for the outer hash.
#define OPENSSL_SUPPRESS_DEPRECATED  // a bare compression is only to be had from the low-level calls
#include <benchmark/benchmark.h>
#include <openssl/sha.h>

#include <cstring>
#include <map>
#include <numeric>

#include "report.h"
#include "rpmb/frame.h"

namespace signet::bench {
namespace {

constexpr const char* kFloor = "six_compressions";
constexpr const char* kFrameMac = "frame_mac";
constexpr double kAim = 1.1;

rpmb::Frame some_frame() {
  rpmb::Frame frame;
  std::iota(frame.begin(), frame.end(), std::uint8_t{7});
  return frame;
}

void six_compressions(benchmark::State& state) {
  rpmb::Frame frame = some_frame();
  SHA256_CTX context;
  SHA256_Init(&context);
  for (auto _ : state) {
    for (std::size_t block = 0; block < 6; ++block) SHA256_Transform(&context, frame.data() + 64 * block);
    benchmark::DoNotOptimize(context);
  }
}

void frame_mac(benchmark::State& state) {
  rpmb::Frame frame = some_frame();
  crypto::HmacKey key{Bytes(rpmb::kKeySize, 0x42)};
  for (auto _ : state) {
    crypto::Mac mac = rpmb::transfer_mac(key, {&frame, 1});
    benchmark::DoNotOptimize(mac);
  }
}

// Collects the time of every repetition instead of printing it.
class Collector : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }
  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      if (run.run_type == Run::RT_Iteration) times_[run.run_name.function_name].push_back(run.GetAdjustedCPUTime());
    }
  }
  double median_of(const std::string& name) { return median(times_[name]); }

 private:
  std::map<std::string, std::vector<double>> times_;
};

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) {
  using namespace signet::bench;
  std::vector<char*> arguments(argv, argv + argc);
  std::string interleaved = "--benchmark_enable_random_interleaving=true";
  arguments.push_back(interleaved.data());
  int count = static_cast<int>(arguments.size());
  benchmark::Initialize(&count, arguments.data());
  benchmark::RegisterBenchmark(kFloor, six_compressions)->Repetitions(15)->MinTime(0.05);
  benchmark::RegisterBenchmark(kFrameMac, frame_mac)->Repetitions(15)->MinTime(0.05);
  Collector collector;
  benchmark::RunSpecifiedBenchmarks(&collector);

  double floor = collector.median_of(kFloor);
  double mac = collector.median_of(kFrameMac);
  char measured[64];
  std::snprintf(measured, sizeof measured, "%.0f ns / %.0f ns", mac, floor);
  heading("MAC of one RPMB frame / six bare SHA-256 compressions (medians of 15 interleaved repetitions)");
  print_ratio("frame MAC", measured, mac / floor, kAim);
}
