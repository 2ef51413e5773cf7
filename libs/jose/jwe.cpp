#include <boost/json/value.hpp>

#include "base/base64.h"
#include "jose/cjose.h"
#include "jose/jose.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::jose {
namespace {

constexpr std::size_t kMaxJwe = 16 * 1024;
constexpr std::size_t kIvSize = 12;
constexpr std::size_t kTagSize = 16;

Failure invalid(const std::string& what) { return fail(Errc::ticket_invalid, "JWE: " + what); }

Result<void> check_epk(const Members& header) {
  SIGNET_ASSIGN(const Members epk, header.object("epk"));
  SIGNET_ASSIGN(const std::string type, epk.text("kty"));
  SIGNET_ASSIGN(const std::string curve, epk.text("crv"));
  if (type != "EC" || curve != "P-256") return header.invalid("epk", "must be a P-256 key");
  if (epk.contains("d")) return header.invalid("epk", "must be a public key");
  SIGNET_ASSIGN(const Bytes x, epk.octets("x", 32, 32));
  SIGNET_ASSIGN(const Bytes y, epk.octets("y", 32, 32));
  crypto::P256Point point;
  std::ranges::copy(x, point.begin());
  std::ranges::copy(y, point.begin() + 32);
  if (!crypto::public_from_point(point)) return header.invalid("epk", "must be a point of P-256");
  return {};
}

Result<void> check_header(std::string_view text) {
  SIGNET_ASSIGN(const boost::json::object object, parse_json_object(text));
  const Members header{object};
  SIGNET_ASSIGN(const std::string algorithm, header.text("alg"));
  if (algorithm != "ECDH-ES") return header.invalid("alg", "must be ECDH-ES");
  SIGNET_ASSIGN(const std::string encryption, header.text("enc"));
  if (encryption != "A256GCM") return header.invalid("enc", "must be A256GCM");
  for (const char* name : {"crit", "zip", "apu", "apv"}) {
    if (header.contains(name)) return header.invalid(name, "must not be there");
  }
  return check_epk(header);
}

// The library itself would take base64url with spare bits, and other algorithms.
Result<void> check_form(std::string_view compact) {
  if (compact.size() > kMaxJwe) return invalid("has more than " + std::to_string(kMaxJwe) + " octets");
  std::vector<Bytes> parts;
  for (std::size_t at = 0; at <= compact.size();) {
    const std::size_t end = std::min(compact.find('.', at), compact.size());
    auto part = from_base64url(compact.substr(at, end - at));
    if (!part) return invalid("part " + std::to_string(parts.size() + 1) + ": must be canonical base64url");
    parts.push_back(*std::move(part));
    at = end + 1;
  }
  if (parts.size() != 5) return invalid("must have five parts");
  if (auto checked = check_header(as_text(parts[0])); !checked) return invalid("header: " + checked.error().context);
  if (!parts[1].empty()) return invalid("encrypted key: must be empty");
  if (parts[2].size() != kIvSize) return invalid("initialization vector: must have 12 octets");
  if (parts[4].size() != kTagSize) return invalid("authentication tag: must have 16 octets");
  return {};
}

}  // namespace

Result<std::string> encrypt_jwe(BytesView plain, BytesView recipient_public_der) {
  if (plain.empty()) return fail(Errc::invalid_argument, "JWE: there is nothing to encrypt");
  SIGNET_ASSIGN(const crypto::P256Point point, crypto::public_point(recipient_public_der));
  wipe_what_cjose_frees();
  cjose_err error{};
  const Header header{cjose_header_new(&error)};
  const Key recipient = public_key(point);
  if (!cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_ECDH_ES, &error) ||
      !cjose_header_set(header.get(), CJOSE_HDR_ENC, CJOSE_HDR_ENC_A256GCM, &error)) {
    return fail(Errc::internal, std::string{"header of a JWE: "} + error.message);
  }
  const JweOwner jwe{cjose_jwe_encrypt(recipient.get(), header.get(), plain.data(), plain.size(), &error)};
  char* compact = jwe ? cjose_jwe_export(jwe.get(), &error) : nullptr;
  if (compact == nullptr) return fail(Errc::internal, std::string{"encryption of a JWE: "} + error.message);
  std::string text{compact};
  cjose_get_dealloc()(compact);
  return text;
}

Result<Bytes> decrypt_jwe(std::string_view compact, const crypto::P256PrivateKey& recipient) {
  SIGNET_TRY(check_form(compact));
  wipe_what_cjose_frees();
  const ImportedJwe jwe{compact};
  if (jwe.get() == nullptr) return invalid("is none that libcjose takes");
  cjose_err error{};
  const Key key = private_key(recipient);
  std::size_t size = 0;
  std::uint8_t* plain = cjose_jwe_decrypt(jwe.get(), key.get(), &size, &error);
  if (plain == nullptr) return invalid("is not for this key, or damaged");
  Bytes octets{plain, plain + size};
  cjose_get_dealloc()(plain);  // wipes
  return octets;
}

}  // namespace signet::jose
