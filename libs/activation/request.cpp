#include "activation/request.h"

#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parser.hpp>

#include "activation/registrar.h"
#include "base/base64.h"
#include "crypto/hmac.h"
#include "crypto/x509.h"
#include "jose/jose.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::activation {
namespace {

namespace json = boost::json;

constexpr std::string_view kType = "sgt-registration+jwt";
constexpr std::uint64_t kMaxGeneration = 0x7fff'ffff;
constexpr std::size_t kMaxEscrow = 512;  // octets of what the JWE holds

Failure bad(const std::string& words) { return fail(Errc::invalid_argument, "request: " + words); }

Result<std::string> one_of(const jose::Members& members, std::string_view name,
                           std::initializer_list<std::string_view> values) {
  SIGNET_ASSIGN(auto text, members.text(name));
  std::string list;
  for (const std::string_view value : values) {
    if (text == value) return text;
    list += (list.empty() ? "" : ", ") + std::string{value};
  }
  return members.invalid(name, "must be one of " + list);
}

Result<ChipFactsSaid> parse_chip(const jose::Members& members) {
  ChipFactsSaid chip;
  SIGNET_ASSIGN(chip.transport, one_of(members, "transport", {"emmc", "ufs", "emulator"}));
  SIGNET_ASSIGN(chip.key_protection, one_of(members, "key_protection", {"soft", "tpm2", "tee"}));
  SIGNET_ASSIGN(chip.cid_hash, members.octets<sizeof(crypto::Digest)>("cid_hash"));
  SIGNET_ASSIGN(chip.kcv, members.octets<sizeof(CheckValue)>("kcv"));
  return chip;
}

Result<identity::Ids> parse_ids(const jose::Members& members) {
  identity::Ids ids;
  SIGNET_ASSIGN(ids.model_id, members.text("model_id"));
  SIGNET_ASSIGN(ids.sn, members.text("sn"));
  SIGNET_ASSIGN(ids.app_id, members.text("app_id"));
  SIGNET_TRY(identity::check_ids(ids));
  return ids;
}

Result<RegistrationRequest> parse_members(const jose::Members& members) {
  RegistrationRequest request;
  SIGNET_TRY(one_of(members, "profile", {kRequestProfile}));
  SIGNET_ASSIGN(request.id, members.octets<sizeof(identity::RegistrationId)>("id"));
  SIGNET_ASSIGN(request.ids, parse_ids(members));
  SIGNET_ASSIGN(request.sn_ticket, members.text("sn_ticket"));
  SIGNET_TRY(identity::check_sn_ticket(request.sn_ticket));
  SIGNET_ASSIGN(const auto ueid, members.text("ueid"));
  SIGNET_ASSIGN(request.ueid, parse_ueid(ueid));
  SIGNET_ASSIGN(request.certificate_request, members.octets("csr", 1, kMaxRequest));
  SIGNET_ASSIGN(request.audience, members.text("aud"));
  SIGNET_ASSIGN(const auto chip, members.object("chip"));
  SIGNET_ASSIGN(request.chip, parse_chip(chip));
  SIGNET_ASSIGN(const auto generation, members.number("generation", kMaxGeneration));
  request.generation = static_cast<std::uint32_t>(generation);
  SIGNET_ASSIGN(request.escrow, members.text("escrow"));
  if (request.escrow == "none") {
    request.escrow.clear();
  } else if (request.escrow.empty()) {
    return members.invalid("escrow", "must be a JWE or none");
  }
  return request;
}

// Puts the place in front of an error's words.
template <class T>
Result<T> within(std::string_view place, Result<T> result) {
  if (result) return result;
  return fail(result.error().code, std::string{place} + result.error().context);
}

// Wipes what is done with.
struct Wiped {
  std::span<std::uint8_t> octets;
  ~Wiped() { wipe(octets.data(), octets.size()); }
};

struct Escrowed {
  SecretBytes<32> key;
  Ueid ueid{};
};

// base64url of as many octets as `out` has; wiped on the way.
Result<void> take_octets(const json::object& object, const char* name, std::span<std::uint8_t> out) {
  const json::value* value = object.if_contains(name);
  auto octets = value != nullptr && value->is_string() ? from_base64url(value->get_string()) : std::nullopt;
  if (!octets || octets->size() != out.size()) {
    return bad(std::string{"escrow: "} + name + ": must be base64url of " + std::to_string(out.size()) + " octets");
  }
  std::copy(octets->begin(), octets->end(), out.begin());
  wipe(octets->data(), octets->size());
  return {};
}

// A key in JSON: what the parser copies goes into memory that is wiped. `plain`: at most kMaxEscrow octets.
Result<Escrowed> parse_escrow(BytesView plain) {
  std::array<std::uint8_t, 8 * kMaxEscrow> memory{};
  std::array<std::uint8_t, 8 * kMaxEscrow> scratch{};
  const Wiped wiped{memory};
  const Wiped wiped_too{scratch};
  json::monotonic_resource resource{memory.data(), memory.size()};
  json::parser parser{json::storage_ptr{}, json::parse_options{}, scratch.data(), scratch.size()};
  parser.reset(&resource);
  boost::system::error_code error;
  parser.write(as_text(plain).data(), plain.size(), error);
  if (error) return bad("escrow: must be JSON");
  const json::value value = parser.release();
  if (!value.is_object()) return bad("escrow: must be a JSON object");
  Escrowed escrowed;
  SIGNET_TRY(take_octets(value.get_object(), "rpmb_key", escrowed.key.writable()));
  SIGNET_TRY(take_octets(value.get_object(), "ueid", escrowed.ueid));
  return escrowed;
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
  SIGNET_ASSIGN(const auto header, within("request: header: ", jose::parse_json_object(jws->header)));
  SIGNET_TRY(within("request: header: ", one_of(jose::Members{header}, "typ", {kType})));
  SIGNET_ASSIGN(const auto payload, within("request: payload ", jose::parse_json_object(jws->payload)));
  return within("request: ", parse_members(jose::Members{payload}));
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
  SIGNET_ASSIGN(const auto escrowed, parse_escrow(plain));
  if (escrowed.ueid != request.ueid) return bad("escrow: ueid: is not that of the request");
  if (!crypto::equal_constant_time(identity::rpmb_key_check(escrowed.key), request.chip.kcv)) {
    return bad("escrow: rpmb_key: does not fit chip.kcv");
  }
  return keys.seal().close(escrowed.key.view(), kSealedRpmbKey, request.ueid, random);
}

}  // namespace signet::activation
