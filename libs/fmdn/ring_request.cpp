#include "fmdn/ring_request.h"

#include <bit>

#include "base/endian.h"

namespace signet::fmdn {
namespace {

constexpr Components kKnown = kRight | kLeft | kCase;

bool lacks(RingParts parts, Components components) {
  if (std::popcount(components) > static_cast<int>(parts)) return true;
  return parts == RingParts::left_and_right && (components & kCase) != 0;
}

}  // namespace

Components all_of(RingParts parts) {
  switch (parts) {
    case RingParts::none: return 0;
    case RingParts::one: return kRight;
    case RingParts::left_and_right: return kRight | kLeft;
    case RingParts::left_right_and_case: return kKnown;
  }
  return 0;
}

std::array<std::uint8_t, 4> encode(const RingRequest& request) {
  std::array<std::uint8_t, 4> octets{request.operation, 0, 0, request.volume};
  store_be(octets, 1, request.timeout.count());
  return octets;
}

RingRequest decode_ring_request(std::span<const std::uint8_t, 4> octets) {
  return {.operation = octets[0], .timeout = Deciseconds{load_be<std::uint16_t>(octets, 1)}, .volume = octets[3]};
}

std::optional<Refusal> refusal_of(const RingRequest& request, RingParts parts, bool has_volumes) {
  if (request.stops()) return std::nullopt;
  const bool all = request.operation == kRingAll;
  if (!all && lacks(parts, request.operation & kKnown)) return Refusal::missing_component;
  const bool reserved = !all && (request.operation & ~kKnown) != 0;
  const bool endless = request.timeout == Deciseconds{0} || request.timeout > kLongestRing;
  const std::uint8_t loudest = has_volumes ? static_cast<std::uint8_t>(Volume::high) : 0;
  if (reserved || endless || request.volume > loudest) return Refusal::illegal_value;
  return std::nullopt;
}

Components components_of(const RingRequest& request, RingParts parts) {
  return request.operation == kRingAll ? all_of(parts) : request.operation;
}

std::array<std::uint8_t, 4> encode(const RingNotice& notice) {
  std::array<std::uint8_t, 4> octets{static_cast<std::uint8_t>(notice.state), notice.ringing};
  store_be(octets, 2, notice.left.count());
  return octets;
}

}  // namespace signet::fmdn
