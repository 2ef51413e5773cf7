// Tickets (docs/registration.md, "Tickets"): what a device says of itself, signed by its key, with answers of its chip
// to nonces that follow from the signed octets.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/ecdsa.h"
#include "crypto/hmac.h"
#include "crypto/x509.h"
#include "identity/derivation.h"
#include "identity/ids.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

inline constexpr std::string_view kTicketProfile = "tag:signet,2026:ticket-1";
inline constexpr std::chrono::seconds kMaxTicketLife{3600};
inline constexpr std::size_t kMaxTicket = 32 * 1024;  // octets of a whole ticket
inline constexpr std::size_t kMaxTicketExt = 1024;    // octets of `ext` as JSON text
inline constexpr std::size_t kMaxAudience = 256;

enum class TicketUse : std::uint8_t { challenge, bearer };
std::string_view name(TicketUse use);

struct TicketClaims {
  TicketUse use = TicketUse::bearer;
  std::string nonce;     // base64url of 16 to 64 octets
  std::string audience;  // 1 to kMaxAudience printable ASCII characters
  crypto::UnixTime issued_at;
  crypto::UnixTime expires_at;
  std::string id;  // jti: base64url of 16 octets
  Ueid ueid{};
  std::string model_id;
  std::optional<std::string> sn;
  std::string app_id;
  std::uint32_t generation = 0;
  std::string transport;       // "emmc", "ufs", "emulator"
  std::string key_protection;  // "soft", "tpm2", "tee"
  CheckValue kcv{};
  std::optional<std::string> confirmation;  // cnf: JWK thumbprint of a client's key
  std::string ext;                          // JSON text of an object, kept octet for octet; empty: none
};

// B: the octets that are signed. Errors: invalid_argument, names the claim and the rule.
Result<std::string> ticket_payload(const TicketClaims& claims);

// `chain`: x5c, one certificate or none (registration). `session`: for the frames; null: no RPMB factor. Two read
// operations. Errors: those of ticket_payload and of Session::attest_data.
Result<std::string> make_ticket(const TicketClaims& claims, const crypto::P256PrivateKey& key,
                                std::span<const crypto::Certificate> chain, rpmb::Session* session);

// A ticket taken apart and well-formed; nothing of it is verified.
struct Ticket {
  TicketClaims claims;
  std::vector<crypto::Certificate> chain;  // at most one
  Bytes frames;                            // 2560 octets, or none
  std::string payload;
  std::string signing_input;
  crypto::Es256Signature signature;
};
// Errors: ticket_invalid, "payload: exp: must be ...": part, claim and rule.
Result<Ticket> parse_ticket(std::string_view compact);

// One factor of a verdict.
struct Factor {
  enum class Status : std::uint8_t { ok, failed, not_checked };
  Status status = Status::not_checked;
  std::string reason;  // empty when ok
};
std::string_view name(Factor::Status status);

// The signature factor, for anybody with CA and CRL.
struct TicketTrust {
  std::span<const crypto::Certificate> anchors;
  std::span<const crypto::RevocationList> revoked;  // lists of other CAs are passed over
  bool need_revocation_list = true;                 // a current one, of the certificate's CA
  crypto::UnixTime time;
  std::string_view audience;
};
// Reasons: "certificate: " and "there is none", one of crypto::verify_chain(), "is for another kind of chip",
// "revoked", "revocation unknown", "is not for tickets", "is another device's", "is of another generation"; "signature:
// does not fit"; "aud: is for another audience"; "iat: is in the future"; "exp: expired". Clocks may differ by 60 s.
Factor verify_signature_factor(const Ticket& ticket, const TicketTrust& trust);
// The same without a certificate, for a registration: signature with `public_der`, audience and times.
Factor verify_signature_factor(const Ticket& ticket, BytesView public_der, crypto::UnixTime time,
                               std::string_view audience);

// The RPMB factor, for whoever holds the chip's key.
struct RpmbFactor {
  Factor factor;
  std::uint32_t write_counter = 0;  // when ok
  rpmb::StoreId store_id{};         // when ok
};
// Reasons: not_checked: "the ticket has no frames"; failed: "kcv: is another key's" and those of AttestationVerdict.
RpmbFactor verify_rpmb_factor(const Ticket& ticket, const crypto::HmacKey& rpmb_key, const CheckValue& kcv);

}  // namespace signet::identity
