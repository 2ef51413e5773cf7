// rpmbd over D-Bus against the least a service on D-Bus can cost. Usage: bench-daemon RPMBD FLOOR-SERVICE DIRECTORY;
// pin it to one core (taskset), and everything it starts is pinned with it. DIRECTORY is new and empty.
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <stdexcept>
#include <thread>

#include "bus.h"
#include "report.h"
#include "tests/bus/private_bus.h"

namespace signet::bench {
namespace {

using std::chrono::steady_clock;

constexpr int kRounds = 15;
constexpr int kCallsPerRound = 400;
constexpr int kStarts = 15;
constexpr std::size_t kMessageSize = 32;
constexpr std::size_t kObjectSize = 4096;
constexpr int kChipKib = 128;
constexpr auto kSettle = std::chrono::milliseconds{400};  // until memory is at rest

constexpr const char* kName = "org.signet.Rpmb1";
constexpr const char* kPath = "/org/signet/Rpmb1";
constexpr Destination kFloor{"bench.Floor", "/floor", "bench.Floor"};
constexpr Destination kPeer{kName, kPath, "org.freedesktop.DBus.Peer"};
constexpr Destination kChip{kName, kPath, "org.signet.Rpmb1.Chip"};
constexpr Destination kKeys{kName, kPath, "org.signet.Rpmb1.Keys"};
constexpr Destination kStore{kName, kPath, "org.signet.Rpmb1.Store"};

struct Programs {
  std::string rpmbd;
  std::string floor;
  std::string directory;

  [[nodiscard]] std::vector<std::string> rpmbd_command() const {
    return {rpmbd, "--config", directory + "/rpmbd.toml", "--state-dir", directory + "/state"};
  }
  [[nodiscard]] std::vector<std::string> floor_command() const { return {floor, kFloor.name}; }
  [[nodiscard]] std::string log() const { return directory + "/log"; }
};

// What rpmbd needs: a root secret, an emulated chip, and a policy with us in it.
void write_configuration(const std::string& directory) {
  ::umask(077);
  std::ofstream{directory + "/root-secret"} << std::string(64, '5') << '\n';
  ::mkdir((directory + "/state").c_str(), 0700);
  std::ofstream{directory + "/rpmbd.toml"}
      << "[chip]\ntransport = \"emulator\"\n"
      << "[emulator]\nfile = \"" << directory << "/chip\"\nsize = " << kChipKib * 1024 << "\nwrite_frames = 2\n"
      << "[root]\nfile = \"" << directory << "/root-secret\"\n"
      << "[[client]]\nuser = \"" << ::getpwuid(::geteuid())->pw_name << "\"\nnamespace = \"bench\"\n"
      << "rights = [\"store\", \"keys\", \"counters\", \"evidence\", \"admin\"]\n";
}

// The CID that the emulated chip has given itself.
std::string chip_cid(BusClient& client) {
  Message plan = client.call(kChip, "PlanProvisioning", "");
  BusClient::check(sd_bus_message_enter_container(plan.get(), 'a', "{sv}"), "plan");
  while (sd_bus_message_enter_container(plan.get(), 'e', "sv") > 0) {
    const char* key = nullptr;
    const char* value = nullptr;
    BusClient::check(sd_bus_message_read(plan.get(), "s", &key), "plan");
    if (std::string_view{key} == "cid") {
      BusClient::check(sd_bus_message_read(plan.get(), "v", "s", &value), "cid of the plan");
      return value;
    }
    BusClient::check(sd_bus_message_skip(plan.get(), "v"), "plan");
    BusClient::check(sd_bus_message_exit_container(plan.get()), "plan");
  }
  throw std::runtime_error{"the provisioning plan names no cid"};
}

void provision(BusClient& client) {
  std::string cid = chip_cid(client);
  client.call(kChip, "Provision", "sa{sv}", cid.c_str(), 1, "root_backup", "s", "none-accepted");
  client.call(kKeys, "Generate", "ss", "hmac", "hmac-sha256");
  client.call(kKeys, "Generate", "ss", "ecdsa", "ecdsa-p256");
  Message put = client.make(kStore, "Put");
  std::vector<std::uint8_t> value(kObjectSize, 0x5a);
  BusClient::check(sd_bus_message_append(put.get(), "s", "object"), "append");
  BusClient::check(sd_bus_message_append_array(put.get(), 'y', value.data(), value.size()), "append");
  client.call(put.get());
}

// One kind of call: made anew every time, as a caller would, and its answer looked at.
struct Case {
  const char* name;
  std::function<Message(BusClient&)> make;
  std::size_t answer;  // octets of the array that must come back; 0: nothing
  double aim;          // 0: for information only
};

Message sign(BusClient& client, const char* key) {
  static constexpr std::uint8_t kMessage[kMessageSize] = {0x42};
  Message message = client.make(kKeys, "Sign");
  BusClient::check(sd_bus_message_append(message.get(), "s", key), "append");
  BusClient::check(sd_bus_message_append_array(message.get(), 'y', kMessage, sizeof kMessage), "append");
  return message;
}

Message get(BusClient& client) {
  Message message = client.make(kStore, "Get");
  BusClient::check(sd_bus_message_append(message.get(), "s", "object"), "append");
  return message;
}

const std::vector<Case> kCases = {
    {"empty call to the floor", [](BusClient& client) { return client.make(kFloor, "Empty"); }, 0, 0},
    {"empty call to rpmbd (Peer.Ping)", [](BusClient& client) { return client.make(kPeer, "Ping"); }, 0, 0},
    {"HMAC sign, 32 octets", [](BusClient& client) { return sign(client, "hmac"); }, 32, 1.10},
    {"ECDSA P-256 sign, 32 octets", [](BusClient& client) { return sign(client, "ecdsa"); }, 64, 1.55},
    {"get of 4 KiB", get, kObjectSize, 1.40},
};

void look_at(sd_bus_message* reply, const Case& of) {
  if (of.answer == 0) return;
  const void* octets = nullptr;
  std::size_t size = 0;
  BusClient::check(sd_bus_message_read_array(reply, 'y', &octets, &size), of.name);
  if (size != of.answer) throw std::runtime_error{std::string{of.name} + ": an answer of another size"};
}

// The p50 of one call in microseconds.
double p50_us(BusClient& client, const Case& of, int calls) {
  std::vector<double> times;
  times.reserve(static_cast<std::size_t>(calls));
  for (int i = 0; i < calls; ++i) {
    auto begin = steady_clock::now();
    Message message = of.make(client);
    Message reply = client.call(message.get());
    look_at(reply.get(), of);
    times.push_back(std::chrono::duration<double, std::micro>(steady_clock::now() - begin).count());
  }
  return median(std::move(times));
}

void wait_until_ready(BusClient& client) {
  for (auto deadline = steady_clock::now() + std::chrono::seconds{5};;) {
    try {
      p50_us(client, kCases[2], 1);
      return;
    } catch (const std::runtime_error&) {
      if (steady_clock::now() > deadline) throw;
      std::this_thread::sleep_for(std::chrono::milliseconds{20});
    }
  }
}

void compare_calls(const Programs& programs, BusClient& client) {
  std::unique_ptr<Process> floor;
  std::unique_ptr<Process> rpmbd;
  client.start(floor, programs.floor_command(), programs.log(), kFloor.name);
  client.start(rpmbd, programs.rpmbd_command(), programs.log(), kName);
  wait_until_ready(client);
  std::map<const char*, std::vector<double>> times;
  std::map<const char*, std::vector<double>> ratios;
  for (const Case& each : kCases) p50_us(client, each, kCallsPerRound);  // warm
  for (int round = 0; round < kRounds; ++round) {
    double base = 0;
    for (const Case& each : kCases) {
      double p50 = p50_us(client, each, kCallsPerRound);
      if (&each == &kCases.front()) base = p50;
      times[each.name].push_back(p50);
      ratios[each.name].push_back(p50 / base);
    }
  }

  double base = median(times[kCases.front().name]);
  heading("p50 over D-Bus / empty call to a minimal sd-bus service on the same bus (medians of " +
          std::to_string(kRounds) + " interleaved rounds of " + std::to_string(kCallsPerRound) + ")");
  for (const Case& each : kCases) {
    char measured[64];
    std::snprintf(measured, sizeof measured, "%.1f us / %.1f us", median(times[each.name]), base);
    print_ratio(each.name, measured, median(ratios[each.name]), each.aim);
  }
}

struct Footprint {
  std::vector<double> start_ms;
  std::vector<double> anonymous_kib;
};

void measure_start(BusClient& client, const std::vector<std::string>& command, const std::string& log, const char* name,
                   Footprint& footprint) {
  std::unique_ptr<Process> process;
  footprint.start_ms.push_back(1e3 * client.start(process, command, log, name).count());
  std::this_thread::sleep_for(kSettle);
  if (auto kib = process->anonymous_kib(); kib && *kib > 0) footprint.anonymous_kib.push_back(*kib);
}

void compare_footprints(const Programs& programs, BusClient& client) {
  Footprint floor;
  Footprint rpmbd;
  for (int i = 0; i < kStarts; ++i) {
    measure_start(client, programs.floor_command(), programs.log(), kFloor.name, floor);
    measure_start(client, programs.rpmbd_command(), programs.log(), kName, rpmbd);
  }

  heading("rpmbd / minimal sd-bus service (medians of " + std::to_string(kStarts) +
          " interleaved starts; a real chip is not in the daemon's memory, the emulated one is)");
  char measured[64];
  if (rpmbd.anonymous_kib.empty() || floor.anonymous_kib.empty()) {
    std::printf("  private anonymous memory: only root may look at rpmbd\n");
  } else {
    double with_chip = median(rpmbd.anonymous_kib);
    double ours = with_chip - kChipKib;
    double least = median(floor.anonymous_kib);
    std::snprintf(measured, sizeof measured, "%.0f KiB / %.0f KiB", with_chip, least);
    print_ratio("memory with the emulated chip", measured, with_chip / least, 0);
    std::snprintf(measured, sizeof measured, "%.0f KiB / %.0f KiB", ours, least);
    print_ratio("private anonymous memory", measured, ours / least, 4.0);
  }
  double ours = median(rpmbd.start_ms);
  double least = median(floor.start_ms);
  std::snprintf(measured, sizeof measured, "%.1f ms / %.1f ms", ours, least);
  print_ratio("start-up, exec to name owned", measured, ours / least, 2.5);
}

void run(const Programs& programs) {
  write_configuration(programs.directory);
  const testing::PrivateBus bus;
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus.address().c_str(), 1);
  BusClient client;
  {
    std::unique_ptr<Process> rpmbd;
    client.start(rpmbd, programs.rpmbd_command(), programs.log(), kName);
    provision(client);
  }
  compare_calls(programs, client);
  compare_footprints(programs, client);
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error{"usage: bench-daemon RPMBD FLOOR-SERVICE DIRECTORY"};
  signet::bench::run({argv[1], argv[2], argv[3]});
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-daemon: %s\n", error.what());
  return 1;
}
