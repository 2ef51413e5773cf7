#include <algorithm>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/base64.h"
#include "jose/cjose.h"
#include "jose/jose.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::jose {
namespace {

namespace json = boost::json;

Failure invalid(const std::string& what) { return fail(Errc::ticket_invalid, what); }

Result<void> check_header(std::string_view header) {
  auto object = parse_json_object(header);
  if (!object) return invalid("header: " + object.error().context);
  const Members members{*object};
  const auto algorithm = members.text("alg");
  if (!algorithm || *algorithm != "ES256") return invalid("header: alg: must be ES256");
  for (const char* name : {"crit", "b64"}) {
    if (members.contains(name)) return invalid(std::string{"header: "} + name + ": must not be there");
  }
  return {};
}

Result<std::string> decode_part(std::string_view part, const std::string& name) {
  const auto octets = from_base64url(part);
  if (!octets) return invalid(name + ": must be canonical base64url");
  return std::string{as_text(*octets)};
}

bool set(cjose_header_t* header, const std::string& name, const json::value& value) {
  cjose_err error{};
  if (const json::string* text = value.if_string()) {
    return text->find('\0') == json::string::npos && cjose_header_set(header, name.c_str(), text->c_str(), &error);
  }
  return cjose_header_set_raw(header, name.c_str(), json::serialize(value).c_str(), &error);
}

// Member by member, in their order: the library takes no text for a header, nor numbers, truths and nulls in it.
Result<Header> to_header(const json::object& object) {
  cjose_err error{};
  Header header{cjose_header_new(&error)};
  for (const auto& [name, value] : object) {
    if (set(header.get(), std::string{name}, value)) continue;
    return fail(Errc::invalid_argument, "header: " + std::string{name} + ": must be a string, an object or an array");
  }
  return header;
}

}  // namespace

Result<Jws> parse_jws(std::string_view compact, std::size_t limit) {
  if (compact.size() > limit) return invalid("has more than " + std::to_string(limit) + " octets");
  if (std::ranges::count(compact, '.') != 2) return invalid("must have three parts");
  const std::size_t first = compact.find('.');
  const std::size_t second = compact.rfind('.');

  Jws jws;
  SIGNET_ASSIGN(jws.header, decode_part(compact.substr(0, first), "header"));
  SIGNET_TRY(check_header(jws.header));
  SIGNET_ASSIGN(jws.payload, decode_part(compact.substr(first + 1, second - first - 1), "payload"));
  SIGNET_ASSIGN(const std::string signature, decode_part(compact.substr(second + 1), "signature"));
  if (signature.size() != jws.signature.size()) return invalid("signature: must have 64 octets");
  std::ranges::copy(as_bytes(signature), jws.signature.begin());
  jws.signing_input = compact.substr(0, second);
  return jws;
}

Result<std::string> sign_jws(const std::string& header, std::string_view payload, const crypto::P256PrivateKey& key) {
  if (auto checked = check_header(header); !checked) return fail(Errc::invalid_argument, checked.error().context);
  wipe_what_cjose_frees();
  SIGNET_ASSIGN(const json::object object, parse_json_object(header));
  SIGNET_ASSIGN(const Header protected_header, to_header(object));
  const Key jwk = private_key(key);
  const BytesView octets = as_bytes(payload);
  cjose_err error{};
  const JwsOwner jws{cjose_jws_sign(jwk.get(), protected_header.get(), octets.data(), octets.size(), &error)};
  const char* compact = nullptr;  // the JWS keeps it
  if (!jws || !cjose_jws_export(jws.get(), &compact, &error)) {
    return fail(Errc::internal, std::string{"signing of a JWS: "} + error.message);
  }
  return std::string{compact};
}

Result<bool> verify_jws(std::string_view compact, BytesView public_der) {
  SIGNET_ASSIGN(const Jws strict, parse_jws(compact));
  SIGNET_ASSIGN(const crypto::P256Point point, crypto::public_point(public_der));
  wipe_what_cjose_frees();
  cjose_err error{};
  const JwsOwner jws{cjose_jws_import(compact.data(), compact.size(), &error)};
  if (!jws) return invalid(std::string{"libcjose: "} + error.message);
  return cjose_jws_verify(jws.get(), public_key(point).get(), &error);
}

}  // namespace signet::jose
