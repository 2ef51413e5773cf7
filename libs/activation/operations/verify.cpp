#include <algorithm>

#include "activation/operations/context.h"
#include "activation/sightings.h"
#include "activation/unit.h"
#include "crypto/hmac.h"

namespace signet::activation::operations {
namespace {

using identity::Factor;
using identity::Ticket;
using identity::TicketUse;

const Factor kOk{.status = Factor::Status::ok, .reason = ""};
Factor failed(std::string reason) { return {.status = Factor::Status::failed, .reason = std::move(reason)}; }
Factor not_checked(std::string reason) { return {.status = Factor::Status::not_checked, .reason = std::move(reason)}; }
bool ok(const Factor& factor) { return factor.status == Factor::Status::ok; }

struct Known {
  std::optional<Device> device;
  std::optional<DeviceCertificate> certificate;
  std::optional<NonceRecord> nonce;
  std::optional<Bytes> sealed_key;
  std::vector<CounterSighting> sightings;
};

struct Asked {
  std::string verifier;
  std::string audience;
  Ticket ticket;
};

Result<Known> look_up(View& view, const Ticket& ticket) {
  Known known;
  SIGNET_ASSIGN(known.device, view.device(ticket.claims.ueid));
  SIGNET_ASSIGN(known.sealed_key, view.sealed_key(ticket.claims.ueid));
  SIGNET_ASSIGN(known.sightings, view.sightings(ticket.claims.ueid));
  if (!ticket.chain.empty()) {  // by the device that it names itself; whether that is the ticket's will be judged
    const auto& certificate = ticket.chain.front();
    if (const auto named = parse_ueid(certificate.common_name())) {
      SIGNET_ASSIGN(known.certificate, view.certificate(*named, certificate.serial()));
    }
  }
  if (ticket.claims.use == TicketUse::challenge) {
    SIGNET_ASSIGN(known.nonce, view.nonce(ticket.claims.nonce));
  }
  return known;
}

Factor judge_nonce(const std::optional<NonceRecord>& nonce, std::string_view audience, UnixTime now) {
  if (!nonce) return failed("nonce: not issued here, or expired");
  if (nonce->expires_at <= now) return failed("nonce: expired");
  if (nonce->audience != audience) return failed("nonce: issued for another audience");
  if (nonce->spent) return failed("nonce: spent");
  return kOk;
}

// The certificate, as the store knows it: the newest of the device, and not another's.
Factor judge_certificate(const Ticket& ticket, const Known& known) {
  if (!known.certificate || known.certificate->der != ticket.chain.front().der()) {
    return failed("certificate: not known here");
  }
  if (!known.device || known.certificate->ueid != ticket.claims.ueid) return failed("certificate: is another device's");
  if (known.certificate->generation < known.device->generation) return failed("stale_generation");
  if (known.certificate->revoked_at) return failed("certificate: revoked");
  if (ticket.claims.generation != known.certificate->generation) return failed("claims: sgt_gen");
  return kOk;
}

Factor judge_claims(const identity::TicketClaims& claims, const Device& device) {
  if (claims.model_id != device.ids.model_id) return failed("claims: hwmodel");
  if (claims.sn && *claims.sn != device.ids.sn) return failed("claims: sgt_sn");
  if (claims.app_id != device.ids.app_id) return failed("claims: sgt_app");
  if (claims.transport != device.chip.transport) return failed("claims: sgt_chip.transport");
  if (claims.key_protection != device.chip.key_protection) return failed("claims: sgt_chip.key_protection");
  if (claims.kcv != device.chip.kcv) return failed("claims: sgt_chip.kcv");
  return kOk;
}

Factor judge_signature(const Context& context, const Asked& asked, const Known& known) {
  const Ticket& ticket = asked.ticket;
  if (ticket.claims.use == TicketUse::challenge) {  // first, for it costs least
    if (auto nonce = judge_nonce(known.nonce, asked.audience, context.now); !ok(nonce)) return nonce;
  }
  const ChipKind kind = ticket.claims.transport == "emulator" ? ChipKind::emulated : ChipKind::hardware;
  const identity::TicketTrust trust{.anchors = context.keys.anchors(kind),
                                    .revoked = {},
                                    .need_revocation_list = false,  // the store knows what is revoked
                                    .time = context.now,
                                    .audience = asked.audience};
  if (auto signature = identity::verify_signature_factor(ticket, trust); !ok(signature)) return signature;
  if (auto certificate = judge_certificate(ticket, known); !ok(certificate)) return certificate;
  return judge_claims(ticket.claims, *known.device);
}

struct RpmbJudgement {
  Factor factor;
  std::optional<std::uint32_t> counter;
};

// A device whose key is escrowed has to show its chip each time, else a stolen device key would do without.
Result<RpmbJudgement> judge_rpmb(const Context& context, const Ticket& ticket, const Known& known) {
  if (!known.sealed_key)
    return RpmbJudgement{.factor = not_checked("no escrow: the chip's key is not known"), .counter = {}};
  if (ticket.frames.empty()) return RpmbJudgement{.factor = failed("no frames"), .counter = {}};
  SIGNET_ASSIGN(const auto key, context.keys.seal().open(*known.sealed_key, kSealedRpmbKey, ticket.claims.ueid));
  auto judged = identity::verify_rpmb_factor(ticket, crypto::HmacKey{key.view()}, known.device->chip.kcv);
  RpmbJudgement judgement{.factor = std::move(judged.factor), .counter = {}};
  if (ok(judgement.factor)) judgement.counter = judged.write_counter;
  return judgement;
}

CounterJudgement judge_counter_of(const Ticket& ticket, std::optional<std::uint32_t> counter,
                                  const std::vector<CounterSighting>& sightings,
                                  const std::optional<NonceRecord>& nonce) {
  if (!counter) return {};
  if (ticket.claims.use == TicketUse::challenge) {
    return judge_counter(sightings, {.counter = *counter, .issued = nonce->issued});
  }
  auto judgement = judge_counter(sightings, *counter, ticket.claims.issued_at, kSkew);
  judgement.keep = false;  // its nonce says nothing of when the chip answered
  return judgement;
}

// What is held against the device itself, apart from its counters.
std::optional<Reason> held_against(const Device& device, const PolicyConfig& policy) {
  if (const auto reason = parse_reason(device.blocked); reason && policy.blocks(*reason)) return reason;
  if (device.chip.kind() == ChipKind::emulated && policy.blocks(Reason::emulated_chip)) return Reason::emulated_chip;
  return std::nullopt;
}

Verdict::Subject subject_of(const identity::TicketClaims& claims, std::optional<std::uint32_t> counter) {
  return {.ueid = to_text(claims.ueid),
          .model_id = claims.model_id,
          .sn = claims.sn,
          .app_id = claims.app_id,
          .generation = claims.generation,
          .transport = claims.transport,
          .key_protection = claims.key_protection,
          .write_counter = counter,
          .use = claims.use,
          .issued_at = claims.issued_at,
          .expires_at = claims.expires_at,
          .confirmation = claims.confirmation,
          .ext = claims.ext};
}

Verdict unsigned_verdict(Factor signature) {
  return {.signature = std::move(signature),
          .rpmb = not_checked("the signature factor is not ok"),
          .policy = not_checked("the signature factor is not ok"),
          .device = {}};
}

Verdict signed_verdict(const Ticket& ticket, const RpmbJudgement& rpmb, std::optional<Reason> reason) {
  Verdict verdict{.signature = kOk,
                  .rpmb = rpmb.factor,
                  .policy = reason ? failed(std::string{name(*reason)}) : kOk,
                  .device = subject_of(ticket.claims, rpmb.counter)};
  verdict.accepted = !reason && rpmb.factor.status != Factor::Status::failed;
  return verdict;
}

AuditEntry entry_of(const Context& context, const Asked& asked, const Device& device, Reason reason) {
  return {.at = context.now,
          .actor = asked.verifier,
          .action = "verify",
          .reason = std::string{name(reason)},
          .ueid = device.ueid,
          .model_id = device.ids.model_id,
          .sn = device.ids.sn,
          .detail = context.config.policy.blocks(reason) ? "refused" : "let through"};
}

// Records what a counter shows; a finding that blocks stays with the device until an operator decides.
Result<void> hold_against(const Context& context, const Asked& asked, Device& device, Reason reason,
                          Transaction& transaction) {
  SIGNET_TRY(transaction.add(entry_of(context, asked, device, reason)));
  const bool milder = device.blocked == name(Reason::blocked_by_operator) || !context.config.policy.blocks(reason);
  if (milder) return {};
  device.blocked = name(reason);
  return transaction.put(device);
}

// The part of a verification that leaves a trace: a nonce is spent, a counter seen, a refusal recorded. The world is
// looked at anew.
Result<Answer<Verdict>> settle(const Context& context, const Asked& asked, const RpmbJudgement& rpmb,
                               Transaction& transaction) {
  SIGNET_ASSIGN(auto known, look_up(transaction, asked.ticket));
  if (asked.ticket.claims.use == TicketUse::challenge) {
    if (auto nonce = judge_nonce(known.nonce, asked.audience, context.now); !ok(nonce)) {
      return Answer<Verdict>{unsigned_verdict(std::move(nonce))};
    }
    known.nonce->spent = true;
    SIGNET_TRY(transaction.put(*known.nonce));
  }
  if (auto certificate = judge_certificate(asked.ticket, known); !ok(certificate)) {
    return Answer<Verdict>{unsigned_verdict(std::move(certificate))};
  }
  Device& device = *known.device;
  const auto counter = judge_counter_of(asked.ticket, rpmb.counter, known.sightings, known.nonce);
  if (counter.finding) SIGNET_TRY(hold_against(context, asked, device, *counter.finding, transaction));
  if (counter.keep) {
    SIGNET_ASSIGN(const auto seen, transaction.advance(kEvents));
    SIGNET_TRY(transaction.add_sighting(
        device.ueid,
        {.counter = *rpmb.counter, .seen = seen, .seen_at = context.now, .nonce_issued_at = known.nonce->issued_at}));
  }
  const auto reason = held_against(device, context.config.policy);
  if (reason && reason != counter.finding) {
    SIGNET_TRY(transaction.add(entry_of(context, asked, device, *reason)));
  }
  return Answer<Verdict>{signed_verdict(asked.ticket, rpmb, reason)};
}

Result<void> check(const Actor& actor, std::string_view audience) {
  SIGNET_TRY(require_role(actor, Role::verifier));
  return check_audience(audience);
}

struct Judged {
  std::optional<Verdict> verdict;  // when nothing has to be written
  RpmbJudgement rpmb;
};

Result<Judged> judge(const Context& context, const Asked& asked) {
  Known known;
  SIGNET_TRY(context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(known, look_up(view, asked.ticket));
    return {};
  }));
  auto signature = judge_signature(context, asked, known);
  if (!ok(signature)) return Judged{.verdict = unsigned_verdict(std::move(signature)), .rpmb = {}};
  SIGNET_ASSIGN(auto rpmb, judge_rpmb(context, asked.ticket, known));
  const bool quiet = asked.ticket.claims.use == TicketUse::bearer &&
                     !held_against(*known.device, context.config.policy) &&
                     !judge_counter_of(asked.ticket, rpmb.counter, known.sightings, known.nonce).finding;
  std::optional<Verdict> verdict;
  if (quiet) verdict = signed_verdict(asked.ticket, rpmb, {});
  return Judged{.verdict = std::move(verdict), .rpmb = std::move(rpmb)};
}

}  // namespace

void verify(const Context& context, const Actor& actor, const std::string& ticket, const std::string& audience,
            Done<Verdict> done) {
  if (auto good = check(actor, audience); !good) return done(fail(good.error()));
  auto parsed = identity::parse_ticket(ticket);
  if (!parsed) return done(unsigned_verdict(failed(parsed.error().context)));
  if (auto good = require_model(actor, parsed->claims.model_id); !good) return done(fail(good.error()));
  Asked asked{.verifier = actor.name, .audience = audience, .ticket = *std::move(parsed)};
  auto judged = judge(context, asked);
  if (!judged) return done(fail(std::move(judged).error()));
  if (judged->verdict) return done(*std::move(judged->verdict));
  decide<Verdict>(
      context.repository,
      [context, asked = std::move(asked), rpmb = std::move(judged->rpmb)](Transaction& transaction) {
        return settle(context, asked, rpmb, transaction);
      },
      std::move(done));
}

}  // namespace signet::activation::operations
