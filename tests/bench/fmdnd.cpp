// fmdnd at rest: its memory, and what wakes it up. Usage: bench-fmdnd FMDND FAST-FMDND FAKE-BLUEZ FLOOR-SERVICE
// DIRECTORY; DIRECTORY is new and empty. The radio is fake_bluez, and the hour of rest passes in a minute: FAST-FMDND
// is fmdnd with a beacon clock that runs so much faster, and its watchdog is told a limit so much shorter.
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/unique_fd.h"
#include "bus.h"
#include "fmdnd/record.h"
#include "report.h"
#include "tests/bus/private_bus.h"

namespace signet::bench {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

constexpr int kSpeed = 60;
constexpr seconds kMinute{60};
constexpr seconds kAtRest{20};
constexpr std::chrono::minutes kWatchdog{45};  // fmdnd.service
constexpr int kStarts = 5;

constexpr const char* kName = "org.signet.Fmdn1";
constexpr Destination kFmdnd{kName, "/org/signet/Fmdn1", "org.freedesktop.DBus.Properties"};
constexpr const char* kFloor = "bench.Floor";

struct Programs {
  std::string fmdnd;
  std::string fast_fmdnd;
  std::string fake_bluez;
  std::string floor;
  std::string directory;

  [[nodiscard]] std::vector<std::string> command(const std::string& program) const {
    return {program, "--config", directory + "/fmdnd.toml", "--state-dir", directory + "/state"};
  }
  [[nodiscard]] std::string log() const { return directory + "/log"; }
};

// Plays the service manager, with a watchdog whose limit is in the beacon's time.
class ServiceManager {
 public:
  ServiceManager() : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    socklen_t size = sizeof address;
    if (::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)) != 0 ||
        ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size) != 0) {
      throw std::runtime_error{"no socket for the service manager"};
    }
    const std::string name{address.sun_path + 1, size - sizeof(sa_family_t) - 1};
    const auto limit = std::chrono::microseconds{kWatchdog} / kSpeed;
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
    ::setenv("WATCHDOG_USEC", std::to_string(limit.count()).c_str(), 1);
  }
  ~ServiceManager() {
    for (const char* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC"}) ::unsetenv(variable);
  }

  // How often the watchdog has been petted since the last time.
  int pets() {
    int count = 0;
    std::array<char, 256> text{};
    for (ssize_t size = 0; (size = ::recv(socket_.get(), text.data(), text.size(), 0)) >= 0;) {
      if (std::string_view{text.data(), static_cast<std::size_t>(size)} == "WATCHDOG=1") ++count;
    }
    return count;
  }

 private:
  UniqueFd socket_;
};

// A model, its key, and an owner's key in a file instead of rpmbd.
void write_configuration(const std::string& directory) {
  ::umask(077);
  std::ofstream{directory + "/anti-spoofing"} << "QkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkJCQkI=\n";
  ::mkdir((directory + "/state").c_str(), 0700);
  std::ofstream{directory + "/fmdnd.toml"}
      << "[device]\nmodel_id = \"9266e8\"\nname = \"Bench\"\nmanufacturer = \"Example\"\nlocator_tag = true\n"
      << "anti_spoofing_key = \"" << directory << "/anti-spoofing\"\n"
      << "[radio]\nadvertising = \"dbus\"\nadapter = \"hci0\"\n"
      << "[sound]\ncomponents = 0\n"
      << "[store]\nbackend = \"file\"\nfile = \"" << directory << "/secrets\"\n";
  fmdnd::Record record{fastpair::KeepKeys::only_one};
  if (!record.keys.add(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 1, 2, 3}})) {
    throw std::runtime_error{"account key"};
  }
  record.eik.emplace(std::array<std::uint8_t, 32>{0x11, 0x22, 0x33});
  const auto octets = encode(record);
  std::ofstream{directory + "/secrets", std::ios::binary}.write(reinterpret_cast<const char*>(octets.view().data()),
                                                                static_cast<std::streamsize>(octets.size()));
}

std::string state(BusClient& client) {
  const Message reply = client.call(kFmdnd, "Get", "ss", kName, "State");
  const char* text = nullptr;
  BusClient::check(sd_bus_message_read(reply.get(), "v", "s", &text), "state of fmdnd");
  return text;
}

// Until it is on the air and has nothing left to do.
void settle(BusClient& client) {
  const auto deadline = steady_clock::now() + seconds{20};
  while (state(client) != "provisioned") {
    if (steady_clock::now() > deadline) throw std::runtime_error{"fmdnd is " + state(client)};
    std::this_thread::sleep_for(milliseconds{50});
  }
  std::this_thread::sleep_for(seconds{2});
}

void compare_memory(const Programs& programs, BusClient& client) {
  std::vector<double> ours;
  std::vector<double> least;
  std::vector<double> anonymous;
  for (int i = 0; i < kStarts; ++i) {
    std::unique_ptr<Process> floor;
    client.start(floor, {programs.floor, kFloor}, programs.log(), kFloor);
    std::unique_ptr<Process> fmdnd;
    client.start(fmdnd, programs.command(programs.fmdnd), programs.log(), kName);
    settle(client);
    if (!fmdnd->private_kib() || !fmdnd->anonymous_kib()) {
      std::printf("  private memory: only root may look at fmdnd\n");
      return;
    }
    ours.push_back(*fmdnd->private_kib());
    anonymous.push_back(*fmdnd->anonymous_kib());
    least.push_back(floor->private_kib().value_or(0));
  }
  char measured[64];
  std::snprintf(measured, sizeof measured, "%.0f KiB / %.0f KiB", median(ours), median(least));
  print_ratio("private memory", measured, median(ours) / median(least), 0);
  std::printf("  %-34s %.0f KiB\n", "of which not code or constants", median(anonymous));
}

void count_between_rotations(const Programs& programs, BusClient& client) {
  std::unique_ptr<Process> fmdnd;
  client.start(fmdnd, programs.command(programs.fmdnd), programs.log(), kName);
  settle(client);
  const long before = fmdnd->wake_ups();
  std::this_thread::sleep_for(kAtRest);
  std::printf("  %-34s %ld in %lld s\n", "wake-ups between rotations", fmdnd->wake_ups() - before,
              static_cast<long long>(kAtRest.count()));
}

// What happens within a second is one wake-up: the dialogue with bluetoothd.
void count_in_an_hour(const Programs& programs, BusClient& client) {
  ServiceManager manager;
  ::setenv("SIGNET_CLOCK_SPEED", std::to_string(kSpeed).c_str(), 1);
  std::unique_ptr<Process> fmdnd;
  client.start(fmdnd, programs.command(programs.fast_fmdnd), programs.log(), kName);
  settle(client);
  manager.pets();

  const long before = fmdnd->wake_ups();
  long seen = before;
  int times = 0;
  auto last = steady_clock::time_point{};
  for (const auto end = steady_clock::now() + kMinute; steady_clock::now() < end;) {
    std::this_thread::sleep_for(milliseconds{20});
    const long now = fmdnd->wake_ups();
    if (now == seen) continue;
    if (steady_clock::now() - last > seconds{1}) ++times;
    last = steady_clock::now();
    seen = now;
  }
  const int pets = manager.pets();
  std::printf("  %-34s %d; the watchdog was petted %d times\n", "wake-ups in an hour of the beacon", times, pets);
  if (times > 0) {
    std::printf("  %-34s %.0f, the dialogue with bluetoothd\n", "returns from sleep in each",
                static_cast<double>(seen - before) / times);
  }
  // A rotation pets the watchdog once, and an hour has three or four, rarely five.
  const bool met = times == pets && pets >= 2 && pets <= 5;
  std::printf("  %-34s one for each rotation, every 1024 s: %s\n", "aim", met ? "met" : "NOT MET");
}

void run(const Programs& programs) {
  write_configuration(programs.directory);
  const testing::PrivateBus bus;
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  BusClient client;
  std::unique_ptr<Process> bluez;
  client.start(bluez, {programs.fake_bluez}, programs.log(), "org.bluez");

  heading("fmdnd at rest, provisioned and on the air through bluetoothd / minimal sd-bus service (medians of " +
          std::to_string(kStarts) + " starts)");
  compare_memory(programs, client);
  count_between_rotations(programs, client);
  count_in_an_hour(programs, client);
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc != 6) throw std::runtime_error{"usage: bench-fmdnd FMDND FAST-FMDND FAKE-BLUEZ FLOOR-SERVICE DIRECTORY"};
  signet::bench::run({argv[1], argv[2], argv[3], argv[4], argv[5]});
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-fmdnd: %s\n", error.what());
  return 1;
}
