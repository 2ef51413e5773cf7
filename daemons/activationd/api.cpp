#include "activationd/api.h"

#include <algorithm>
#include <boost/json.hpp>

#include "service/log.h"

namespace signet::activationd {

using http::Method;
using http::Reply;

namespace {

Reply too_many(std::chrono::seconds wait, const std::string& whose) {
  auto reply = http::problem({Errc::rate_limited, "too many requests of this " + whose});
  return std::move(reply.with("Retry-After", std::to_string(wait.count())));
}

Reply unauthorized(const std::string& rule) {
  auto reply = http::problem({Errc::access_denied, rule}, 401);
  return std::move(reply.with("WWW-Authenticate", "Bearer"));
}

// What stands behind "Bearer "; the name of the scheme is not case-sensitive (RFC 9110 section 11.1).
std::optional<std::string_view> bearer(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  const auto given = authorization.substr(0, kScheme.size());
  const bool same = std::equal(kScheme.begin(), kScheme.end(), given.begin(), given.end(), [](char ours, char theirs) {
    return ours == (theirs >= 'A' && theirs <= 'Z' ? theirs + ('a' - 'A') : theirs);
  });
  if (!same) return std::nullopt;
  return authorization.substr(kScheme.size());
}

}  // namespace

Api::Api(activation::Registrar& registrar, const RateConfig& rates, const Clock& clock)
    : registrar_{registrar},
      clock_{clock},
      address_limit_{rates.address},
      credential_limit_{rates.credential},
      router_{routes()},
      requests_{router_.routes().size() + 1} {}

std::vector<http::Route> Api::routes() {
  return {
      route(Method::post, "/v1/sn-tickets", &Api::issue_sn_tickets),
      route(Method::post, "/v1/registrations", &Api::reserve),
      route(Method::put, "/v1/registrations/{id}", &Api::confirm),
      route(Method::del, "/v1/registrations/{id}", &Api::cancel),
      route(Method::post, "/v1/nonces", &Api::issue_nonce),
      route(Method::post, "/v1/tickets/verify", &Api::verify),
      route(Method::get, "/v1/devices", &Api::devices),
      route(Method::get, "/v1/devices/{ueid}", &Api::device),
      route(Method::post, "/v1/devices/{ueid}/block", &Api::block),
      route(Method::post, "/v1/devices/{ueid}/unblock", &Api::unblock),
      route(Method::post, "/v1/devices/{ueid}/release", &Api::release),
      route(Method::get, "/v1/audit", &Api::audit),
      route(Method::get, "/v1/ca", &Api::ca),
      route(Method::get, "/v1/crl/{kind}", &Api::crl),
      route(Method::get, "/metrics", &Api::metrics),
      route(Method::get, "/healthz", &Api::healthz),
      route(Method::get, "/readyz", &Api::readyz),
      route(Method::get, "/openapi.json", &Api::openapi),
  };
}

http::Route Api::route(Method method, std::string pattern, OpenHandler handler) {
  return {method, std::move(pattern),
          [this, handler](const Call& call, Done done) { (this->*handler)(call, std::move(done)); }};
}

http::Route Api::route(Method method, std::string pattern, ActorHandler handler) {
  return {method, std::move(pattern),
          [this, handler](const Call& call, Done done) { with_actor(call, std::move(done), handler); }};
}

void Api::with_actor(const Call& call, Done done, ActorHandler handler) {
  const auto credential = bearer(call.request.authorization);
  if (!credential) return answer_now(done, unauthorized("Authorization: Bearer CREDENTIAL is required"));
  const auto actor = registrar_.credentials().authenticate(*credential);
  if (!actor) {
    if (actor.error().code != Errc::access_denied) return answer_now(done, failure(actor.error()));
    service::log_event(service::Severity::notice, "a credential that is not valid",
                       {{"SIGNET_ERROR", "access_denied"}, {"SIGNET_PEER", call.request.peer}});
    return answer_now(done, unauthorized("the credential is not valid"));
  }
  if (const auto wait = credential_limit_.take(actor->name, clock_.monotonic())) {
    return answer_now(done, too_many(*wait, "credential"));
  }
  (this->*handler)(call, *actor, std::move(done));
}

std::optional<Reply> Api::admit(const http::Request& head) {
  const auto wait = address_limit_.take(http::limit_name(head.peer), clock_.monotonic());
  if (!wait) return std::nullopt;
  requests_.count(router_.routes().size(), 429, {});
  return too_many(*wait, "address");
}

void Api::handle(const http::Request& request, Done done) {
  const auto begin = clock_.monotonic();
  auto found = router_.find(request);
  const auto* match = std::get_if<http::Router::Found>(&found);
  const auto route = match != nullptr ? match->route : router_.routes().size();
  Done counted = [this, route, begin, done = std::move(done)](http::Answer answer) {
    done([this, route, begin, answer = std::move(answer)] {
      Reply reply;
      try {
        reply = answer();
      } catch (const std::exception& bug) {
        reply = failure({Errc::internal, bug.what()});
      }
      requests_.count(route, reply.status, clock_.monotonic() - begin);
      return reply;
    });
  };
  if (match == nullptr) return answer_now(counted, std::get<http::Router::Missed>(std::move(found)).reply);
  try {
    router_.routes()[route].handler(match->call, counted);
  } catch (const std::exception& bug) {  // before anything was asked of the registrar: nobody has answered yet
    answer_now(counted, failure({Errc::internal, bug.what()}));
  }
}

Reply Api::failure(const Error& error) {
  if (const auto reason = activation::reason_of(error)) {
    findings_.count(*reason);
    return http::problem(error, activation::name(*reason));
  }
  auto reply = http::problem(error);
  if (reply.status >= 500) service::log_error(error, "a request came to nothing");
  if (reply.status == 503) reply.with("Retry-After", "1");
  return reply;
}

Reply json_reply(int status, const boost::json::object& object) {
  return {.status = status, .type = http::kJson, .body = boost::json::serialize(object), .fields = {}};
}

}  // namespace signet::activationd
