#include "http/problem.h"

#include <boost/json.hpp>

namespace signet::http {
namespace {

namespace json = boost::json;

json::object members(const Error& error, int status) {
  return {{"type", "about:blank"},
          {"title", reason_phrase(status)},
          {"status", status},
          {"detail",
           error.code == Errc::internal || error.context.empty() ? std::string{summary(error.code)} : error.context},
          {"code", static_cast<int>(error.code)},
          {"name", name(error.code)},
          {"category", name(category(error.code))}};
}

Reply reply(const json::object& object, int status) {
  return {.status = status, .type = kProblem, .body = json::serialize(object), .fields = {}};
}

}  // namespace

int status_of(Errc code) {
  switch (code) {
    case Errc::invalid_argument:
    case Errc::ticket_invalid:
    case Errc::sn_ticket_invalid:
    case Errc::bad_signature:
    case Errc::certificate_invalid: return 400;
    case Errc::access_denied:
    case Errc::blocked: return 403;
    case Errc::not_found:
    case Errc::not_registered: return 404;
    case Errc::already_exists:
    case Errc::registration_pending:
    case Errc::identity_mismatch:
    case Errc::key_conflict:
    case Errc::stale_generation:
    case Errc::cancelled: return 409;
    case Errc::too_large: return 413;
    case Errc::clock_skew: return 422;
    case Errc::rate_limited:
    case Errc::wear_limited:
    case Errc::quota_exceeded: return 429;
    case Errc::unsupported: return 501;
    case Errc::busy:
    case Errc::read_only:
    case Errc::no_service: return 503;
    case Errc::timeout: return 504;
    case Errc::no_space:
    case Errc::store_full: return 507;
    // What can only be wrong on this side of the wire.
    case Errc::outcome_unknown:
    case Errc::no_chip:
    case Errc::chip_permission:
    case Errc::not_rpmb:
    case Errc::not_provisioned:
    case Errc::wrong_key:
    case Errc::root_secret_missing:
    case Errc::root_secret_changed:
    case Errc::not_formatted:
    case Errc::foreign_writer:
    case Errc::rollback:
    case Errc::foreign_filesystem:
    case Errc::geometry:
    case Errc::worn_out:
    case Errc::media:
    case Errc::io:
    case Errc::chip_changed:
    case Errc::not_authentic:
    case Errc::unsupported_format:
    case Errc::config_invalid:
    case Errc::incompatible:
    case Errc::damaged:
    case Errc::internal:
    case Errc::registrar_untrusted:
    case Errc::net_dns:
    case Errc::net_connect:
    case Errc::net_tls:
    case Errc::net_http:
    case Errc::wrong_thread: return 500;
  }
  return 500;
}

Reply problem(const Error& error) { return problem(error, status_of(error.code)); }

Reply problem(const Error& error, int status) { return reply(members(error, status), status); }

Reply problem(const Error& error, std::string_view reason) {
  const int status = status_of(error.code);
  auto object = members(error, status);
  object["reason"] = reason;
  return reply(object, status);
}

}  // namespace signet::http
