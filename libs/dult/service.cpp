#include "dult/service.h"

#include <algorithm>
#include <utility>

#include "base/endian.h"

namespace signet::dult {
namespace {

Effects indicate(ConnectionId to, Bytes value) {
  Effects effects;
  effects.indications.push_back({to, std::move(value)});
  return effects;
}

}  // namespace

Service::Service(Product product, IdentifierSource& identifiers)
    : product_{std::move(product)}, identifiers_{identifiers} {}

Outcome Service::write(ConnectionId from, BytesView octets, std::size_t offset, Time now) {
  Outcome outcome{.error = std::nullopt, .effects = advance(now)};
  if (offset != 0) {
    outcome.error = AttError::invalid_offset;
  } else if (octets.size() != sizeof(std::uint16_t)) {
    outcome.error = AttError::invalid_attribute_length;
  } else {
    outcome.effects.add(answer(from, load_le<std::uint16_t>(octets, 0), now));
  }
  return outcome;
}

// Whatever is unknown, unsupported or not to be had now is answered with the same words: Invalid_command.
Effects Service::answer(ConnectionId from, std::uint16_t opcode, Time now) {
  std::optional<Bytes> indication;
  if (separated_) {
    const auto request = static_cast<Opcode>(opcode);
    if (request == Opcode::sound_start && has(kPlaysSound)) return sound_.start(from, now);
    if (request == Opcode::sound_stop && has(kPlaysSound)) return sound_.stop(from);
    indication = request == Opcode::get_identifier ? identifier_response(now) : information(product_, opcode);
  }
  if (!indication) indication = command_response(opcode, Status::invalid_command);
  return indicate(from, *std::move(indication));
}

std::optional<Bytes> Service::identifier_response(Time now) {
  if (!has(kLookupByBle) || !window_.is_open(now)) return std::nullopt;
  const auto identifier = identifiers_.identifier();
  if (!identifier) return std::nullopt;
  return message(Opcode::get_identifier_response, *identifier);
}

void Service::disconnected(ConnectionId connection) { sound_.disconnected(connection); }

Result<void> Service::open_identifier_window(Time now) {
  if (!has(kLookupByBle)) return fail(Errc::unsupported, "identifier: this product has no lookup by BLE");
  if (!identifiers_.identifier()) return fail(Errc::not_found, "identifier: the accessory has no owner");
  window_.open(now);
  return {};
}

Effects Service::unprovisioned() {
  separated_ = false;
  window_.close();
  return sound_.silence();
}

std::optional<Time> Service::deadline() const {
  const auto sound = sound_.deadline();
  const auto window = window_.end();
  if (sound && window) return std::min(*sound, *window);
  return sound ? sound : window;
}

Effects Service::advance(Time now) {
  window_.advance(now);
  return sound_.advance(now);
}

}  // namespace signet::dult
