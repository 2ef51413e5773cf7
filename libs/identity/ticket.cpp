#include "identity/ticket.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/base64.h"
#include "identity/ticket_payload.h"
#include "jose/jose.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

constexpr std::string_view kType = "eat+jwt";

json::string text(std::string_view value) { return json::string{value.data(), value.size()}; }

json::array to_json(BytesView frames) {
  json::array array;
  for (; !frames.empty(); frames = frames.subspan(rpmb::kFrameSize)) {
    array.push_back(text(to_base64url(frames.first(rpmb::kFrameSize))));
  }
  return array;
}

Failure invalid(const std::string& what) { return fail(Errc::ticket_invalid, what); }

// The elements of an array of texts in the header; nothing when there is no such member.
Result<std::optional<std::vector<std::string>>> texts(const json::object& header, const char* name, std::size_t count) {
  const json::value* value = header.if_contains(name);
  if (value == nullptr) return std::optional<std::vector<std::string>>{};
  const json::array* array = value->if_array();
  const Failure wrong = invalid(std::string{"header: "} + name + ": must be an array of " + std::to_string(count) +
                                (count == 1 ? " string" : " strings"));
  if (array == nullptr || array->size() != count) return wrong;
  std::vector<std::string> texts;
  for (const json::value& element : *array) {
    if (!element.is_string()) return wrong;
    texts.emplace_back(element.get_string());
  }
  return std::optional{std::move(texts)};
}

Result<std::vector<crypto::Certificate>> read_chain(const json::object& header) {
  std::vector<crypto::Certificate> chain;
  SIGNET_ASSIGN(const auto encoded, texts(header, "x5c", 1));
  if (!encoded) return chain;
  const auto der = from_base64(encoded->front());
  if (!der) return invalid("header: x5c: must be canonical base64");
  auto certificate = crypto::Certificate::from_der(*der);
  if (!certificate) return invalid("header: x5c: " + certificate.error().context);
  chain.push_back(*std::move(certificate));
  return chain;
}

Result<Bytes> read_frames(const json::object& header) {
  Bytes frames;
  SIGNET_ASSIGN(const auto encoded, texts(header, "sgt-rpmb", kAttestationFrames));
  if (!encoded) return frames;
  for (const std::string& frame : *encoded) {
    const auto octets = from_base64url(frame);
    if (!octets || octets->size() != rpmb::kFrameSize) {
      return invalid("header: sgt-rpmb: must be canonical base64url of 512 octets each");
    }
    append(frames, *octets);
  }
  return frames;
}

Result<json::object> read_header(std::string_view octets) {
  auto header = jose::parse_json_object(octets);
  if (!header) return invalid("header: " + header.error().context);
  const auto type = jose::Members{*header}.text("typ");
  if (!type || *type != kType) return invalid("header: typ: must be " + std::string{kType});
  return *std::move(header);
}

}  // namespace

Result<std::string> make_ticket(const TicketClaims& claims, const crypto::P256PrivateKey& key,
                                std::span<const crypto::Certificate> chain, rpmb::Session* session) {
  if (chain.size() > 1) return fail(Errc::invalid_argument, "x5c: must be one certificate, without those above it");
  SIGNET_ASSIGN(const std::string payload, ticket_payload(claims));
  json::object header{{"alg", "ES256"}, {"typ", text(kType)}};
  if (!chain.empty()) header.emplace("x5c", json::array{text(to_base64(chain.front().der()))});
  if (session != nullptr) {
    SIGNET_ASSIGN(const Bytes frames, make_attestation(*session, kTicketLabels, as_bytes(payload)));
    header.emplace("sgt-rpmb", to_json(frames));
  }
  return jose::sign_jws(json::serialize(header), payload, key);
}

Result<Ticket> parse_ticket(std::string_view compact) {
  SIGNET_ASSIGN(jose::Jws jws, jose::parse_jws(compact, kMaxTicket));
  SIGNET_ASSIGN(const json::object header, read_header(jws.header));
  Ticket ticket{.signature = jws.signature};
  SIGNET_ASSIGN(ticket.chain, read_chain(header));
  SIGNET_ASSIGN(ticket.frames, read_frames(header));
  auto claims = parse_ticket_payload(jws.payload);
  if (!claims) return invalid("payload: " + claims.error().context);
  ticket.claims = *std::move(claims);
  ticket.payload = std::move(jws.payload);
  ticket.signing_input = std::move(jws.signing_input);
  return ticket;
}

}  // namespace signet::identity
