// From a write of Beacon Actions to its notification, inside the daemon: the protocol alone, and the whole accessory
// with its doors, a radio that is simulated and a vault in memory; against the cryptography that a request and its
// answer cannot do without.
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <chrono>
#include <cstdio>
#include <filesystem>

#include "bluez/gatt_application.h"
#include "bluez/simulated/air.h"
#include "crypto/aes.h"
#include "crypto/hmac.h"
#include "fastpair/uuids.h"
#include "fmdn/owner/exchange.h"
#include "fmdnd/accessory.h"
#include "report.h"

namespace signet::bench {
namespace {

using fmdn::Nonce;
using fmdn::owner::Exchange;
using std::chrono::steady_clock;

constexpr int kRounds = 15;
constexpr int kPerRound = 300;
const fastpair::AccountKey kKey{std::array<std::uint8_t, 16>{4, 1, 2, 3}};
const fmdn::Eik kEik{std::array<std::uint8_t, 32>{0x11, 0x22, 0x33}};

struct MemoryVault final : fmdnd::Vault {
  explicit MemoryVault(boost::asio::io_context& of) : loop{of} {}
  void load(Loaded loaded) override {
    fmdnd::Record record{fastpair::KeepKeys::recently_used};
    if (!record.keys.add(kKey)) throw std::runtime_error{"account key"};
    record.eik = kEik.clone();
    auto octets = std::make_shared<SecretBuffer>(encode(record));
    boost::asio::post(loop, [loaded = std::move(loaded), octets] { loaded(std::optional{std::move(*octets)}); });
  }
  void save(SecretBuffer, Saved saved) override {
    boost::asio::post(loop, [saved = std::move(saved)] { saved({}); });
  }
  [[nodiscard]] const char* name() const override { return "memory"; }
  boost::asio::io_context& loop;
};

struct OneConnection final : bluez::Connections {
  void listen(Listener) override {}
  void seen(const std::string& device) override { devices.insert(device); }
  void disconnect(const std::string&) override { throw std::runtime_error{"disconnected"}; }
  [[nodiscard]] const std::set<std::string>& present() const override { return devices; }
  [[nodiscard]] bool bonded(const std::string&) const override { return false; }
  std::set<std::string> devices;
};

struct SilentSound final : fmdnd::Sound {
  Result<void> start(std::uint8_t, std::uint8_t) override { return {}; }
  void stop() override {}
};

struct NoAlarm final : fmdnd::Alarm {
  void set(std::chrono::nanoseconds, Ring) override {}
};

// One kind of request.
using Ask = Exchange (*)(const Nonce&);
Exchange ask_parameters(const Nonce& nonce) { return fmdn::owner::read_parameters(nonce, kKey.view()); }
Exchange ask_to_ring(const Nonce& nonce) {
  static const auto key = fmdn::ring_key(kEik);
  return fmdn::owner::ring(nonce, key, {.operation = fmdn::kRingAll, .timeout = fmdn::Deciseconds{100}});
}

double us_since(steady_clock::time_point begin) {
  return std::chrono::duration<double, std::micro>(steady_clock::now() - begin).count();
}

// The accessory as fmdnd has it, provisioned.
class Whole : public bluez::Notifier {
 public:
  explicit Whole(const std::string& directory) : clock_{directory + "/clock", fmdnd::system_times()} {
    config_.sound.components = 1;
    for (auto& service : accessory_.services()) {
      for (auto& each : service.characteristics) {
        if (each.uuid == fastpair::kBeaconActionsUuid) beacon_actions_ = std::move(each);
      }
    }
    accessory_.answer_through(*this);
    accessory_.begin();
    loop_.poll();
    if (accessory_.state() != fmdnd::State::provisioned) throw std::runtime_error{"the accessory is not provisioned"};
  }

  double us(Ask ask) {
    Nonce nonce{};
    beacon_actions_.read(client_, [&nonce](bluez::ReadOutcome outcome) {
      nonce = fmdn::owner::parse_nonce(std::get<Bytes>(outcome)).value();
    });
    const auto request = ask(nonce).request();
    notified_.reset();
    const auto begin = steady_clock::now();
    beacon_actions_.write(client_, request, [](const bluez::WriteOutcome&) {});
    if (!notified_) throw std::runtime_error{"a request without a notification"};
    const double took = std::chrono::duration<double, std::micro>(*notified_ - begin).count();
    loop_.restart();
    loop_.poll();
    return took;
  }

 private:
  void notify(std::string_view, BytesView) override {
    if (!notified_) notified_ = steady_clock::now();
  }

  boost::asio::io_context loop_{1};
  fmdnd::Config config_;
  MemoryVault vault_{loop_};
  fmdnd::ClockKeeper clock_;
  NoAlarm alarm_;
  const SystemClock steady_;
  bluez::simulated::Air air_{loop_, steady_};
  OneConnection connections_;
  SilentSound sound_;
  const crypto::P256PrivateKey anti_spoofing_ = crypto::P256PrivateKey::generate();
  crypto::SystemRandom random_;
  fmdnd::Accessory accessory_{{.loop = loop_,
                               .config = config_,
                               .vault = vault_,
                               .clock = clock_,
                               .alarm = alarm_,
                               .advertising = air_,
                               .connections = connections_,
                               .sound = sound_,
                               .anti_spoofing = anti_spoofing_,
                               .random = random_}};
  bluez::Characteristic beacon_actions_;
  const bluez::Request client_{.device = "/phone", .link = "LE", .mtu = 517};
  std::optional<steady_clock::time_point> notified_;
};

// The protocol without everything around it.
class Protocol {
 public:
  Protocol() { keys_.push_back(kKey.clone()); }

  double us(Ask ask) {
    const auto nonce = fmdn::owner::parse_nonce(actions_.read(1).value()).value();
    const auto request = ask(nonce).request();
    const auto begin = steady_clock::now();
    const auto outcome = actions_.write(1, request, {.account_keys = keys_, .owner = 0, .eid = eid_});
    const double took = us_since(begin);
    if (!outcome || outcome->refusal || outcome->notification.empty()) throw std::runtime_error{"a request is refused"};
    return took;
  }

 private:
  crypto::SystemRandom random_;
  fmdn::Ring ring_;
  std::vector<fastpair::AccountKey> keys_;
  const Bytes eid_ = Bytes(20, 0x42);
  fmdn::BeaconActions actions_{{.ring_parts = fmdn::RingParts::one}, kEik.clone(), ring_, random_};
};

// One HMAC to know the request by, one to make the answer known.
double least_us(bool hides) {
  static const Bytes message(30, 0x42);
  const auto begin = steady_clock::now();
  const auto asked = crypto::HmacKey{kKey.view()}.mac(message);
  const auto answered = crypto::HmacKey{kKey.view()}.mac(message);
  const auto hidden = hides ? crypto::AesKey{kKey.view()}.encrypt({}) : crypto::AesBlock{1};
  const double took = us_since(begin);
  if (asked != answered || hidden == crypto::AesBlock{}) throw std::runtime_error{"floor"};
  return took;
}

template <class Once>
double p50(Once once) {
  std::vector<double> times;
  for (int i = 0; i < kPerRound; ++i) times.push_back(once());
  return median(std::move(times));
}

template <class Once>
void print_latency(const std::string& what, Once once, bool hides, double aim) {
  std::vector<double> ours;
  std::vector<double> least;
  std::vector<double> ratios;
  p50(once);  // warm
  for (int round = 0; round < kRounds; ++round) {
    least.push_back(p50([hides] { return least_us(hides); }));
    ours.push_back(p50(once));
    ratios.push_back(ours.back() / least.back());
  }
  char measured[64];
  std::snprintf(measured, sizeof measured, "%.1f us / %.1f us", median(ours), median(least));
  print_ratio(what, measured, median(ratios), aim);
}

void run(const std::string& directory) {
  Protocol protocol;
  Whole whole{directory};
  heading(
      "Beacon Actions, p50 from the write to its notification / 2 HMACs, and an AES block for the parameters (medians "
      "of " +
      std::to_string(kRounds) + " interleaved rounds of " + std::to_string(kPerRound) + ")");
  print_latency(
      "parameters, the protocol alone", [&] { return protocol.us(ask_parameters); }, true, 1.5);
  print_latency(
      "parameters, whole accessory", [&] { return whole.us(ask_parameters); }, true, 2.0);
  print_latency(
      "ring, whole accessory", [&] { return whole.us(ask_to_ring); }, false, 2.5);
  std::printf("  the response to the write follows %d ms later: bluetoothd would overtake the notification with it\n",
              static_cast<int>(bluez::GattApplication::kHeadStart.count()));
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error{"usage: bench-beacon DIRECTORY"};
  signet::bench::run(argv[1]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-beacon: %s\n", error.what());
  return 1;
}
