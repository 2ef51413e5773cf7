#include <boost/json/object.hpp>

#include "activation/findings.h"
#include "activation/operations/context.h"
#include "activation/request.h"
#include "activation/unit.h"
#include "base/base64.h"
#include "crypto/sha256.h"

namespace signet::activation::operations {
namespace {

namespace json = boost::json;

constexpr std::size_t kSweep = 10;  // expired records that go with each reservation

struct Known {
  std::optional<Registration> registration;
  std::optional<SnTicketRecord> sn_ticket;
};

crypto::Digest hash_of(const std::string& sn_ticket) { return crypto::sha256(as_bytes(sn_ticket)); }

Result<Known> look_up(View& view, const identity::RegistrationId& id, const std::string& sn_ticket) {
  Known known;
  SIGNET_ASSIGN(known.registration, view.registration(id));
  SIGNET_ASSIGN(known.sn_ticket, view.sn_ticket(hash_of(sn_ticket)));
  return known;
}

Result<void> check_sn_ticket(const std::optional<SnTicketRecord>& ticket, const identity::Ids& ids, UnixTime now) {
  const auto invalid = [](const char* words) {
    return fail(Errc::sn_ticket_invalid, std::string{"sn_ticket: "} + words);
  };
  if (!ticket) return invalid("is not one of this registrar, or expired long ago");
  if (ticket->expires_at <= now) return invalid("has expired");
  if (ticket->model_id != ids.model_id || ticket->sn != ids.sn) {
    return invalid("was issued for another model or serial number");
  }
  if (ticket->spent_on) return invalid("was used for another registration");
  return {};
}

Result<std::string> make_challenge(const Context& context, const Registration& registration) {
  const json::object payload{{"profile", kChallengeProfile.data()},
                             {"id", to_text(registration.id)},
                             {"ueid", to_text(registration.ueid)},
                             {"nonce", registration.nonce},
                             {"aud", context.config.base_url},
                             {"iat", registration.created_at.time_since_epoch().count()},
                             {"exp", registration.expires_at.time_since_epoch().count()}};
  return sign_as_registrar(context, "sgt-challenge+jwt", payload);
}

// The stored answer, for the same request; the request itself may have been signed anew.
Result<Reservation> repeat(const Context& context, const Registration& stored, const Registration& asked) {
  if (stored.ueid == asked.ueid && stored.chip.kcv != asked.chip.kcv) {
    return fail(Errc::key_conflict, "request: chip.kcv: is another than in the first request of this registration");
  }
  if (stored.ueid != asked.ueid || stored.ids != asked.ids || stored.public_key != asked.public_key) {
    return fail(Errc::already_exists, "request: id: belongs to a registration with other ids or another key");
  }
  Reservation reservation{
      .id = to_text(stored.id), .challenge = stored.challenge, .expires_at = stored.expires_at, .repeated = true};
  if (stored.expires_at > context.now) return reservation;
  // Confirmed long ago, and the device has missed it: it believes no challenge that has expired.
  Registration fresh = stored;
  fresh.created_at = context.now;
  fresh.expires_at = reservation.expires_at = context.now + context.config.reservation_life;
  SIGNET_ASSIGN(reservation.challenge, make_challenge(context, fresh));
  return reservation;
}

Registration asked_for(const Context& context, const RegistrationRequest& request, Bytes public_key) {
  return {.id = request.id,
          .ueid = request.ueid,
          .ids = request.ids,
          .chip = request.chip,
          .public_key = std::move(public_key),
          .nonce = to_base64url(context.random.bytes<32>()),
          .created_at = context.now,
          .expires_at = context.now + context.config.reservation_life,
          .generation = request.generation};
}

// A chip that begins anew has lost what it began before: only the newest reservation of a chip can be confirmed.
Result<void> replace_older(Transaction& transaction, const Registration& registration, UnixTime now) {
  return cancel_reservations(transaction, registration.ueid, registration.ids, now, "replace_reservation",
                             registration.id);
}

// What a chip is does not change: under another label it would get another CA's certificate.
Result<void> check_label(const std::optional<Device>& device, const Registration& asked) {
  if (!device) return {};
  const auto other = [](Errc error, const char* member) {
    return fail(error, std::string{"request: chip."} + member + ": is not that under which this chip is registered");
  };
  if (device->chip.kcv != asked.chip.kcv) return other(Errc::key_conflict, "kcv");
  if (device->chip.cid_hash != asked.chip.cid_hash) return other(Errc::invalid_argument, "cid_hash");
  if (device->chip.transport != asked.chip.transport) return other(Errc::invalid_argument, "transport");
  return {};
}

Result<Answer<Reservation>> decide_reservation(const Context& context, Registration asked, const std::string& sn_ticket,
                                               Transaction& transaction) {
  SIGNET_ASSIGN(auto known, look_up(transaction, asked.id, sn_ticket));
  if (known.registration && live(*known.registration, context.now)) {
    return Answer<Reservation>{repeat(context, *known.registration, asked)};
  }
  SIGNET_TRY(check_sn_ticket(known.sn_ticket, asked.ids, context.now));
  SIGNET_ASSIGN(const auto device, transaction.device(asked.ueid));
  SIGNET_TRY(check_label(device, asked));
  SIGNET_ASSIGN(const auto findings, look_at(transaction, asked, context.now));
  SIGNET_ASSIGN(const auto finding,
                record(transaction, findings, context.config.policy, entry_of(asked, context.now, "reserve")));
  if (finding) return Answer<Reservation>{refuse(finding->reason, finding->words)};

  SIGNET_TRY(replace_older(transaction, asked, context.now));
  SIGNET_ASSIGN(asked.issued, transaction.advance(kEvents));
  SIGNET_TRY(transaction.put(asked));
  known.sn_ticket->spent_on = asked.id;
  SIGNET_TRY(transaction.put(*known.sn_ticket));
  SIGNET_TRY(transaction.add(entry_of(asked, context.now, "reserve")));
  SIGNET_TRY(transaction.forget_expired(context.now, kSweep));
  return Answer<Reservation>{
      Reservation{.id = to_text(asked.id), .challenge = asked.challenge, .expires_at = asked.expires_at}};
}

struct Prepared {
  Registration asked;
  std::string sn_ticket;
  std::optional<Reservation> answer;  // it is a repeat
};

// All that needs no writing. What costs most comes last, when there is an sn ticket for it.
Result<Prepared> prepare(const Context& context, const std::string& compact) {
  SIGNET_ASSIGN(const auto request, parse_request(compact));
  if (request.audience != context.config.base_url) {
    return fail(Errc::invalid_argument, "request: aud: must be " + context.config.base_url);
  }
  Known known;
  SIGNET_TRY(context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(known, look_up(view, request.id, request.sn_ticket));
    return {};
  }));
  const bool repeated = known.registration && live(*known.registration, context.now);
  if (!repeated) SIGNET_TRY(check_sn_ticket(known.sn_ticket, request.ids, context.now));

  SIGNET_ASSIGN(auto key, verified_key(request, compact));
  Prepared prepared{.asked = asked_for(context, request, std::move(key)), .sn_ticket = request.sn_ticket, .answer = {}};
  if (repeated) {
    SIGNET_ASSIGN(prepared.answer, repeat(context, *known.registration, prepared.asked));
    return prepared;
  }
  SIGNET_ASSIGN(prepared.asked.sealed_escrow, sealed_escrow(request, context.keys, context.random));
  SIGNET_ASSIGN(prepared.asked.challenge, make_challenge(context, prepared.asked));
  return prepared;
}

}  // namespace

void reserve(const Context& context, const std::string& request, Done<Reservation> done) {
  auto prepared = prepare(context, request);
  if (!prepared) return done(fail(std::move(prepared).error()));
  if (prepared->answer) return done(*std::move(prepared->answer));
  decide<Reservation>(
      context.repository,
      [context, prepared = *std::move(prepared)](Transaction& transaction) {
        return decide_reservation(context, prepared.asked, prepared.sn_ticket, transaction);
      },
      std::move(done));
}

}  // namespace signet::activation::operations
