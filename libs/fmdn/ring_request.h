// What an owner asks for with data ID 0x05, and how a beacon tells of its ringing (FMDN specification, "Ring").
#pragma once

#include <array>
#include <chrono>
#include <optional>

#include "base/bytes.h"
#include "fmdn/refusal.h"

namespace signet::fmdn {

// Components, as bits.
using Components = std::uint8_t;
inline constexpr Components kRight = 0x01;
inline constexpr Components kLeft = 0x02;
inline constexpr Components kCase = 0x04;
inline constexpr std::uint8_t kRingAll = 0xff;  // only in requests; what rings is told by its bits

using Deciseconds = std::chrono::duration<std::uint16_t, std::deci>;
inline constexpr Deciseconds kLongestRing{6000};  // ten minutes

enum class Volume : std::uint8_t { usual = 0, low = 1, medium = 2, high = 3 };

// What a device has to ring with. The number of components is the octet that tells it to owners.
enum class RingParts : std::uint8_t { none = 0, one = 1, left_and_right = 2, left_right_and_case = 3 };
Components all_of(RingParts parts);  // the bits that "all" stands for; a single component is the right one

struct RingRequest {
  std::uint8_t operation = 0;  // kRingAll, components, or 0: stop
  Deciseconds timeout{0};
  std::uint8_t volume = 0;

  [[nodiscard]] bool stops() const { return operation == 0; }
};

std::array<std::uint8_t, 4> encode(const RingRequest& request);
RingRequest decode_ring_request(std::span<const std::uint8_t, 4> octets);

// Why a device cannot do this. A request to stop is always possible, whatever else it says.
std::optional<Refusal> refusal_of(const RingRequest& request, RingParts parts, bool has_volumes);

// The components of an acceptable request: real bits.
Components components_of(const RingRequest& request, RingParts parts);

// What a notification of a change says.
enum class RingState : std::uint8_t { started = 0, failed = 1, timed_out = 2, button = 3, requested = 4 };

struct RingNotice {
  RingState state;
  Components ringing = 0;
  Deciseconds left{0};  // 0 when nothing rings
  bool operator==(const RingNotice&) const = default;
};
std::array<std::uint8_t, 4> encode(const RingNotice& notice);

}  // namespace signet::fmdn
