// What speaks against a device (docs/registration.md, "Factors and reasons"), and which of it is held against it.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/result.h"

namespace signet::activation {

enum class Reason : std::uint8_t {
  serial_on_two_chips,     // the serial number is another chip's
  chip_with_other_serial,  // the chip is registered, or being registered, under another model or serial number
  emulated_chip,           // there is no chip
  counter_backwards,       // the write counter is below one that was seen before this nonce was issued
  counter_interleaved,     // after that, the higher counter has been seen again: two chips with one key are in use
  blocked_by_operator,
};
std::string_view name(Reason reason);  // "serial_on_two_chips"
std::optional<Reason> parse_reason(std::string_view text);

struct PolicyConfig {
  bool allow_emulated = false;  // decides on emulated_chip alone
  // Those that block; each is detected and recorded in the audit log anyway. blocked_by_operator always blocks.
  std::set<Reason> blocking{Reason::serial_on_two_chips, Reason::chip_with_other_serial, Reason::counter_backwards,
                            Reason::counter_interleaved};

  [[nodiscard]] bool blocks(Reason reason) const;
};

// The error with which the policy says no: identity_mismatch for chip_with_other_serial, else blocked; its context
// begins with the name of the reason and ": ".
Failure refuse(Reason reason, const std::string& words);
// The inverse: the reason, when it was the policy that said no.
std::optional<Reason> reason_of(const Error& error);

}  // namespace signet::activation
