#include "activation/records.h"

#include <algorithm>
#include <array>

#include "base/base64.h"

namespace signet::activation {
namespace {

constexpr std::uint8_t kRandomUeid = 0x01;  // RFC 9711 section 4.2.1: type RAND
constexpr std::array kPurposes{KeyPurpose::hardware_ca, KeyPurpose::emulated_ca, KeyPurpose::registrar,
                               KeyPurpose::escrow};

}  // namespace

std::string to_text(const Ueid& ueid) { return to_base64url(ueid); }

Result<Ueid> parse_ueid(std::string_view text) {
  const auto octets = from_base64url(text);
  Ueid ueid{};
  if (!octets || octets->size() != ueid.size() || octets->front() != kRandomUeid) {
    return fail(Errc::invalid_argument, "ueid: must be base64url of 33 octets, the first of them 1");
  }
  std::copy(octets->begin(), octets->end(), ueid.begin());
  return ueid;
}

std::string to_text(const identity::RegistrationId& id) { return to_base64url(id); }

Result<identity::RegistrationId> parse_registration_id(std::string_view text) {
  const auto octets = from_base64url(text);
  identity::RegistrationId id{};
  if (!octets || octets->size() != id.size()) {
    return fail(Errc::invalid_argument, "id: must be base64url of 16 octets (22 characters)");
  }
  std::copy(octets->begin(), octets->end(), id.begin());
  return id;
}

std::string_view name(ChipKind kind) { return kind == ChipKind::hardware ? "hardware" : "emulated"; }

std::optional<ChipKind> parse_chip_kind(std::string_view text) {
  if (text == "hardware") return ChipKind::hardware;
  if (text == "emulated") return ChipKind::emulated;
  return std::nullopt;
}

std::string_view name(KeyPurpose purpose) {
  switch (purpose) {
    case KeyPurpose::hardware_ca: return "hardware-ca";
    case KeyPurpose::emulated_ca: return "emulated-ca";
    case KeyPurpose::registrar: return "registrar";
    case KeyPurpose::escrow: return "escrow";
  }
  return "";
}

std::optional<KeyPurpose> parse_key_purpose(std::string_view text) {
  for (KeyPurpose purpose : kPurposes) {
    if (name(purpose) == text) return purpose;
  }
  return std::nullopt;
}

}  // namespace signet::activation
