// The registrar's store: a commit of a registration against one flush of the disk, and what the group commit gains when
// 32 clients wait at once; with the disk as it is, which may be one of a virtual machine that answers at once, and with
// flushes that take 2 ms longer. Usage: bench-commits DIRECTORY, new and empty, on the disk in question.
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <cstdio>
#include <thread>

#include "base/unique_fd.h"
#include "registrar.h"
#include "report.h"

namespace {
std::atomic<std::chrono::microseconds> flush_delay{};
}

// SQLite's flushes come here, too: a symbol of the program goes before that of the C library.
extern "C" int fdatasync(int fd) {
  std::this_thread::sleep_for(flush_delay.load());
  return static_cast<int>(::syscall(SYS_fdatasync, fd));
}

namespace signet::bench {
namespace {

using namespace activation;
using Clock = std::chrono::steady_clock;

constexpr int kRounds = 200;
constexpr int kClients = 32;
constexpr auto kSpan = std::chrono::seconds{2};
constexpr std::chrono::microseconds kSlowFlush{2000};
constexpr double kAimOfCommit = 1.6;
constexpr double kAimOfGroup = 4;

template <class Work>
double took_us(Work&& work) {
  const auto begin = Clock::now();
  work();
  return std::chrono::duration<double, std::micro>(Clock::now() - begin).count();
}

// One page, overwritten and flushed: the least that makes anything durable.
class Floor {
 public:
  explicit Floor(const std::string& path) : file_{::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600)} {
    operator()();
  }
  void operator()() {
    page_[0]++;
    if (::pwrite(file_.get(), page_.data(), page_.size(), 0) < 0 || ::fdatasync(file_.get()) != 0) {
      throw std::runtime_error{"fdatasync"};
    }
  }

 private:
  UniqueFd file_;
  Bytes page_ = Bytes(4096, 0x42);
};

// The records that the confirmation of a registration writes, for device `number`.
struct Records {
  Device device;
  Registration registration;
  DeviceCertificate certificate;
  Bytes sealed_key = Bytes(64, 0x42);
  AuditEntry entry;
};

Records records_of(std::uint32_t number, UnixTime now) {
  Records records;
  auto& ueid = records.device.ueid;
  for (std::size_t i = 0; i < sizeof number; ++i) ueid[4 + i] = static_cast<std::uint8_t>(number >> (8 * i));
  records.device.ids = {.model_id = "bench", .sn = "SN-" + std::to_string(number), .app_id = "wx1"};
  records.device.chip.transport = "emmc";  // found by its CID as well, which an emulated one is not
  std::copy_n(ueid.begin() + 1, records.device.chip.cid_hash.size(), records.device.chip.cid_hash.begin());
  records.device.generation = 1;
  records.certificate.ueid = ueid;
  records.certificate.generation = 1;
  records.certificate.serial = Bytes(ueid.begin(), ueid.begin() + 16);
  records.certificate.der = Bytes(700, 0x42);
  records.registration.ueid = ueid;
  records.registration.ids = records.device.ids;
  records.registration.state = RegistrationState::confirmed;
  std::copy_n(ueid.begin(), records.registration.id.size(), records.registration.id.begin());
  records.registration.public_key = Bytes(91, 0x42);
  records.registration.challenge = std::string(1200, 'c');
  records.registration.certificate = records.certificate.der;
  records.entry = {.at = now, .actor = "device", .action = "register", .ueid = ueid, .model_id = "bench"};
  return records;
}

Repository::Writing writing(const Records& records) {
  return [records](Transaction& transaction) -> Result<void> {
    SIGNET_TRY(transaction.put(records.device, records.sealed_key));
    SIGNET_TRY(transaction.put(records.certificate));
    SIGNET_TRY(transaction.put(records.registration));
    return transaction.add(records.entry);
  };
}

// Units per second of so many clients, each of which waits for its own.
double rate(OwnRegistrar& registrar, int clients, std::atomic<std::uint32_t>& number) {
  std::atomic<std::uint32_t> done = 0;
  const auto end = Clock::now() + kSpan;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < clients; ++i) {
      threads.emplace_back([&] {
        while (Clock::now() < end) {
          const auto written = write_and_wait(registrar.store(), writing(records_of(++number, registrar.now())));
          if (written) ++done;
        }
      });
    }
  }
  return done / std::chrono::duration<double>(kSpan).count();
}

struct Store {
  explicit Store(const std::string& directory) : registrar{directory}, floor{directory + "/floor"} {
    rate(registrar, kClients, number);  // until the write-ahead log has its size
  }
  void commit() {
    const auto work = writing(records_of(++number, registrar.now()));
    if (const auto written = write_and_wait(registrar.store(), work); !written) {
      throw std::runtime_error{to_string(written.error())};
    }
  }
  OwnRegistrar registrar;
  Floor floor;
  std::atomic<std::uint32_t> number = 0;
};

void measure(Store& store, const std::string& disk) {
  std::vector<double> least;
  std::vector<double> ours;
  for (int round = 0; round < kRounds; ++round) {
    least.push_back(took_us(store.floor));
    ours.push_back(took_us([&] { store.commit(); }));
  }
  heading("Store of the registrar, " + disk + " (p50 of " + std::to_string(kRounds) +
          " interleaved rounds; rates over " + std::to_string(kSpan.count()) + " s)");
  char text[64];
  std::snprintf(text, sizeof text, "%.0f us / %.0f us", median(ours), median(least));
  print_ratio("registration commit / fdatasync", text, median(ours) / median(least), kAimOfCommit);
  const double one = rate(store.registrar, 1, store.number);
  const double many = rate(store.registrar, kClients, store.number);
  std::printf("  %-34s %.0f/s / %.0f/s %20.2fx   aim at least %.2fx   %s\n", "32 clients / 1 client", many, one,
              many / one, kAimOfGroup, many >= kAimOfGroup * one ? "met" : "NOT MET");
}

void run(const std::string& directory) {
  Store store{directory};
  measure(store, "this disk");
  flush_delay = kSlowFlush;
  measure(store, "flushes " + std::to_string(kSlowFlush.count()) + " us longer");
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error{"usage: bench-commits DIRECTORY"};
  signet::bench::run(argv[1]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-commits: %s\n", error.what());
  return 1;
}
