#include "identity/registrar_message.h"

#include "base/base64.h"
#include "identity/ids.h"
#include "jose/jose.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

constexpr std::chrono::minutes kSkew{5};
constexpr std::size_t kMaxMessage = 16 * 1024;

Result<json::object> parse_object(std::string_view text, const char* part) {
  auto object = jose::parse_json_object(text);
  if (!object) return fail(Errc::ticket_invalid, std::string{part} + ": " + object.error().context);
  return object;
}

Result<crypto::Certificate> signer_in(const json::object& header) {
  const auto* chain = header.if_contains("x5c");
  if (chain == nullptr || !chain->is_array() || chain->as_array().size() != 1 || !chain->as_array()[0].is_string()) {
    return fail(Errc::ticket_invalid, "header: x5c: must be an array of one string");
  }
  const auto der = from_base64(chain->as_array()[0].as_string());
  if (!der) return fail(Errc::ticket_invalid, "header: x5c: must be base64");
  auto certificate = crypto::Certificate::from_der(*der);
  if (!certificate) return fail(Errc::ticket_invalid, "header: x5c: " + certificate.error().context);
  return certificate;
}

Result<void> check_signer(const crypto::Certificate& signer, std::span<const crypto::Certificate> anchors,
                          crypto::UnixTime now) {
  const auto anchor = crypto::verify_chain(signer, anchors, now);
  if (!anchor) return fail(Errc::registrar_untrusted, "the registrar's certificate: " + anchor.error().context);
  if (!anchor->has_policy(kHardwarePolicy)) {
    return fail(Errc::registrar_untrusted, "the registrar's certificate: not issued by the CA of hardware chips");
  }
  if (!signer.has_extended_use(kSignsChallenges)) {
    return fail(Errc::registrar_untrusted, "the registrar's certificate: is not one of a registrar");
  }
  return {};
}

constexpr std::uint64_t kLastTime = 0xffff'ffff;

Result<crypto::UnixTime> time_member(const json::object& payload, std::string_view member) {
  const auto seconds = jose::Members{payload, "payload: "}.number(member, kLastTime);
  if (!seconds) return fail(Errc::ticket_invalid, seconds.error().context);
  return crypto::UnixTime{std::chrono::seconds{static_cast<std::int64_t>(*seconds)}};
}

Result<void> check_clock(crypto::UnixTime from, crypto::UnixTime until, crypto::UnixTime now) {
  if (now + kSkew < from) {
    return fail(Errc::clock_skew, "the clock of this device is at least " + std::to_string((from - now).count()) +
                                      " s behind the registrar's");
  }
  if (now > until + kSkew) {
    return fail(Errc::clock_skew, "the registrar's message has expired " + std::to_string((now - until).count()) +
                                      " s ago, or the clock of this device is ahead");
  }
  return {};
}

Result<void> expect(const json::object& from, const char* part, std::string_view member, std::string_view value,
                    Errc error) {
  const auto* found = from.if_contains(member);
  if (found != nullptr && found->is_string() && found->as_string() == value) return {};
  return fail(error, std::string{part} + ": " + std::string{member} + ": must be " + std::string{value});
}

}  // namespace

Result<std::string> text_member(const json::object& payload, std::string_view member) {
  auto text = jose::Members{payload, "payload: "}.text(member);
  if (!text) return fail(Errc::ticket_invalid, text.error().context);
  return text;
}

Result<json::object> open_registrar_message(std::string_view message, std::string_view type, std::string_view profile,
                                            std::string_view audience, std::span<const crypto::Certificate> anchors,
                                            crypto::UnixTime now) {
  SIGNET_ASSIGN(const auto jws, jose::parse_jws(message, kMaxMessage));
  SIGNET_ASSIGN(const auto header, parse_object(jws.header, "header"));
  SIGNET_TRY(expect(header, "header", "typ", type, Errc::ticket_invalid));
  SIGNET_ASSIGN(const auto signer, signer_in(header));
  SIGNET_ASSIGN(auto payload, parse_object(jws.payload, "payload"));
  SIGNET_ASSIGN(const auto signed_at, time_member(payload, "iat"));
  SIGNET_ASSIGN(const auto expires_at, time_member(payload, "exp"));
  SIGNET_ASSIGN(const bool genuine, jose::verify_jws(message, signer.public_der()));
  if (!genuine) return fail(Errc::registrar_untrusted, "the registrar's signature does not fit");
  SIGNET_TRY(check_clock(signed_at, expires_at, now));  // first, so that a wrong clock is not taken for a wrong CA
  SIGNET_TRY(check_signer(signer, anchors, now));
  SIGNET_TRY(expect(payload, "payload", "profile", profile, Errc::ticket_invalid));
  SIGNET_TRY(expect(payload, "payload", "aud", audience, Errc::registrar_untrusted));
  return payload;
}

}  // namespace signet::identity
