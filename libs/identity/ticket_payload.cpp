#include "identity/ticket_payload.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/base64.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

constexpr std::uint64_t kMaxTime = 253402300799;  // the last second of the year 9999
constexpr std::size_t kMinNonce = 16;
constexpr std::size_t kMaxNonce = 64;
constexpr std::size_t kIdSize = 16;
constexpr std::size_t kThumbprintSize = 32;
constexpr std::string_view kTransports[] = {"emmc", "ufs", "emulator"};
constexpr std::string_view kProtections[] = {"soft", "tpm2", "tee"};

Result<std::string> one_of(const jose::Members& members, std::string_view name,
                           std::span<const std::string_view> words) {
  SIGNET_ASSIGN(std::string text, members.text(name));
  if (std::ranges::find(words, text) != words.end()) return text;
  std::string list;
  for (const std::string_view word : words) list += (list.empty() ? "" : ", ") + std::string{word};
  return members.invalid(name, "must be one of " + list);
}

// Text that stands for `least` to `most` octets.
Result<std::string> encoded(const jose::Members& members, std::string_view name, std::size_t least, std::size_t most) {
  SIGNET_TRY(members.octets(name, least, most));
  return members.text(name);
}

Result<void> check_profile(const jose::Members& members) {
  SIGNET_ASSIGN(const std::string profile, members.text("eat_profile"));
  if (profile == kTicketProfile) return {};
  return members.invalid("eat_profile", "must be " + std::string{kTicketProfile});
}

Result<TicketUse> read_use(const jose::Members& members) {
  constexpr std::string_view kUses[] = {"challenge", "bearer"};
  SIGNET_ASSIGN(const std::string use, one_of(members, "sgt_use", kUses));
  return use == kUses[0] ? TicketUse::challenge : TicketUse::bearer;
}

Result<std::string> read_audience(const jose::Members& members) {
  SIGNET_ASSIGN(std::string audience, members.text("aud"));
  const bool printable = std::ranges::all_of(audience, [](char c) { return c >= ' ' && c <= '~'; });
  if (printable && !audience.empty() && audience.size() <= kMaxAudience) return audience;
  return members.invalid("aud", "must be 1 to " + std::to_string(kMaxAudience) + " printable ASCII characters");
}

Result<void> read_times(const jose::Members& members, TicketClaims& claims) {
  SIGNET_ASSIGN(const std::uint64_t issued, members.number("iat", kMaxTime));
  SIGNET_ASSIGN(const std::uint64_t expires, members.number("exp", kMaxTime));
  if (expires <= issued) return members.invalid("exp", "must be later than iat");
  if (expires - issued > static_cast<std::uint64_t>(kMaxTicketLife.count())) {
    return members.invalid("exp", "must be at most " + std::to_string(kMaxTicketLife.count()) + " s after iat");
  }
  claims.issued_at = crypto::UnixTime{std::chrono::seconds{issued}};
  claims.expires_at = crypto::UnixTime{std::chrono::seconds{expires}};
  return {};
}

// Puts the name of the claim in place of the name of the id.
Result<std::string> read_id(const jose::Members& members, std::string_view name,
                            Result<void> (*check)(std::string_view)) {
  SIGNET_ASSIGN(std::string text, members.text(name));
  const Result<void> checked = check(text);
  if (checked) return text;
  const std::string& rule = checked.error().context;
  return members.invalid(name, rule.substr(rule.find(": ") + 2));
}

Result<void> read_identity(const jose::Members& members, TicketClaims& claims) {
  SIGNET_ASSIGN(claims.ueid, members.octets<std::tuple_size_v<Ueid>>("ueid"));
  if (claims.ueid.front() != 0x01) return members.invalid("ueid", "must begin with the octet 0x01");
  SIGNET_ASSIGN(claims.model_id, read_id(members, "hwmodel", check_model_id));
  if (members.contains("sgt_sn")) {
    SIGNET_ASSIGN(claims.sn, read_id(members, "sgt_sn", check_sn));
  }
  SIGNET_ASSIGN(claims.app_id, read_id(members, "sgt_app", check_app_id));
  SIGNET_ASSIGN(const std::uint64_t generation, members.number("sgt_gen", std::numeric_limits<std::uint32_t>::max()));
  claims.generation = static_cast<std::uint32_t>(generation);
  return {};
}

Result<void> read_chip(const jose::Members& members, TicketClaims& claims) {
  SIGNET_ASSIGN(const jose::Members chip, members.object("sgt_chip"));
  SIGNET_ASSIGN(claims.transport, one_of(chip, "transport", kTransports));
  SIGNET_ASSIGN(claims.key_protection, one_of(chip, "key_protection", kProtections));
  SIGNET_ASSIGN(claims.kcv, chip.octets<std::tuple_size_v<CheckValue>>("kcv"));
  return {};
}

Result<void> read_confirmation(const jose::Members& members, TicketClaims& claims) {
  if (!members.contains("cnf")) return {};
  SIGNET_ASSIGN(const jose::Members confirmation, members.object("cnf"));
  SIGNET_ASSIGN(claims.confirmation, encoded(confirmation, "jkt", kThumbprintSize, kThumbprintSize));
  return {};
}

// The text as it stands in the payload: what a caller has put in comes out, octet for octet.
Result<void> read_ext(const jose::Members& members, const json::object& object, std::string_view payload,
                      TicketClaims& claims) {
  const auto at = object.find("ext");
  if (at == object.end()) return {};
  if (!at->value().is_object()) return members.invalid("ext", "must be an object");
  claims.ext = jose::raw_member(payload, static_cast<std::size_t>(at - object.begin()));
  if (claims.ext.size() <= kMaxTicketExt) return {};
  return members.invalid("ext", "must have at most " + std::to_string(kMaxTicketExt) + " octets");
}

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }
json::string base64url(BytesView octets) { return text(to_base64url(octets)); }
json::value seconds(crypto::UnixTime time) { return time.time_since_epoch().count(); }

json::object to_json(const TicketClaims& claims) {
  json::object object{
      {"eat_profile", text(kTicketProfile)},
      {"eat_nonce", text(claims.nonce)},
      {"sgt_use", text(name(claims.use))},
      {"aud", text(claims.audience)},
      {"iat", seconds(claims.issued_at)},
      {"exp", seconds(claims.expires_at)},
      {"jti", text(claims.id)},
      {"ueid", base64url(claims.ueid)},
      {"hwmodel", text(claims.model_id)},
  };
  if (claims.sn) object.emplace("sgt_sn", text(*claims.sn));
  object.emplace("sgt_app", text(claims.app_id));
  object.emplace("sgt_gen", claims.generation);
  object.emplace("sgt_chip", json::object{{"transport", text(claims.transport)},
                                          {"key_protection", text(claims.key_protection)},
                                          {"kcv", base64url(claims.kcv)}});
  if (claims.confirmation) object.emplace("cnf", json::object{{"jkt", text(*claims.confirmation)}});
  return object;
}

}  // namespace

std::string_view name(TicketUse use) { return use == TicketUse::challenge ? "challenge" : "bearer"; }

Result<TicketClaims> parse_ticket_payload(std::string_view payload) {
  SIGNET_ASSIGN(const json::object object, jose::parse_json_object(payload));
  const jose::Members members{object};
  TicketClaims claims;
  SIGNET_TRY(check_profile(members));
  SIGNET_ASSIGN(claims.nonce, encoded(members, "eat_nonce", kMinNonce, kMaxNonce));
  SIGNET_ASSIGN(claims.use, read_use(members));
  SIGNET_ASSIGN(claims.audience, read_audience(members));
  SIGNET_TRY(read_times(members, claims));
  SIGNET_ASSIGN(claims.id, encoded(members, "jti", kIdSize, kIdSize));
  SIGNET_TRY(read_identity(members, claims));
  SIGNET_TRY(read_chip(members, claims));
  SIGNET_TRY(read_confirmation(members, claims));
  SIGNET_TRY(read_ext(members, object, payload, claims));
  return claims;
}

Result<std::string> ticket_payload(const TicketClaims& claims) {
  std::string payload = json::serialize(to_json(claims));
  if (!claims.ext.empty()) {
    const auto ext = jose::parse_json_object(claims.ext);  // by itself: it must not end early and go on with claims
    if (!ext) return fail(Errc::invalid_argument, "ext: " + ext.error().context);
    payload.back() = ',';
    payload += R"("ext":)" + claims.ext + "}";
  }
  SIGNET_TRY(parse_ticket_payload(payload));  // one set of rules
  return payload;
}

}  // namespace signet::identity
