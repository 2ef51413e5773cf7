// Nonces, and what becomes of a ticket.
#include <boost/json.hpp>

#include "activationd/api.h"
#include "activationd/body.h"
#include "activationd/to_json.h"

namespace signet::activationd {

void Api::issue_nonce(const Call& call, const Actor& actor, Done done) {
  const auto object = body_of(call.request);
  if (!object) return answer_now(done, failure(object.error()));
  std::string audience;
  Members members{*object};
  members.text("audience", audience, identity::kMaxAudience);
  if (auto judged = members.finish(); !judged) return answer_now(done, failure(judged.error()));
  registrar_.issue_nonce(actor, std::move(audience), answer<activation::Nonce>(std::move(done), [](const auto& nonce) {
                           return json_reply(201, to_json(nonce));
                         }));
}

void Api::verify(const Call& call, const Actor& actor, Done done) {
  const auto object = body_of(call.request);
  if (!object) return answer_now(done, failure(object.error()));
  std::string ticket;
  std::string audience;
  Members members{*object};
  members.text("ticket", ticket, identity::kMaxTicket);
  members.text("audience", audience, identity::kMaxAudience);
  if (auto judged = members.finish(); !judged) return answer_now(done, failure(judged.error()));
  registrar_.verify(actor, std::move(ticket), std::move(audience),
                    answer<activation::Verdict>(std::move(done), [this](const auto& verdict) {
                      ++(verdict.accepted ? findings_.accepted : findings_.rejected);
                      if (verdict.policy.status == identity::Factor::Status::failed) {
                        if (const auto reason = activation::parse_reason(verdict.policy.reason))
                          findings_.count(*reason);
                      }
                      return json_reply(200, to_json(verdict));
                    }));
}

}  // namespace signet::activationd
