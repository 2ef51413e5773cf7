#include "activation/request.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include "activation/members.h"
#include "activation/registrar.h"
#include "base/base64.h"
#include "crypto/hmac.h"
#include "crypto/x509.h"
#include "jose/jose.h"

namespace signet::activation {
namespace {

namespace json = boost::json;

constexpr std::string_view kType = "sgt-registration+jwt";
constexpr std::size_t kMaxEscrow = 512;  // octets of what the JWE holds

Failure bad(const std::string& words) { return fail(Errc::invalid_argument, "request: " + words); }

// Puts the place in front of what members.h says.
template <class T>
Result<T> within(std::string_view place, Result<T> result) {
  if (result) return result;
  return fail(result.error().code, std::string{place} + result.error().context);
}

Result<std::string> one_of(const json::object& object, std::string_view name,
                           std::initializer_list<std::string_view> values) {
  SIGNET_ASSIGN(auto text, text_member(object, name));
  std::string list;
  for (const std::string_view value : values) {
    if (text == value) return text;
    list += (list.empty() ? "" : ", ") + std::string{value};
  }
  return fail(Errc::invalid_argument, std::string{name} + ": must be one of " + list);
}

Result<ChipFactsSaid> parse_chip(const json::object& object) {
  ChipFactsSaid chip;
  SIGNET_ASSIGN(chip.transport, one_of(object, "transport", {"emmc", "ufs", "emulator"}));
  SIGNET_ASSIGN(chip.key_protection, one_of(object, "key_protection", {"soft", "tpm2", "tee"}));
  SIGNET_TRY(octets_member(object, "cid_hash", chip.cid_hash));
  SIGNET_TRY(octets_member(object, "kcv", chip.kcv));
  return chip;
}

Result<identity::Ids> parse_ids(const json::object& object) {
  identity::Ids ids;
  SIGNET_ASSIGN(ids.model_id, text_member(object, "model_id"));
  SIGNET_ASSIGN(ids.sn, text_member(object, "sn"));
  SIGNET_ASSIGN(ids.app_id, text_member(object, "app_id"));
  SIGNET_TRY(identity::check_ids(ids));
  return ids;
}

Result<RegistrationRequest> parse_members(const json::object& object) {
  RegistrationRequest request;
  SIGNET_TRY(one_of(object, "profile", {kRequestProfile}));
  SIGNET_TRY(octets_member(object, "id", request.id));
  SIGNET_ASSIGN(request.ids, parse_ids(object));
  SIGNET_ASSIGN(request.sn_ticket, text_member(object, "sn_ticket"));
  SIGNET_TRY(identity::check_sn_ticket(request.sn_ticket));
  SIGNET_ASSIGN(const auto ueid, text_member(object, "ueid"));
  SIGNET_ASSIGN(request.ueid, parse_ueid(ueid));
  SIGNET_ASSIGN(const auto csr, text_member(object, "csr"));
  auto der = from_base64url(csr);
  if (!der) return fail(Errc::invalid_argument, "csr: must be base64url");
  request.certificate_request = *std::move(der);
  SIGNET_ASSIGN(request.audience, text_member(object, "aud"));
  SIGNET_ASSIGN(const auto chip, object_member(object, "chip"));
  SIGNET_ASSIGN(request.chip, within("chip.", parse_chip(chip)));
  SIGNET_ASSIGN(request.escrow, text_member(object, "escrow"));
  if (request.escrow == "none") {
    request.escrow.clear();
  } else if (request.escrow.empty()) {
    return fail(Errc::invalid_argument, "escrow: must be a JWE or `none`");
  }
  return request;
}

// Wipes what is done with.
struct Wiped {
  std::span<std::uint8_t> octets;
  ~Wiped() { wipe(octets.data(), octets.size()); }
};

// A key in JSON: whatever the parser copies goes into memory that is wiped. `plain`: at most kMaxEscrow octets.
Result<SecretBytes<32>> escrowed_key(BytesView plain, const Ueid& expected) {
  std::array<std::uint8_t, 8 * kMaxEscrow> memory{};
  std::array<std::uint8_t, 8 * kMaxEscrow> scratch{};
  const Wiped wiped{memory};
  const Wiped wiped_too{scratch};
  json::monotonic_resource resource{memory.data(), memory.size()};
  json::parser parser{json::storage_ptr{}, json::parse_options{}, scratch.data(), scratch.size()};
  parser.reset(&resource);
  boost::system::error_code error;
  parser.write({as_text(plain).data(), plain.size()}, error);
  if (error) return fail(Errc::invalid_argument, "must be JSON: " + error.message());
  const json::value value = parser.release();
  if (!value.is_object()) return fail(Errc::invalid_argument, "must be a JSON object");
  SecretBytes<32> key;
  Ueid ueid{};
  SIGNET_TRY(octets_member(value.get_object(), "rpmb_key", key.writable()));
  SIGNET_TRY(octets_member(value.get_object(), "ueid", ueid));
  if (ueid != expected) return fail(Errc::invalid_argument, "ueid: is not that of the request");
  return key;
}

// The holder of any generation of the escrow key, the newest first: a JWE does not say which it is for.
Result<Bytes> decrypt(const std::string& jwe, const KeyRing& keys) {
  Result<Bytes> plain = fail(Errc::internal, "no escrow key");
  for (const KeyRing::Key* key : keys.all(KeyPurpose::escrow)) {
    plain = jose::decrypt_jwe(jwe, key->private_key);
    if (plain) return plain;
  }
  return bad("escrow: " + plain.error().context);
}

}  // namespace

Result<RegistrationRequest> parse_request(std::string_view compact) {
  if (compact.size() > kMaxRequest) return bad("must be at most " + std::to_string(kMaxRequest) + " octets");
  auto jws = jose::parse_jws(compact, kMaxRequest);
  if (!jws) return bad(jws.error().context);
  SIGNET_ASSIGN(const auto header, within("request: ", parse_object(jws->header, "header")));
  SIGNET_TRY(within("request: header: ", one_of(header, "typ", {kType})));
  SIGNET_ASSIGN(const auto object, within("request: ", parse_object(jws->payload, "payload")));
  return within("request: ", parse_members(object));
}

Result<Bytes> verified_key(const RegistrationRequest& request, std::string_view compact) {
  auto key = crypto::verified_request_key(request.certificate_request);
  if (!key) return bad("csr: " + key.error().context);
  SIGNET_ASSIGN(const bool fits, jose::verify_jws(compact, *key));
  if (!fits) return fail(Errc::bad_signature, "request: was not signed with the key of its csr");
  return *std::move(key);
}

Result<Bytes> sealed_escrow(const RegistrationRequest& request, const KeyRing& keys, crypto::Random& random) {
  if (request.escrow.empty()) return Bytes{};
  SIGNET_ASSIGN(Bytes plain, decrypt(request.escrow, keys));
  const Wiped wiped{plain};
  if (plain.size() > kMaxEscrow) return bad("escrow: must hold at most " + std::to_string(kMaxEscrow) + " octets");
  SIGNET_ASSIGN(const auto key, within("request: escrow: ", escrowed_key(plain, request.ueid)));
  if (!crypto::equal_constant_time(identity::rpmb_key_check(key), request.chip.kcv)) {
    return bad("escrow: rpmb_key: does not fit chip.kcv");
  }
  return keys.seal().close(key.view(), kSealedRpmbKey, request.ueid, random);
}

}  // namespace signet::activation
