// A whole accessory and three peers who write anything to every characteristic of it, half of it authenticated as it
// should be, in any order with connections that end, a user who presses what there is, a store that fails, a radio that
// goes, and restarts. What nobody has authenticated changes nothing of the owner's; what is on the air is what the
// record says.
#include <fuzzer/FuzzedDataProvider.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <cstdlib>
#include <utility>

#include "bluez/simulated/air.h"
#include "dult/message.h"
#include "fastpair/uuids.h"
#include "fmdn/owner/answers.h"
#include "fmdnd/accessory.h"
#include "tests/unit/fmdnd/fakes.h"

namespace {

using namespace signet;
using namespace signet::fmdnd;

void require(bool holds) {
  if (!holds) std::abort();
}

class CountingRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, ++count_); }

 private:
  std::uint8_t count_ = 0;
};

const crypto::P256PrivateKey& anti_spoofing() {
  static const auto key = crypto::P256PrivateKey::from_scalar(crypto::P256Scalar{std::array<std::uint8_t, 32>{1}});
  return *key;
}

fastpair::AccountKey account_key(std::uint8_t number) {
  return fastpair::AccountKey{std::array<std::uint8_t, 16>{4, number}};
}
const fmdn::Eik kEik{std::array<std::uint8_t, 32>{7}};

class Life final : public bluez::Notifier {
 public:
  explicit Life(FuzzedDataProvider& input) : input_{input} {
    config_.device.name = "Tag";
    config_.device.manufacturer = "Acme";
    config_.device.locator_tag = input.ConsumeBool();
    if (input.ConsumeBool()) config_.beacon.curve = fmdn::Curve::secp256r1;
    config_.sound.components = input.ConsumeIntegralInRange<std::uint8_t>(0, 3);
    radio_.extended = input.ConsumeBool();
    const bool paired = input.ConsumeBool();
    const bool provisioned = input.ConsumeBool();
    if (paired) vault_.record = first_record(provisioned);
    trusted_ = config_.device.locator_tag && paired && !provisioned;  // such a one resets itself
    start();
  }
  ~Life() override { stop(); }

  void event() {
    const auto device = std::string{"/"} + "abc"[input_.ConsumeIntegralInRange<std::size_t>(0, 2)];
    switch (input_.ConsumeIntegralInRange<int>(0, 9)) {
      case 0: connections_->leave(device); break;
      case 1: user(); break;
      case 2: trouble(); break;
      case 3: pass(std::chrono::seconds{input_.ConsumeIntegral<std::uint16_t>()}); break;
      case 4: read(device); break;
      default: write(device);
    }
    if (input_.ConsumeProbability<float>() > 0.2F) settle();
    judge();
  }

  void notify(std::string_view uuid, BytesView value) override {
    require(value.size() <= 512);
    require(std::ranges::any_of(services_, [&](const auto& service) {
      return std::ranges::any_of(service.characteristics, [&](const auto& known) { return known.uuid == uuid; });
    }));
  }

 private:
  static Bytes first_record(bool provisioned) {
    Record record{fastpair::KeepKeys::recently_used};
    require(record.keys.add(account_key(1)).has_value());
    if (provisioned) record.eik = kEik.clone();
    const auto octets = encode(record);
    return {octets.view().begin(), octets.view().end()};
  }

  void start() {
    // Nowhere: what a cut does to its file is power_cut_test's matter, and writing takes time.
    clock_.emplace("/nowhere/clock", Times{.uptime = [this] { return uptime_; },
                                           .wall = [this] { return std::chrono::sys_seconds{uptime_}; }});
    air_.emplace(loop_, steady_, radio_);
    connections_.emplace();
    accessory_.emplace(Surroundings{.loop = loop_,
                                    .config = config_,
                                    .vault = vault_,
                                    .clock = *clock_,
                                    .alarm = alarm_,
                                    .advertising = *air_,
                                    .connections = *connections_,
                                    .sound = sound_,
                                    .anti_spoofing = anti_spoofing(),
                                    .random = random_});
    services_ = accessory_->services();
    accessory_->answer_through(*this);
    accessory_->begin();
    if (input_.ConsumeBool()) settle();
  }
  void stop() {
    settle();  // a vault's answers do not come after it
    services_.clear();
    accessory_.reset();
    alarm_.rings = {};
    connections_.reset();
    air_.reset();
    clock_.reset();
  }
  void pass(std::chrono::seconds time) {
    uptime_ += time;
    if (alarm_.rings && alarm_.due <= uptime_) std::exchange(alarm_.rings, {})();
  }
  void settle() {
    loop_.restart();
    loop_.poll();
  }

  const bluez::Characteristic& characteristic() {
    const auto& service = services_[input_.ConsumeIntegralInRange<std::size_t>(0, services_.size() - 1)];
    return service.characteristics[input_.ConsumeIntegralInRange<std::size_t>(0, service.characteristics.size() - 1)];
  }
  bluez::Request request(const std::string& device) {
    const std::uint16_t offset =
        input_.ConsumeProbability<float>() < 0.05F ? input_.ConsumeIntegral<std::uint8_t>() : 0;
    return {.device = device, .link = "LE", .mtu = input_.ConsumeIntegral<std::uint16_t>(), .offset = offset};
  }

  void read(const std::string& device) {
    for (const auto& service : services_) {
      for (const auto& known : service.characteristics) {
        if (known.uuid != fastpair::kBeaconActionsUuid) continue;
        known.read(request(device), [this](const bluez::ReadOutcome& outcome) {
          const auto* octets = std::get_if<Bytes>(&outcome);
          const auto nonce = octets != nullptr ? owner_nonce(*octets) : std::nullopt;
          if (nonce) nonce_ = *nonce;
        });
      }
    }
  }
  static std::optional<fmdn::Nonce> owner_nonce(const Bytes& octets) {
    const auto nonce = fmdn::owner::parse_nonce(octets);
    return nonce ? std::optional{*nonce} : std::nullopt;
  }

  // A request of Beacon Actions as its client would authenticate it.
  Bytes authenticated() {
    trusted_ = true;
    const auto id = static_cast<fmdn::DataId>(input_.ConsumeIntegralInRange<int>(0, 9));
    Bytes additional =
        input_.ConsumeBytes<std::uint8_t>(input_.PickValueInArray<std::size_t>({0, 1, 2, 4, 8, 32, 40, 41}));
    if (input_.ConsumeBool() && additional.size() >= sizeof(fmdn::Hash)) {
      std::ranges::copy(fmdn::eik_hash(kEik, nonce_), additional.end() - sizeof(fmdn::Hash));
    }
    const auto first = account_key(1);
    const fmdn::ShortKey derived[] = {fmdn::recovery_key(kEik), fmdn::ring_key(kEik),
                                      fmdn::unwanted_tracking_key(kEik)};
    const auto which = input_.ConsumeIntegralInRange<std::size_t>(0, 4);
    const BytesView key = which < 2 ? BytesView{first.view()} : BytesView{derived[which - 2].view()};
    return fmdn::encode(id, fmdn::request_authentication(key, nonce_, id, additional), additional);
  }

  // What a Seeker would send that has an account key.
  Bytes encrypted() {
    trusted_ = true;
    const fastpair::SessionKey key{account_key(1)};
    fastpair::Block block{};
    const Bytes octets = input_.ConsumeBytes<std::uint8_t>(block.size());
    std::ranges::copy(octets, block.begin());
    const auto sealed = key.encrypt(block);
    return {sealed.begin(), sealed.end()};
  }

  Bytes octets() {
    switch (input_.ConsumeIntegralInRange<int>(0, 4)) {
      case 0: return authenticated();
      case 1: return encrypted();
      case 2:
        return dult::message(input_.PickValueInArray(
            {dult::Opcode::sound_start, dult::Opcode::sound_stop, dult::Opcode::get_identifier}));
      default: return input_.ConsumeBytes<std::uint8_t>(input_.ConsumeIntegralInRange<std::size_t>(0, 600));
    }
  }

  void write(const std::string& device) {
    const auto& known = characteristic();
    auto value = octets();
    if (value.size() > 512) value.resize(512);
    if (!known.write) return;
    if (input_.ConsumeBool()) read(device);
    known.write(request(device), std::move(value),
                [answers = std::make_shared<int>()](const bluez::WriteOutcome&) { require(++*answers == 1); });
  }

  void user() {
    switch (input_.ConsumeIntegralInRange<int>(0, 7)) {
      case 0:
        trusted_ = true;  // whoever comes now may leave an account key
        static_cast<void>(accessory_->start_pairing(std::chrono::seconds{60}));
        break;
      case 1: accessory_->stop_pairing(); break;
      case 2: accessory_->press_button(); break;
      case 3: static_cast<void>(accessory_->ring(std::chrono::seconds{5})); break;
      case 4: accessory_->stop_ringing(); break;
      case 5: accessory_->pause(input_.ConsumeBool()); break;
      case 6: static_cast<void>(accessory_->start_identifying()); break;
      default: trusted_ = true; accessory_->factory_reset([](const Result<void>&) {});
    }
  }

  void trouble() {
    switch (input_.ConsumeIntegralInRange<int>(0, 6)) {
      case 0: vault_.fails = Errc::no_service; break;
      case 1: vault_.save_fails = Errc::outcome_unknown; break;
      case 2:
        vault_.fails.reset();
        vault_.save_fails.reset();
        break;
      case 3: air_->set_power(input_.ConsumeBool()); break;
      case 4: air_->set_present(input_.ConsumeBool()); break;
      case 5: air_->restart_bluetoothd(); break;
      default:
        if (input_.ConsumeBool()) vault_.record = first_record(true);  // as another fmdnd would have left it
        stop();
        trusted_ = true;
        sound_.broken = input_.ConsumeBool();
        start();
    }
  }

  void judge() {
    if (vault_.record) require(decode(*vault_.record, fastpair::KeepKeys::recently_used).has_value());
    require(trusted_ || vault_.saves == 0);
    const auto state = accessory_->state();
    const auto on_air = air_->on_air();
    require(state == State::provisioned || !on_air.contains(bluez::Slot::fmdn));
    require((accessory_->ringing() != 0) <= (config_.sound.components != 0));
    static_cast<void>(accessory_->problem());
    static_cast<void>(accessory_->windows());
  }

  FuzzedDataProvider& input_;
  Config config_;
  boost::asio::io_context loop_{1};
  FakeVault vault_{loop_};
  std::chrono::seconds uptime_{1000};
  FakeAlarm alarm_{uptime_};
  const SystemClock steady_;
  bluez::simulated::Radio radio_;
  FakeSound sound_;
  CountingRandom random_;
  fmdn::Nonce nonce_{};
  bool trusted_ = false;  // somebody has had what it takes to change the record
  std::optional<ClockKeeper> clock_;
  std::optional<bluez::simulated::Air> air_;
  std::optional<FakeConnections> connections_;
  std::optional<Accessory> accessory_;
  std::vector<bluez::Service> services_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  spdlog::set_level(spdlog::level::off);
  FuzzedDataProvider input{data, size};
  Life life{input};
  for (int events = 0; events < 60 && input.remaining_bytes() > 0; ++events) life.event();
  return 0;
}
