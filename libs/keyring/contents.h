// What an owner knows of each device, and how it lies in the octets that are sealed (docs/keyring.md).
#pragma once

#include <array>
#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "fmdn/eid.h"

namespace signet::keyring {

inline constexpr std::size_t kMaxNameSize = 64;
inline constexpr std::size_t kMaxDevices = 1000;

// What the beacon's clock showed, and what ours did at that moment.
struct ClockReading {
  std::uint32_t beacon = 0;  // seconds, of the beacon's own
  std::chrono::sys_seconds wall{};
  bool operator==(const ClockReading&) const = default;

  // Where the beacon's clock should be at `time`.
  [[nodiscard]] std::uint32_t at(std::chrono::sys_seconds time) const {
    return beacon + static_cast<std::uint32_t>((time - wall).count());
  }
};

using ModelId = std::array<std::uint8_t, 3>;

struct Device {
  std::string name;
  std::optional<ModelId> model_id;
  std::optional<SecretBytes<16>> account_key;
  std::optional<fmdn::Eik> eik;       // nothing: paired, but not provisioned by us
  std::optional<fmdn::Eik> next_eik;  // was sent, and the answer is missing: it may be the one or the other
  fmdn::Curve curve = fmdn::Curve::secp160r1;
  bool owner = false;  // our account key is the owner's
  std::optional<ClockReading> clock;
  std::string address;  // where it was last, "00:AA:01:00:00:00"; empty: not known

  // With an identity key of which it may be the only copy.
  [[nodiscard]] bool may_be_beacon() const { return eik || next_eik; }
  [[nodiscard]] Device clone() const;
};

// Names are what people type: 1 to 64 letters, digits, '.', '_' and '-', not '-' first.
// Errors: invalid_argument, names the rule.
Result<void> check_name(std::string_view name);

// The devices, each name once, in the order in which they came.
class Contents {
 public:
  [[nodiscard]] const std::vector<Device>& devices() const { return devices_; }
  [[nodiscard]] const Device* find(std::string_view name) const;

  // Adds a device, or puts it in the place of the one with its name.
  // Errors: invalid_argument: the name; too_large: there are 1000 already.
  Result<void> put(Device device);
  Result<void> remove(std::string_view name);  // not_found

  [[nodiscard]] SecretBuffer encode() const;
  // Takes any octets. Errors: damaged: no such contents; unsupported_format: fields that only a newer version knows.
  static Result<Contents> decode(BytesView octets);

 private:
  std::vector<Device> devices_;
};

}  // namespace signet::keyring
