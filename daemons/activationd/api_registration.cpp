// sn tickets and registrations.
#include <boost/json.hpp>

#include "activationd/api.h"
#include "activationd/body.h"
#include "activationd/to_json.h"

namespace signet::activationd {
namespace {

struct SerialsWanted {
  std::string model_id;
  std::vector<std::string> sns;
};

// {"model_id","sn"} or {"model_id","sns"}. The registrar judges the ids.
Result<SerialsWanted> parse_serials(const http::Request& request) {
  SIGNET_ASSIGN(const auto object, body_of(request));
  SerialsWanted wanted;
  std::optional<std::string> sn;
  Members members{object};
  members.text("model_id", wanted.model_id, 64);
  members.optional_text("sn", sn, 128);
  members.optional_texts("sns", wanted.sns, activation::kMaxSerials, 128);
  if (sn.has_value() == object.contains("sns")) members.reject("sn", "either sn or sns is required, and not both");
  SIGNET_TRY(members.finish());
  if (sn) wanted.sns.push_back(*std::move(sn));
  return wanted;
}

// The one member of a body that has no other.
Result<std::string> parse_only(const http::Request& request, std::string_view member) {
  SIGNET_ASSIGN(const auto object, body_of(request));
  std::string text;
  Members members{object};
  members.text(member, text, activation::kMaxRequest);
  SIGNET_TRY(members.finish());
  return text;
}

}  // namespace

void Api::issue_sn_tickets(const Call& call, const Actor& actor, Done done) {
  const auto wanted = parse_serials(call.request);
  if (!wanted) return answer_now(done, failure(wanted.error()));
  registrar_.issue_sn_tickets(actor, wanted->model_id, wanted->sns,
                              answer<std::vector<activation::SnTicket>>(std::move(done), [](const auto& tickets) {
                                return json_reply(201, {{"sn_tickets", to_json_array(tickets)}});
                              }));
}

void Api::reserve(const Call& call, Done done) {
  auto request = parse_only(call.request, "request");
  if (!request) return answer_now(done, failure(request.error()));
  registrar_.reserve(*std::move(request),
                     answer<activation::Reservation>(std::move(done), [this](const auto& reservation) {
                       if (!reservation.repeated) ++findings_.reservations;
                       return json_reply(reservation.repeated ? 200 : 201, to_json(reservation));
                     }));
}

void Api::confirm(const Call& call, Done done) {
  auto ticket = parse_only(call.request, "ticket");
  if (!ticket) return answer_now(done, failure(ticket.error()));
  registrar_.confirm(call.parts.front(), *std::move(ticket),
                     answer<activation::Confirmation>(std::move(done), [this](const auto& confirmation) {
                       ++findings_.confirmations;
                       return json_reply(200, to_json(confirmation));
                     }));
}

void Api::cancel(const Call& call, const Actor& actor, Done done) {
  registrar_.cancel(actor, call.parts.front(),
                    answer<void>(std::move(done), [] { return http::Reply{.status = 204, .body = {}, .fields = {}}; }));
}

}  // namespace signet::activationd
