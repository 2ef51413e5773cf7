#include "identity/ids.h"

#include <algorithm>

namespace signet::identity {
namespace {

constexpr std::size_t kMaxModelId = 64;
constexpr std::size_t kMaxSn = 128;
constexpr std::size_t kMaxAppId = 64;
constexpr std::size_t kSnTicketSize = 32;

bool is_alphanumeric(char c) { return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); }

// A printable octet as it is, any other in hexadecimal: it goes into messages.
std::string shown(char octet) {
  if (octet > ' ' && octet <= '~') return std::string{"'"} + octet + "'";
  constexpr std::string_view kDigits = "0123456789abcdef";
  const auto value = static_cast<std::uint8_t>(octet);
  return std::string{"octet 0x"} + kDigits[value >> 4] + kDigits[value & 15];
}

// `others`: what is allowed beside letters and digits.
Result<void> check(std::string_view field, std::string_view text, std::size_t least, std::size_t most,
                   std::string_view others) {
  const std::string name{field};
  if (text.size() < least || text.size() > most) {
    const std::string size =
        least == most ? std::to_string(most) : std::to_string(least) + " to " + std::to_string(most);
    return fail(Errc::invalid_argument,
                name + ": has " + std::to_string(text.size()) + " characters, must have " + size);
  }
  const auto wrong = std::ranges::find_if(
      text, [&](char c) { return !is_alphanumeric(c) && others.find(c) == std::string_view::npos; });
  if (wrong == text.end()) return {};
  std::string allowed = "A-Z a-z 0-9";
  for (char c : others) allowed += std::string{" "} + c;
  return fail(Errc::invalid_argument, name + ": " + shown(*wrong) + " at position " +
                                          std::to_string(wrong - text.begin() + 1) + " is none of " + allowed);
}

}  // namespace

Result<void> check_model_id(std::string_view text) { return check("model_id", text, 1, kMaxModelId, "_-."); }
Result<void> check_sn(std::string_view text) { return check("sn", text, 1, kMaxSn, "_-"); }
Result<void> check_app_id(std::string_view text) { return check("app_id", text, 1, kMaxAppId, "_-."); }
Result<void> check_sn_ticket(std::string_view text) {
  return check("sn_ticket", text, kSnTicketSize, kSnTicketSize, "");
}

Result<void> check_ids(const Ids& ids) {
  SIGNET_TRY(check_model_id(ids.model_id));
  SIGNET_TRY(check_sn(ids.sn));
  return check_app_id(ids.app_id);
}

crypto::Digest identity_digest(const RegistrationId& id, const Ids& ids) {
  constexpr std::uint8_t kZero[] = {0};
  return crypto::sha256({as_bytes("signet identity v1"), kZero, id, as_bytes(ids.model_id), kZero, as_bytes(ids.sn),
                         kZero, as_bytes(ids.app_id)});
}

crypto::Digest cid_hash(const MaskedCid& cid) {
  constexpr std::uint8_t kZero[] = {0};
  return crypto::sha256({as_bytes("signet cid v1"), kZero, cid.octets});
}

}  // namespace signet::identity
