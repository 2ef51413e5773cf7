#include "fmdnd/stream_door.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "base/overloaded.h"
#include "fmdn/eid.h"

namespace signet::fmdnd {
namespace {

constexpr std::uint8_t kUnknownLevel = 0x7f;
constexpr std::uint8_t kBuds = fmdn::kRight | fmdn::kLeft;  // what the stream has names for

}  // namespace

StreamDoor::StreamDoor(const Config& config, const Memory& memory, const ClockKeeper& clock, Ringer& ringer,
                       crypto::Random& random)
    : config_{config},
      memory_{memory},
      clock_{clock},
      ringer_{ringer},
      random_{random},
      components_{fmdn::all_of(static_cast<fmdn::RingParts>(config.sound.components))} {}

bluez::StreamListener StreamDoor::listener() {
  return {.opened = [this](bluez::StreamId stream, const std::string&) { opened(stream); },
          .received = [this](bluez::StreamId stream, BytesView octets) { received(stream, octets); },
          .closed = [this](bluez::StreamId stream) { readers_.erase(stream); }};
}

void StreamDoor::set_address(const fastpair::Address& address) {
  if (std::exchange(address_, address) != address) tell_all(fastpair::ble_address(address));
}

// One battery is told as the first of three.
void StreamDoor::set_battery(std::optional<int> percent) {
  std::optional<std::array<std::uint8_t, 3>> levels;
  if (percent) levels = {static_cast<std::uint8_t>(*percent), kUnknownLevel, kUnknownLevel};
  if (std::exchange(battery_, levels) != levels && levels) tell_all(fastpair::battery_levels(*levels));
}

void StreamDoor::opened(bluez::StreamId stream) {
  readers_[stream] = {};
  for (const auto& message : fastpair::greet(greeting())) send(stream, message);
}

fastpair::Greeting StreamDoor::greeting() {
  const auto& firmware = config_.device.firmware;
  return {.model_id = config_.device.model_id,
          .address = address_,
          .nonce = random_.bytes<fastpair::kSessionNonceSize>(),
          .battery = battery_,
          .firmware_version = fmt::format("{}.{}.{}", firmware[0], firmware[1], firmware[2]),
          .eid = current_eid()};
}

// That of the clock as it is now, so that the phone can set its own by both. On the air it may follow a little later.
std::optional<fastpair::Greeting::Eid> StreamDoor::current_eid() const {
  const auto& eik = memory_.record().eik;
  if (!eik) return std::nullopt;
  const auto clock = clock_.now();
  const auto identity = fmdn::identity_at(*eik, clock, config_.beacon.curve);
  if (!identity) return std::nullopt;
  return fastpair::Greeting::Eid{.clock = clock, .eid = identity->eid};
}

void StreamDoor::received(bluez::StreamId stream, BytesView octets) {
  const auto reader = readers_.find(stream);
  if (reader == readers_.end()) return;
  for (const auto& message : reader->second.take(octets)) {
    if (const auto answer = act(message)) send(stream, *answer);
  }
}

std::optional<fastpair::Message> StreamDoor::act(const fastpair::Message& message) {
  using Answer = std::optional<fastpair::Message>;
  return std::visit(Overloaded{[&](const fastpair::RingRequest& request) -> Answer { return ring(message, request); },
                               [&](const fastpair::ActiveComponentsRequest&) -> Answer {
                                 return fastpair::active_components(components_ & kBuds);
                               },
                               [&](const fastpair::CapabilityUpdateRequest&) -> Answer {
                                 return fastpair::fmdn_tracking(memory_.record().eik.has_value(), address_);
                               },
                               [&](const fastpair::MalformedMessage&) -> Answer {
                                 if (message.group != fastpair::group::kDeviceAction) return std::nullopt;
                                 return fastpair::refuse(message, fastpair::NakReason::unsupported);
                               },
                               [](const auto&) -> Answer { return std::nullopt; }},
                    fastpair::parse_from_seeker(message));
}

fastpair::Message StreamDoor::ring(const fastpair::Message& message, const fastpair::RingRequest& request) {
  if (request.components == fastpair::RingComponents::none) {
    ringer_.ring().stop(fmdn::SoundSource::stream);
    ringer_.follow();
    return fastpair::acknowledge(message);
  }
  const auto wanted = static_cast<fmdn::Components>(static_cast<fmdn::Components>(request.components) & components_);
  if (wanted == 0) return fastpair::refuse(message, fastpair::NakReason::unsupported);
  const bool limited = request.timeout_s.value_or(0) != 0;
  const fmdn::Instant time = limited ? std::chrono::seconds{*request.timeout_s} : fmdn::Instant{fmdn::kLongestRing};
  const bool granted =
      ringer_.ring().start({.source = fmdn::SoundSource::stream, .components = wanted, .until = steady_now() + time});
  if (!granted) return fastpair::refuse(message, fastpair::NakReason::device_busy);
  ringer_.follow();
  if (ringer_.ringing() == 0) return fastpair::refuse(message, fastpair::NakReason::device_busy);  // the hardware fails
  return fastpair::acknowledge(message);
}

void StreamDoor::send(bluez::StreamId stream, const fastpair::Message& message) {
  const auto octets = fastpair::encode(message);
  if (!octets) return spdlog::error("message stream: {}", to_string(octets.error()));
  if (streams_ != nullptr) streams_->send(stream, *octets);
}

void StreamDoor::tell_all(const fastpair::Message& message) {
  for (const auto& [stream, reader] : readers_) send(stream, message);
}

}  // namespace signet::fmdnd
