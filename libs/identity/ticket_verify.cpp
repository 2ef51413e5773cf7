#include "base/base64.h"
#include "identity/ticket_payload.h"

namespace signet::identity {
namespace {

constexpr std::chrono::seconds kSkew{60};

Factor ok() { return {.status = Factor::Status::ok, .reason = {}}; }
Factor failed(std::string reason) { return {.status = Factor::Status::failed, .reason = std::move(reason)}; }

// Each check: nothing, or the reason why it failed.
using Objection = std::optional<std::string>;

bool is_emulated(const Ticket& ticket) { return ticket.claims.transport == "emulator"; }

// Whether a certificate is for the kind of chip that the ticket names, and for no other.
bool fits_chip(const crypto::Certificate& certificate, const Ticket& ticket) {
  return certificate.has_policy(kEmulatedPolicy) == is_emulated(ticket) &&
         certificate.has_policy(kHardwarePolicy) != is_emulated(ticket);
}

Objection object_to_subject(const Ticket& ticket, const crypto::Certificate& certificate) {
  if (!certificate.has_extended_use(kSignsTickets)) return "certificate: is not for tickets";
  if (certificate.common_name() != to_base64url(ticket.claims.ueid)) return "certificate: is another device's";
  if (certificate.organizational_unit() != std::to_string(ticket.claims.generation)) {
    return "certificate: is of another generation";
  }
  return {};
}

// A certificate that any list of its CA names is revoked, even if that list is old.
Objection object_to_revocation(const crypto::Certificate& certificate, const crypto::Certificate& anchor,
                               const TicketTrust& trust) {
  bool current = false;
  for (const crypto::RevocationList& list : trust.revoked) {
    if (!list.issued_by(anchor)) continue;
    if (list.contains(certificate.serial())) return "certificate: revoked";
    current = current || (list.this_update() <= trust.time + kSkew && trust.time - kSkew <= list.next_update());
  }
  if (current || !trust.need_revocation_list) return {};
  return "certificate: revocation unknown";
}

Objection object_to_chain(const Ticket& ticket, const TicketTrust& trust) {
  if (ticket.chain.size() != 1) return "certificate: there is none";
  const crypto::Certificate& certificate = ticket.chain.front();
  const auto anchor = crypto::verify_chain(certificate, trust.anchors, trust.time, kSkew);
  if (!anchor) return "certificate: " + anchor.error().context;
  if (!fits_chip(certificate, ticket) || !fits_chip(*anchor, ticket)) return "certificate: is for another kind of chip";
  if (auto objection = object_to_revocation(certificate, *anchor, trust)) return objection;
  return object_to_subject(ticket, certificate);
}

Objection object_to_claims(const TicketClaims& claims, crypto::UnixTime time, std::string_view audience) {
  if (claims.audience != audience) return "aud: is for another audience";
  if (time + kSkew < claims.issued_at) return "iat: is in the future";
  if (time - kSkew >= claims.expires_at) return "exp: expired";
  return {};
}

constexpr const char* kBadSignature = "signature: does not fit";

}  // namespace

std::string_view name(Factor::Status status) {
  switch (status) {
    case Factor::Status::ok: return "ok";
    case Factor::Status::failed: return "failed";
    case Factor::Status::not_checked: return "not_checked";
  }
  return "";
}

Factor verify_signature_factor(const Ticket& ticket, const TicketTrust& trust) {
  if (auto objection = object_to_chain(ticket, trust)) return failed(*std::move(objection));
  if (!ticket.chain.front().verify(as_bytes(ticket.signing_input), ticket.signature)) return failed(kBadSignature);
  if (auto objection = object_to_claims(ticket.claims, trust.time, trust.audience)) {
    return failed(*std::move(objection));
  }
  return ok();
}

Factor verify_signature_factor(const Ticket& ticket, BytesView public_der, crypto::UnixTime time,
                               std::string_view audience) {
  const auto fits = crypto::verify_es256(public_der, as_bytes(ticket.signing_input), ticket.signature);
  if (!fits || !*fits) return failed(kBadSignature);
  if (auto objection = object_to_claims(ticket.claims, time, audience)) return failed(*std::move(objection));
  return ok();
}

RpmbFactor verify_rpmb_factor(const Ticket& ticket, const crypto::HmacKey& rpmb_key, const CheckValue& kcv) {
  if (ticket.frames.empty()) {
    return {.factor = {.status = Factor::Status::not_checked, .reason = "the ticket has no frames"}};
  }
  if (ticket.claims.kcv != kcv) return {.factor = failed("kcv: is another key's")};
  const AttestationVerdict verdict =
      verify_attestation(rpmb_key, ticket.claims.ueid, kTicketLabels, as_bytes(ticket.payload), ticket.frames);
  if (!verdict.ok()) return {.factor = failed(verdict.verdict)};
  return {.factor = ok(), .write_counter = verdict.write_counter, .store_id = verdict.store_id};
}

}  // namespace signet::identity
