// Tickets, the JWS below them and encrypted keys from strangers. The first octet says how the rest is met: as a compact
// form, as the payload or as the header of a ticket that is well-formed otherwise, or as one that was signed.
#include <cstdlib>

#include "base/base64.h"
#include "identity/ticket.h"
#include "jose/jose.h"

namespace {

using namespace signet;

void require(bool condition) {
  if (!condition) std::abort();
}

const crypto::P256PrivateKey& key() {
  static const auto key = crypto::P256PrivateKey::from_scalar(crypto::P256Scalar{std::array<std::uint8_t, 32>{1}});
  return *key;
}

std::string compact(std::string_view header, std::string_view payload) {
  return to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(payload)) + "." + to_base64url(Bytes(64));
}

void judge(const identity::Ticket& ticket) {
  static const crypto::HmacKey rpmb_key{Bytes(32)};
  const identity::TicketTrust trust{.anchors = ticket.chain,
                                    .revoked = {},
                                    .need_revocation_list = false,
                                    .time = ticket.claims.issued_at,
                                    .audience = ticket.claims.audience};
  // Nobody has signed anything here.
  require(identity::verify_signature_factor(ticket, trust).status == identity::Factor::Status::failed);
  require(identity::verify_rpmb_factor(ticket, rpmb_key, ticket.claims.kcv).factor.status !=
          identity::Factor::Status::ok);
}

// What is taken can be made again, claim for claim.
void take_apart(std::string_view text) {
  const auto ticket = identity::parse_ticket(text);
  if (!ticket) {
    require(ticket.error().code == Errc::ticket_invalid && !ticket.error().context.empty());
    return;
  }
  judge(*ticket);
  const auto payload = identity::ticket_payload(ticket->claims);
  require(payload.has_value());
  const auto again = identity::parse_ticket(compact(R"({"alg":"ES256","typ":"eat+jwt"})", *payload));
  require(again && again->claims.ext == ticket->claims.ext && again->claims.id == ticket->claims.id);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::string_view rest = as_text(BytesView{data + 1, size - 1});
  switch (data[0] % 4) {
    case 0: take_apart(compact(R"({"alg":"ES256","typ":"eat+jwt"})", rest)); break;
    case 1: take_apart(compact(rest, "{}")); break;
    case 2: {
      take_apart(rest);
      static const Bytes public_der = key().public_der();
      const auto verified = jose::verify_jws(rest, public_der);
      require(!verified || !*verified);
      break;
    }
    default: {
      const auto plain = jose::decrypt_jwe(rest, key());
      require(plain || plain.error().code == Errc::ticket_invalid);
      break;
    }
  }
  return 0;
}
