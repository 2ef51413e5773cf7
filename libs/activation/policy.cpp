#include "activation/policy.h"

#include <array>

namespace signet::activation {
namespace {

constexpr std::array kReasons{Reason::serial_on_two_chips, Reason::chip_with_other_serial, Reason::emulated_chip,
                              Reason::counter_backwards,   Reason::counter_interleaved,    Reason::blocked_by_operator};

}  // namespace

std::string_view name(Reason reason) {
  switch (reason) {
    case Reason::serial_on_two_chips: return "serial_on_two_chips";
    case Reason::chip_with_other_serial: return "chip_with_other_serial";
    case Reason::emulated_chip: return "emulated_chip";
    case Reason::counter_backwards: return "counter_backwards";
    case Reason::counter_interleaved: return "counter_interleaved";
    case Reason::blocked_by_operator: return "blocked_by_operator";
  }
  return "";
}

std::optional<Reason> parse_reason(std::string_view text) {
  for (Reason reason : kReasons) {
    if (name(reason) == text) return reason;
  }
  return std::nullopt;
}

bool PolicyConfig::blocks(Reason reason) const {
  if (reason == Reason::blocked_by_operator) return true;
  if (reason == Reason::emulated_chip) return !allow_emulated;
  return blocking.contains(reason);
}

Failure refuse(Reason reason, const std::string& words) {
  const Errc code = reason == Reason::chip_with_other_serial ? Errc::identity_mismatch : Errc::blocked;
  return fail(code, std::string{name(reason)} + ": " + words);
}

std::optional<Reason> reason_of(const Error& error) {
  if (error.code != Errc::blocked && error.code != Errc::identity_mismatch) return std::nullopt;
  return parse_reason(std::string_view{error.context}.substr(0, error.context.find(':')));
}

}  // namespace signet::activation
