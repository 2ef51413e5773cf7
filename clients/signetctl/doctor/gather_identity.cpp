#include <algorithm>
#include <ctime>

#include "https/answer.h"
#include "https/network.h"
#include "signetctl/doctor/gather.h"

namespace signet::ctl {
namespace {

constexpr std::chrono::seconds kPatience{10};

// The registrar's health page: whatever it answers, the way is open.
IdentityFacts::Network ask_registrar(Session& session, const std::string& url, const std::string& ca) {
  auto origin = https::parse_origin(url);
  if (!origin) {
    return {.host = url, .code = static_cast<int>(Errc::config_invalid), .text = origin.error().context};
  }
  const std::chrono::duration<double> wanted{session.options.timeout_s};
  https::Stage stage{};
  const auto answer = https::perform({.origin = *origin,
                                      .path = "/healthz",
                                      .trusted = ca,
                                      .timeout = std::min<std::chrono::milliseconds>(
                                          kPatience, std::chrono::duration_cast<std::chrono::milliseconds>(wanted))},
                                     &stage);
  IdentityFacts::Network facts{
      .host = origin->host, .encrypted = origin->encrypted, .stage = stage, .own_trust = !ca.empty()};
  if (!answer) {
    facts.code = static_cast<int>(answer.error().code);
    facts.text = answer.error().context;
    return facts;
  }
  facts.status = answer->status;
  facts.clock_ahead = answer->clock_ahead;
  return facts;
}

void try_ticket(Session& session, IdentityFacts& facts) {
  facts.ticket_asked = true;
  try {
    session.daemon().ticket(facts.registrar, {.fresh = true});
  } catch (const client::Error& error) {
    facts.ticket_code = error.code();
    facts.ticket_text = error.what();
  }
}

}  // namespace

IdentityFacts gather_identity(Session& session) {
  IdentityFacts facts;
  facts.now = std::time(nullptr);
  std::string ca;
  try {
    const auto info = session.daemon().device_info();
    const auto row = info.front();
    const auto text = [&](const char* field) { return row.text(field).value_or(""); };
    facts.state = text("state");
    facts.model_id = text("model_id");
    facts.sn = text("sn");
    facts.app_id = text("app_id");
    facts.registrar = text("registrar");
    ca = text("tls_ca");
    if (const auto until = row.number("not_after")) facts.not_after = static_cast<std::int64_t>(*until);
  } catch (const client::Error& error) {
    facts.code = error.code();
    facts.text = error.what();
    return facts;
  }
  if (facts.registrar.empty()) return facts;
  if (facts.state == "confirmed") try_ticket(session, facts);
  facts.network = ask_registrar(session, facts.registrar, ca);
  return facts;
}

}  // namespace signet::ctl
