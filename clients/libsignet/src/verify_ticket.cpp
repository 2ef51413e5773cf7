// signet_ticket_verify(): the verifier's half, without a daemon and without a network.
#include <chrono>
#include <memory>

#include "base/base64.h"
#include "identity/ticket.h"
#include "known.h"
#include "result.h"

namespace signet::client {
namespace {

constexpr std::size_t kMaxPem = std::size_t{1024} * 1024;

// What a caller's trust amounts to; what it points into is kept here.
struct Trust {
  std::vector<crypto::Certificate> anchors;
  std::vector<crypto::RevocationList> lists;
};

Result<Trust> read(const signet_ticket_trust* trusted) {
  Trust trust;
  const auto given = known_fields(trusted);
  if (!given) return fail(Errc::invalid_argument, "trust: size is not one that this library knows");
  if (!given->ca_pem) return fail(Errc::invalid_argument, "trust: ca_pem: there must be one");
  if (given->crl_count > 0 && !given->crls) return fail(Errc::invalid_argument, "trust: crls: must not be NULL");
  const std::string_view pem{given->ca_pem};
  if (pem.size() > kMaxPem) return fail(Errc::invalid_argument, "trust: ca_pem: at most 1 MiB");
  auto anchors = crypto::Certificate::from_pem(pem);
  if (!anchors) return fail(Errc::invalid_argument, "trust: ca_pem: " + anchors.error().context);
  trust.anchors = *std::move(anchors);
  for (std::size_t i = 0; i < given->crl_count; ++i) {
    const signet_crl& crl = given->crls[i];
    if (!crl.der) return fail(Errc::invalid_argument, "trust: crls: der: must not be NULL");
    auto list = crypto::RevocationList::from_der(BytesView{crl.der, crl.size});
    if (!list) return fail(Errc::invalid_argument, "trust: crls: " + list.error().context);
    trust.lists.push_back(*std::move(list));
  }
  return trust;
}

std::uint64_t seconds(crypto::UnixTime time) { return static_cast<std::uint64_t>(time.time_since_epoch().count()); }

Row row_of(const identity::TicketClaims& claims) {
  Row row;
  const auto put = [&](const char* name, auto value) { row.push_back({name, std::move(value)}); };
  put("use", std::string{name(claims.use)});
  put("ueid", to_base64url(claims.ueid));
  put("model_id", claims.model_id);
  put("app_id", claims.app_id);
  put("generation", std::uint64_t{claims.generation});
  put("transport", claims.transport);
  put("key_protection", claims.key_protection);
  put("audience", claims.audience);
  put("nonce", claims.nonce);
  put("issued_at", seconds(claims.issued_at));
  put("expires_at", seconds(claims.expires_at));
  if (claims.sn) put("sn", *claims.sn);
  if (claims.confirmation) put("cnf_jkt", *claims.confirmation);
  if (!claims.ext.empty()) put("ext", claims.ext);
  return row;
}

int refuse(int status, std::string reason, signet_result& result) {
  result.rows.emplace_back().push_back({"reason", std::move(reason)});
  return status;
}

// A row with the claims, or with the `reason` why there are none to believe.
int verify(const char* compact, const char* audience, const char* nonce, const Trust& trust, signet_result& result) {
  const auto refused = [&](std::string reason) { return refuse(SIGNET_E_TICKET_INVALID, std::move(reason), result); };
  const auto ticket = identity::parse_ticket(compact);
  if (!ticket) return refused(ticket.error().context);
  const auto factor = identity::verify_signature_factor(
      *ticket, {.anchors = trust.anchors,
                .revoked = trust.lists,
                .need_revocation_list = !trust.lists.empty(),
                .time = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()),
                .audience = audience});
  if (factor.status != identity::Factor::Status::ok) return refused(factor.reason);
  const bool challenge = ticket->claims.use == identity::TicketUse::challenge;
  if (nonce ? !challenge || ticket->claims.nonce != nonce : challenge) {
    return refused(nonce ? "eat_nonce: is not the one that was asked for" : "eat_nonce: no nonce was asked for");
  }
  result.rows.push_back(row_of(ticket->claims));
  return SIGNET_OK;
}

}  // namespace
}  // namespace signet::client

extern "C" int signet_ticket_verify(const char* ticket, const char* audience, const char* nonce,
                                    const signet_ticket_trust* trust, signet_result** result) try {
  if (result) *result = nullptr;
  auto answer = std::make_unique<signet_result>();
  const auto read = signet::client::read(trust);
  int status = SIGNET_OK;
  if (!read) {
    status = signet::client::refuse(SIGNET_E_INVALID_ARGUMENT, read.error().context, *answer);
  } else if (!ticket || !audience) {
    status = signet::client::refuse(SIGNET_E_INVALID_ARGUMENT, "ticket, audience: must not be NULL", *answer);
  } else {
    status = signet::client::verify(ticket, audience, nonce, *read, *answer);
  }
  if (result) *result = answer.release();
  return status;
} catch (const std::exception&) {
  return SIGNET_E_INTERNAL;
}
