#include "activation/findings.h"
#include "activation/operations/context.h"
#include "activation/sightings.h"
#include "activation/unit.h"
#include "crypto/hmac.h"

namespace signet::activation::operations {
namespace {

constexpr std::chrono::seconds kBackdated{3600};  // for devices whose clock is a little slow

struct Known {
  std::optional<Registration> registration;
  std::optional<Device> device;
  std::optional<Bytes> sealed_key;  // of the device, or else of the reservation
};

Failure refused(const std::string& words) { return fail(Errc::ticket_invalid, "ticket: " + words); }

Failure gone() {
  return fail(Errc::not_found, "id: no such reservation: unknown, expired, cancelled or replaced by a newer one");
}

Confirmation answer_of(const Registration& registration) {
  return {.id = to_text(registration.id), .chain = {registration.certificate}, .generation = registration.generation};
}

Result<Known> look_up(View& view, const identity::RegistrationId& id, UnixTime now) {
  Known known;
  SIGNET_ASSIGN(known.registration, view.registration(id));
  if (!known.registration || !live(*known.registration, now)) return gone();
  SIGNET_ASSIGN(known.device, view.device(known.registration->ueid));
  SIGNET_ASSIGN(known.sealed_key, view.sealed_key(known.registration->ueid));
  if (!known.sealed_key && !known.registration->sealed_escrow.empty()) {
    known.sealed_key = known.registration->sealed_escrow;
  }
  return known;
}

Result<void> check_claims(const identity::TicketClaims& claims, const Registration& registration) {
  const auto other = [](const char* claim) {
    return refused(std::string{claim} + ": is not that of the registration");
  };
  if (claims.use != identity::TicketUse::challenge) return refused("sgt_use: must be challenge");
  if (claims.nonce != registration.nonce) return refused("eat_nonce: is not that of the challenge");
  if (claims.ueid != registration.ueid) return other("ueid");
  if (claims.model_id != registration.ids.model_id) return other("hwmodel");
  if (!claims.sn) return refused("sgt_sn: is missing");
  if (*claims.sn != registration.ids.sn) return other("sgt_sn");
  if (claims.app_id != registration.ids.app_id) return other("sgt_app");
  if (claims.transport != registration.chip.transport) return other("sgt_chip.transport");
  if (claims.key_protection != registration.chip.key_protection) return other("sgt_chip.key_protection");
  if (claims.kcv != registration.chip.kcv) return other("sgt_chip.kcv");
  return {};
}

// A proof is made after its challenge. One that is older, or of the future, comes from a clock that is wrong.
Result<void> check_clock(const identity::TicketClaims& claims, const Registration& registration, UnixTime now) {
  const auto wrong = [](std::chrono::seconds by, const char* words) {
    return fail(Errc::clock_skew, "ticket: iat: lies " + std::to_string(by.count()) + " s " + words);
  };
  if (claims.issued_at > now + kSkew) return wrong(claims.issued_at - now, "in the future of the registrar");
  if (claims.issued_at + kSkew < registration.created_at) {
    return wrong(registration.created_at - claims.issued_at, "before the challenge was made");
  }
  return {};
}

// The write counter, where the chip's key is known.
Result<std::optional<std::uint32_t>> prove_chip(const Context& context, const identity::Ticket& ticket,
                                                const Known& known) {
  if (!known.sealed_key) return std::optional<std::uint32_t>{};
  SIGNET_ASSIGN(const auto key, context.keys.seal().open(*known.sealed_key, kSealedRpmbKey, known.registration->ueid));
  const auto proof = identity::verify_rpmb_factor(ticket, crypto::HmacKey{key.view()}, known.registration->chip.kcv);
  if (proof.factor.status != identity::Factor::Status::ok) return refused("sgt-rpmb: " + proof.factor.reason);
  return std::optional{proof.write_counter};
}

Result<std::optional<std::uint32_t>> check_proof(const Context& context, const identity::Ticket& ticket,
                                                 const Known& known) {
  const Registration& registration = *known.registration;
  if (!ticket.chain.empty()) return refused("x5c: must be absent in a proof");
  SIGNET_TRY(check_claims(ticket.claims, registration));
  SIGNET_TRY(check_clock(ticket.claims, registration, context.now));
  const auto signature =
      identity::verify_signature_factor(ticket, registration.public_key, context.now, context.config.base_url);
  if (signature.status != identity::Factor::Status::ok) return refused("signature: " + signature.reason);
  return prove_chip(context, ticket, known);
}

Result<DeviceCertificate> certify(const Context& context, const Registration& registration, std::uint32_t generation) {
  const ChipKind kind = registration.chip.kind();
  const bool hardware = kind == ChipKind::hardware;
  const KeyRing::Key& ca =
      context.keys.current(hardware ? KeyPurpose::hardware_ca : KeyPurpose::emulated_ca, context.now);
  const auto digest = identity::identity_digest(registration.id, registration.ids);
  auto serial = context.random.bytes<16>();
  serial[0] = static_cast<std::uint8_t>((serial[0] & 0x7f) | 0x40);  // positive, and always 16 octets
  const crypto::CertificateSpec spec{
      .common_name = to_text(registration.ueid),
      .organization = context.config.organization,
      .organizational_unit = std::to_string(generation),
      .not_before = context.now - kBackdated,
      .not_after = std::min(context.now + context.config.certificate_life, ca.certificate->not_after()),
      .serial = {serial.begin(), serial.end()},
      .policies = {std::string{hardware ? identity::kHardwarePolicy : identity::kEmulatedPolicy}},
      .extended_uses = {std::string{identity::kSignsTickets}},
      .octets_extensions = {{std::string{identity::kIdentityDigest}, Bytes{digest.begin(), digest.end()}}}};
  SIGNET_ASSIGN(const auto made,
                crypto::issue_certificate(spec, registration.public_key, *ca.certificate, ca.private_key));
  return DeviceCertificate{.serial = spec.serial,
                           .kind = kind,
                           .ca_generation = ca.generation,
                           .ueid = registration.ueid,
                           .generation = generation,
                           .der = made.der(),
                           .issued_at = context.now,
                           .expires_at = spec.not_after};
}

struct Prepared {
  Registration registration;  // as it was read
  std::uint32_t generation_before = 0;
  DeviceCertificate certificate;
  std::optional<std::uint32_t> counter;
  std::optional<Confirmation> answer;  // it is a repeat
};

// A proof that has served already may be repeated at any time: the signature shows whose it is.
Result<Confirmation> repeat(const Registration& registration, const identity::Ticket& ticket) {
  SIGNET_ASSIGN(const bool fits,
                crypto::verify_es256(registration.public_key, as_bytes(ticket.signing_input), ticket.signature));
  if (!fits) return refused("signature: is not of the key that was registered");
  return answer_of(registration);
}

Result<Prepared> prepare(const Context& context, const std::string& id_text, const std::string& compact) {
  SIGNET_ASSIGN(const auto id, parse_registration_id(id_text));
  auto ticket = identity::parse_ticket(compact);
  if (!ticket) return fail(ticket.error().code, "ticket: " + ticket.error().context);
  Known known;
  SIGNET_TRY(context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(known, look_up(view, id, context.now));
    return {};
  }));
  Prepared prepared{.registration = *known.registration, .certificate = {}, .counter = {}, .answer = {}};
  if (known.registration->state == RegistrationState::confirmed) {
    SIGNET_ASSIGN(prepared.answer, repeat(*known.registration, *ticket));
    return prepared;
  }
  SIGNET_ASSIGN(prepared.counter, check_proof(context, *ticket, known));
  prepared.generation_before = known.device ? known.device->generation : 0;
  // A registrar that was restored from a backup may know less than the device.
  const auto latest = std::max(prepared.generation_before, known.registration->generation);
  SIGNET_ASSIGN(prepared.certificate, certify(context, *known.registration, latest + 1));
  return prepared;
}

Result<void> keep_sighting(const Context& context, const Prepared& prepared, Transaction& transaction) {
  SIGNET_ASSIGN(const auto seen, transaction.advance(kEvents));
  return transaction.add_sighting(prepared.registration.ueid, {.counter = *prepared.counter,
                                                               .seen = seen,
                                                               .seen_at = context.now,
                                                               .nonce_issued_at = prepared.registration.created_at});
}

// Puts the write counter of a known device beside those seen before. A finding that blocks stays with the device until
// an operator decides.
Result<std::optional<Finding>> see_counter(const Context& context, const Prepared& prepared, Device device,
                                           Transaction& transaction) {
  const Registration& registration = prepared.registration;
  SIGNET_ASSIGN(const auto sightings, transaction.sightings(registration.ueid));
  const auto judgement = judge_counter(sightings, {.counter = *prepared.counter, .issued = registration.issued});
  if (judgement.keep) SIGNET_TRY(keep_sighting(context, prepared, transaction));
  if (!judgement.finding) return std::optional<Finding>{};
  SIGNET_ASSIGN(auto blocking, record(transaction, {{*judgement.finding, "the write counter is another chip's"}},
                                      context.config.policy, entry_of(registration, context.now, "confirm")));
  if (!blocking) return blocking;
  device.blocked = name(blocking->reason);
  SIGNET_TRY(transaction.put(device));
  return blocking;
}

Result<void> put_device(const Context& context, const Registration& registration, std::uint32_t generation,
                        const std::optional<Device>& before, Transaction& transaction) {
  Device device = before.value_or(Device{});
  if (!before) device.registered_at = context.now;
  device.ueid = registration.ueid;
  device.ids = registration.ids;
  device.chip = registration.chip;
  device.generation = generation;
  device.confirmed_at = context.now;
  device.released_at.reset();
  if (before && before->escrowed) return transaction.put(device);
  return transaction.put(device, registration.sealed_escrow);
}

Result<Answer<Confirmation>> decide_confirmation(const Context& context, const Prepared& prepared,
                                                 Transaction& transaction) {
  SIGNET_ASSIGN(auto stored, transaction.registration(prepared.registration.id));
  if (!stored || !live(*stored, context.now) || stored->nonce != prepared.registration.nonce) return gone();
  if (stored->state == RegistrationState::confirmed) return Answer<Confirmation>{answer_of(*stored)};
  SIGNET_ASSIGN(const auto device, transaction.device(stored->ueid));
  if ((device ? device->generation : 0) != prepared.generation_before) {
    return fail(Errc::busy, "another registration of this chip was confirmed at the same moment");
  }
  if (device && device->chip.kcv != stored->chip.kcv) {
    return fail(Errc::key_conflict, "this chip has been registered with another key meanwhile");
  }
  const AuditEntry entry = entry_of(*stored, context.now, "confirm");
  SIGNET_ASSIGN(const auto findings, look_at(transaction, *stored, context.now));
  SIGNET_ASSIGN(auto finding, record(transaction, findings, context.config.policy, entry));
  if (!finding && device && prepared.counter) {
    SIGNET_ASSIGN(finding, see_counter(context, prepared, *device, transaction));
  }
  if (finding) return Answer<Confirmation>{refuse(finding->reason, finding->words)};

  const std::uint32_t generation = prepared.certificate.generation;
  SIGNET_TRY(put_device(context, *stored, generation, device, transaction));
  if (!device && prepared.counter) SIGNET_TRY(keep_sighting(context, prepared, transaction));
  SIGNET_TRY(revoke_older(context, stored->ueid, generation, transaction));
  SIGNET_TRY(transaction.put(prepared.certificate));
  stored->state = RegistrationState::confirmed;
  stored->generation = generation;
  stored->certificate = prepared.certificate.der;
  stored->sealed_escrow.clear();
  SIGNET_TRY(transaction.put(*stored));
  SIGNET_TRY(transaction.add(entry));
  return Answer<Confirmation>{answer_of(*stored)};
}

}  // namespace

void confirm(const Context& context, const std::string& id, const std::string& ticket, Done<Confirmation> done) {
  auto prepared = prepare(context, id, ticket);
  if (!prepared) return done(fail(std::move(prepared).error()));
  if (prepared->answer) return done(*std::move(prepared->answer));
  decide<Confirmation>(
      context.repository,
      [context, prepared = *std::move(prepared)](Transaction& transaction) {
        return decide_confirmation(context, prepared, transaction);
      },
      std::move(done));
}

}  // namespace signet::activation::operations
