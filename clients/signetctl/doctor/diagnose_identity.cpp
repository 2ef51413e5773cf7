#include <array>
#include <cstdlib>

#include "base/error.h"
#include "https/answer.h"
#include "signetctl/doctor/diagnose.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr std::int64_t kSoon_s = 30 * 86400;
constexpr const char* kRegisterAgain =
    "Register again with the same ids: 'signetctl register --model ID --sn SN --app ID', with a new sn ticket. "
    "The chip and its key stay as they are.";

Finding ok(std::string check, std::string text) { return {std::move(check), Level::ok, std::move(text), ""}; }
Finding skip(std::string check, std::string text) { return {std::move(check), Level::skip, std::move(text), ""}; }

// What to do about an error that came of registering or of a ticket.
const char* remedy_of(Errc code) {
  switch (code) {
    case Errc::not_registered:
      return "The device was not registered with the registrar of rpmbd's configuration, or with another one before it "
             "moved: 'signetctl register --model ID --sn SN --app ID' enrols it there.";
    case Errc::registration_pending:
      return "Repeat the registration with the ids that are under way, or give it up with 'signetctl device cancel'.";
    case Errc::identity_mismatch:
      return "Use the ids that 'signetctl device info' shows, or leave them out of the ticket call. Other ids take the "
             "registrar's operator, or another chip.";
    case Errc::key_conflict:
      return "This chip cannot be registered any more: replace the storage chip, and let the registrar's operator "
             "cancel what it has of this one.";
    case Errc::wrong_key:
      return "The chip was programmed by something else. If that device's root secret is known, restore it with "
             "rpmbd-provision; else replace the storage chip. Other ids do not help.";
    case Errc::certificate_invalid: return kRegisterAgain;
    case Errc::stale_generation:
      return "Another registration has replaced this one: find out which application it was, let one service of the "
             "device register, and register again with the same ids.";
    case Errc::registrar_untrusted:
      return "Correct [registrar] in /etc/signet/rpmbd.toml: URL and CA must be those of the registrar "
             "('signetctl registrar ca').";
    case Errc::blocked:
      return "Ask the registrar's operator for the reason ('signetctl registrar device UEID'); a serial number belongs "
             "to one device for good.";
    case Errc::clock_skew: return "Set the clock of this device: timedatectl set-ntp true.";
    case Errc::incompatible: return "Install signetctl, libsignet and rpmbd of the same version.";
    case Errc::access_denied:
      return "An administrator can allow it in the [[client]] entry of this user in /etc/signet/rpmbd.d/*.toml.";
    default: return "See journalctl -u rpmbd.";
  }
}

Finding failed(std::string check, int code, const std::string& text) {
  const auto known = static_cast<Errc>(code);
  return {std::move(check), Level::fail, std::string{name(known)} + ": " + text, remedy_of(known)};
}

Finding judge_registration(const IdentityFacts& facts) {
  const auto code = static_cast<Errc>(facts.code);
  if (code == Errc::access_denied) return skip("registration", "this user may not see it: " + facts.text);
  if (code == Errc::incompatible) return {"registration", Level::warn, facts.text, remedy_of(code)};
  if (facts.code != 0) return failed("registration", facts.code, facts.text);
  if (facts.state == "confirmed") return ok("registration", "registered with " + facts.registrar);
  if (facts.state == "reserved") {
    return {"registration", Level::warn,
            "not confirmed: a registration as " + facts.model_id + " " + facts.sn + " is under way",
            "Repeat it with the same ids: it goes on where it was. 'signetctl device cancel' gives it up."};
  }
  return {"registration", Level::skip, "not registered; no server knows this device",
          "'signetctl register --model ID --sn SN --app ID', if it should be."};
}

void judge_ids(const IdentityFacts& facts, const ExpectedIds& expected, std::vector<Finding>& findings) {
  struct Row {
    const char* what;
    const std::string& wanted;
    const std::string& is;
  };
  bool compared = false;
  bool fits = true;
  for (const auto& [what, wanted, is] :
       {Row{"model id", expected.model_id, facts.model_id}, Row{"serial number", expected.sn, facts.sn},
        Row{"application id", expected.app_id, facts.app_id}}) {
    if (wanted.empty() || is.empty()) continue;
    compared = true;
    if (wanted == is) continue;
    fits = false;
    findings.push_back(failed("ids", static_cast<int>(Errc::identity_mismatch),
                              std::string{"the device has the "} + what + " " + is + ", not " + wanted));
  }
  if (compared && fits) findings.push_back(ok("ids", "as expected"));
}

Finding judge_certificate(const IdentityFacts& facts) {
  if (!facts.not_after) {
    return failed("certificate", static_cast<int>(Errc::certificate_invalid), "the device has no certificate");
  }
  const auto until = "good until " + utc_text(*facts.not_after);
  if (facts.now >= *facts.not_after) {
    return failed("certificate", static_cast<int>(Errc::certificate_invalid),
                  "expired: it was " + until + ", and the clock says " + utc_text(facts.now));
  }
  if (facts.now + kSoon_s >= *facts.not_after) return {"certificate", Level::warn, until, kRegisterAgain};
  return ok("certificate", until);
}

Finding judge_ticket(const IdentityFacts& facts) {
  if (facts.ticket_code == 0) return ok("ticket", "rpmbd makes one");
  const auto code = static_cast<Errc>(facts.ticket_code);
  if (code == Errc::access_denied) return skip("ticket", "this user may have none for the registrar");
  return failed("ticket", facts.ticket_code, facts.ticket_text);
}

// ---- The way to the registrar ---------------------------------------------------------------------------------------

constexpr std::array<const char*, 4> kStages{"dns", "connect", "tls", "http"};

// Which of kStages a request ended in.
std::size_t ended_in(const IdentityFacts::Network& network) {
  switch (network.stage) {
    case https::Stage::resolving: return 0;
    case https::Stage::connecting: return 1;
    case https::Stage::securing: return 2;
    case https::Stage::asking:
    case https::Stage::answering: break;
  }
  return 3;
}

std::string what_is_right(std::size_t stage, const IdentityFacts::Network& network) {
  switch (stage) {
    case 0: return network.host + " has an address";
    case 1: return network.host + " takes connections";
    case 2: return network.encrypted ? "its certificate is trusted" : "none: the registrar is this machine";
    default: return "it answers with status " + std::to_string(network.status);
  }
}

const char* remedy_of_stage(std::size_t stage) {
  switch (stage) {
    case 0:
      return "Check the network, /etc/resolv.conf and, with an IoT SIM, that its allow-list has the host name: "
             "all that Signet needs is this one.";
    case 1:
      return "Check the allow-list of the SIM or firewall for this host and port, a proxy (https_proxy), and the "
             "registrar itself.";
    case 2:
      return "Correct tls_ca under [registrar] in /etc/signet/rpmbd.toml, or find out who is in between ('openssl "
             "s_client -connect HOST:443').";
    default: return "Check the URL under [registrar] in /etc/signet/rpmbd.toml, and the registrar itself.";
  }
}

Finding judge_failed_stage(std::size_t stage, const IdentityFacts::Network& network) {
  const auto code = static_cast<Errc>(network.code);
  const std::string text = std::string{name(code)} + ": " + network.text;
  if (code == Errc::clock_skew) return {"clock", Level::fail, text, remedy_of(code)};
  if (code == Errc::net_tls && !network.own_trust) {
    return {kStages[stage], Level::warn, "not trusted by this machine's own CAs: " + network.text,
            "Not wrong if tls_ca is set under [registrar] in /etc/signet/rpmbd.toml: rpmbd then trusts that one."};
  }
  return {kStages[stage], Level::fail, text, remedy_of_stage(stage)};
}

Finding judge_clock(const IdentityFacts::Network& network) {
  if (!network.clock_ahead) return skip("clock", "the registrar does not tell the time");
  const auto ahead = network.clock_ahead->count();
  const auto text = std::to_string(std::abs(ahead)) + " s " + (ahead < 0 ? "behind" : "ahead of") + " the registrar's";
  if (std::abs(ahead) <= https::kMaxClockSkew.count()) return ok("clock", text);
  return {"clock", Level::fail, std::string{name(Errc::clock_skew)} + ": " + text, remedy_of(Errc::clock_skew)};
}

void judge_network(const IdentityFacts::Network& network, std::vector<Finding>& findings) {
  if (static_cast<Errc>(network.code) == Errc::config_invalid) {
    findings.push_back({"registrar", Level::fail, "config_invalid: the registrar's URL " + network.text,
                        "Correct the URL under [registrar] in /etc/signet/rpmbd.toml."});
    return;
  }
  const std::size_t end = ended_in(network);
  for (std::size_t stage = 0; stage < end; ++stage) {
    findings.push_back(ok(kStages[stage], what_is_right(stage, network)));
  }
  if (network.code != 0) {
    findings.push_back(judge_failed_stage(end, network));
    return;
  }
  if (network.status >= 500) {
    findings.push_back({"http", Level::warn, what_is_right(end, network), "Ask the registrar's operator."});
  } else {
    findings.push_back(ok("http", what_is_right(end, network)));
  }
  findings.push_back(judge_clock(network));
}

}  // namespace

std::vector<Finding> diagnose_identity(const IdentityFacts& identity, const ExpectedIds& expected) {
  std::vector<Finding> findings{judge_registration(identity)};
  if (identity.code != 0) return findings;
  judge_ids(identity, expected, findings);
  if (identity.state == "confirmed") findings.push_back(judge_certificate(identity));
  if (identity.ticket_asked) findings.push_back(judge_ticket(identity));
  if (identity.network) judge_network(*identity.network, findings);
  return findings;
}

}  // namespace signet::ctl
