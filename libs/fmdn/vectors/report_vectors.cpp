// Reports, the owner's search, and the primitives below them.
#include <algorithm>

#include "base/hex.h"
#include "crypto/aes_eax.h"
#include "crypto/hkdf.h"
#include "fmdn/resolve.h"
#include "fmdn/vectors/sections.h"

namespace signet::fmdn {
namespace {

using vectors::boolean_of;
using vectors::number_of;
using vectors::octets_of;

Result<NonceProfile> profile_in(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member("profile"));
  SIGNET_ASSIGN(const std::string name, at.text());
  if (name == "spec80") return NonceProfile::spec80;
  if (name == "deployed64") return NonceProfile::deployed64;
  return at.malformed("is neither spec80 nor deployed64");
}

Result<Report> report_in(const JsonCursor& entry) {
  Report report;
  SIGNET_ASSIGN(report.urx, octets_of<sizeof(TruncatedEid)>(entry, "urx"));
  SIGNET_ASSIGN(report.sx, octets_of(entry, "sx"));
  SIGNET_ASSIGN(report.text, octets_of(entry, "ciphertext"));
  SIGNET_ASSIGN(report.tag, octets_of(entry, "tag"));
  return report;
}

// The scalar of a case is smaller than the order, and so its own remainder.
Result<SecretBytes<32>> sighter_in(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Bytes scalar, octets_of(entry, "s"));
  SecretBytes<32> result;
  if (scalar.size() > result.view().size()) return entry.malformed("has a scalar of more than 32 octets");
  std::ranges::copy(scalar, result.writable().last(scalar.size()).begin());
  return result;
}

std::string text_of(const Result<Bytes>& message) { return message ? to_hex(*message) : to_string(message.error()); }

Result<void> compare_report(const JsonCursor& entry, const Report& report, Differences& differences) {
  SIGNET_TRY(compare_if_there(entry, "urx", report.urx, differences));
  SIGNET_TRY(compare_if_there(entry, "sx", report.sx, differences));
  SIGNET_TRY(compare_if_there(entry, "ciphertext", report.text, differences));
  return compare_if_there(entry, "tag", report.tag, differences);
}

Result<std::string> run_eax(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Bytes key, octets_of(entry, "key"));
  SIGNET_ASSIGN(const Bytes nonce, octets_of(entry, "nonce"));
  SIGNET_ASSIGN(const Bytes header, octets_of(entry, "header"));
  SIGNET_ASSIGN(const Bytes message, octets_of(entry, "message"));
  SIGNET_ASSIGN(const Bytes text, octets_of(entry, "ciphertext"));
  SIGNET_ASSIGN(const Bytes tag, octets_of(entry, "tag"));
  SIGNET_ASSIGN(const bool valid, boolean_of(entry, "valid"));
  if (key.size() != 16 && key.size() != 32) return entry.malformed("has a key of neither 16 nor 32 octets");
  Differences differences;
  const auto opened = crypto::eax_open(key, nonce, header, text, tag);
  differences.compare("what is opened", valid ? to_hex(message) : "nothing", opened ? to_hex(*opened) : "nothing");
  const auto sealed = crypto::eax_seal(key, nonce, header, message);
  if (valid) differences.compare("ciphertext", to_hex(text) + to_hex(tag), to_hex(sealed.text) + to_hex(sealed.tag));
  return differences.text();
}

Result<std::string> run_hkdf(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Bytes ikm, octets_of(entry, "ikm"));
  SIGNET_ASSIGN(const Bytes salt, octets_of(entry, "salt"));
  SIGNET_ASSIGN(const Bytes info, octets_of(entry, "info"));
  SIGNET_ASSIGN(const auto length, number_of<std::uint16_t>(entry, "length"));
  if (length > 255 * 32) return entry.malformed("wants more octets than HKDF gives");
  Bytes okm(length);
  crypto::hkdf_sha256(ikm, salt, as_text(info), okm);
  Differences differences;
  SIGNET_TRY(compare_if_there(entry, "okm", okm, differences));
  return differences.text();
}

Result<std::string> run_scalar_mult(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const Bytes scalar, octets_of(entry, "scalar"));
  const auto point = crypto::EidCurve::of(curve).base_point(scalar);
  if (!point) return std::string{"there is no point"};
  Differences differences;
  SIGNET_TRY(compare_if_there(entry, "point", *point, differences));
  return differences.text();
}

}  // namespace

Result<std::string> run_primitive(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member("kind"));
  SIGNET_ASSIGN(const std::string kind, at.text());
  if (kind == "aes-eax") return run_eax(entry);
  if (kind == "hkdf-sha256") return run_hkdf(entry);
  if (kind == "scalar-mult-base") return run_scalar_mult(entry);
  return at.malformed("is no primitive that is known");
}

Result<std::string> run_report(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const NonceProfile profile, profile_in(entry));
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto clock, number_of<std::uint32_t>(entry, "clock"));
  SIGNET_ASSIGN(const Bytes message, octets_of(entry, "message"));
  SIGNET_ASSIGN(const SecretBytes<32> sighter, sighter_in(entry));
  SIGNET_ASSIGN(const Report expected, report_in(entry));
  const auto identity = identity_at(eik, clock, curve);
  if (!identity) return std::string{"there is no identifier"};
  const auto sealed = seal(identity->eid, profile, message, sighter);
  if (!sealed) return to_string(sealed.error());
  const auto shared = crypto::EidCurve::of(curve).multiply(identity->scalar.view(), expected.sx);
  if (!shared) return std::string{"there is no shared point"};
  const ReportKey with = report_key(*shared, identity->eid, expected.sx, profile);

  Differences differences;
  SIGNET_TRY(compare_if_there(entry, "eid", identity->eid, differences));
  SIGNET_TRY(compare_report(entry, *sealed, differences));
  SIGNET_TRY(compare_if_there(entry, "shared_x", *shared, differences));
  SIGNET_TRY(compare_if_there(entry, "key", with.key.view(), differences));
  SIGNET_TRY(compare_if_there(entry, "nonce", with.nonce, differences));
  differences.compare("what is opened", to_hex(message), text_of(open(expected, *identity, profile)));
  differences.compare("what is opened by trial", to_hex(message), text_of(open(expected, *identity)));
  return differences.text();
}

Result<std::string> run_report_failure(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const NonceProfile profile, profile_in(entry));
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto clock, number_of<std::uint32_t>(entry, "clock"));
  SIGNET_ASSIGN(const Report report, report_in(entry));
  const auto identity = identity_at(eik, clock, curve);
  if (!identity) return std::string{"there is no identifier"};
  Differences differences;
  if (open(report, *identity, profile)) differences.compare("the report", "refused", "opened");
  return differences.text();
}

Result<std::string> run_resolve(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto urx, octets_of<sizeof(TruncatedEid)>(entry, "urx"));
  SIGNET_ASSIGN(const auto estimate, number_of<std::uint32_t>(entry, "estimate"));
  SIGNET_ASSIGN(const auto window, number_of<std::uint32_t>(entry, "window_s"));
  SIGNET_ASSIGN(const auto expected, number_of<std::uint32_t>(entry, "found"));
  const auto found = resolve(eik, curve, urx, estimate, window);
  Differences differences;
  differences.compare("found", std::to_string(expected), found ? std::to_string(found->clock) : "nothing");
  return differences.text();
}

}  // namespace signet::fmdn
