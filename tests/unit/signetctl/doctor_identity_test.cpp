#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "signetctl/doctor/diagnose.h"

namespace signet::ctl {
namespace {

constexpr std::int64_t kNow = 1'800'000'000;

IdentityFacts registered() {
  IdentityFacts facts;
  facts.state = "confirmed";
  facts.model_id = "model";
  facts.sn = "SN1";
  facts.app_id = "app";
  facts.registrar = "https://registrar.example";
  facts.not_after = kNow + 365 * 86400;
  facts.now = kNow;
  facts.ticket_asked = true;
  facts.network = IdentityFacts::Network{.host = "registrar.example",
                                         .stage = https::Stage::answering,
                                         .status = 200,
                                         .clock_ahead = std::chrono::seconds{0}};
  return facts;
}

void fail_network(IdentityFacts& facts, Errc code, https::Stage stage) {
  facts.network = IdentityFacts::Network{
      .host = "registrar.example", .code = static_cast<int>(code), .text = "why", .stage = stage, .own_trust = true};
}

const Finding* find(const std::vector<Finding>& findings, std::string_view check) {
  const auto found = std::find_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.check == check; });
  return found == findings.end() ? nullptr : &*found;
}

TEST(IdentityDoctor, FindsNothingWrongWithARegisteredDevice) {
  const auto findings = diagnose_identity(registered(), {.model_id = "model", .sn = "SN1", .app_id = "app"});

  for (const auto& finding : findings) EXPECT_EQ(finding.level, Level::ok) << finding.check << ": " << finding.text;
  EXPECT_EQ(findings.size(), 9u);
}

TEST(IdentityDoctor, DoesNotMindADeviceThatIsNotRegistered) {
  const auto findings = diagnose_identity({.state = "none"}, {});

  ASSERT_EQ(findings.size(), 1u);
  EXPECT_EQ(findings[0].level, Level::skip);
  EXPECT_NE(findings[0].remedy.find("signetctl register"), std::string::npos);
}

TEST(IdentityDoctor, DoesNotFailOverWhatThisUserMayNotSee) {
  auto facts = registered();
  facts.ticket_code = static_cast<int>(Errc::access_denied);
  EXPECT_EQ(find(diagnose_identity(facts, {}), "ticket")->level, Level::skip);

  EXPECT_EQ(diagnose_identity({.code = static_cast<int>(Errc::access_denied)}, {})[0].level, Level::skip);
}

// The twelve failures that equipment in the field is known for, which tests/bus/known_failures_test.sh brings about one
// by one, as far as they are states of a device's identity or network; the others are those of DaemonsProblem and
// LocalProblem. Number 5, a call that waits on the thread of an event loop, is no state: the library refuses it with
// wrong_thread.
struct Failure {
  const char* name;
  const char* check;
  Level level;
  const char* text;    // a part of it
  const char* remedy;  // a part of it
  void (*inflict)(IdentityFacts&);
};
class KnownFailure : public ::testing::TestWithParam<Failure> {};

TEST_P(KnownFailure, IsFoundWithItsOwnNameAndRemedy) {
  auto facts = registered();
  GetParam().inflict(facts);

  const auto findings = diagnose_identity(facts, {.model_id = "model", .sn = "SN1", .app_id = "app"});

  const auto* finding = find(findings, GetParam().check);
  ASSERT_NE(finding, nullptr);
  EXPECT_EQ(finding->level, GetParam().level);
  EXPECT_NE(finding->text.find(GetParam().text), std::string::npos) << finding->text;
  EXPECT_NE(finding->remedy.find(GetParam().remedy), std::string::npos) << finding->remedy;
}

void fail_ticket(IdentityFacts& facts, Errc code) {
  facts.ticket_code = static_cast<int>(code);
  facts.ticket_text = "why";
}

INSTANTIATE_TEST_SUITE_P(
    EveryOne, KnownFailure,
    ::testing::Values(Failure{"No2CertificateLost", "certificate", Level::fail, "certificate_invalid", "Register again",
                              [](IdentityFacts& f) { f.not_after.reset(); }},
                      Failure{"No2CertificateExpired", "certificate", Level::fail, "certificate_invalid",
                              "Register again", [](IdentityFacts& f) { f.not_after = kNow; }},
                      Failure{"No2CertificateOfNoUse", "ticket", Level::fail, "certificate_invalid", "Register again",
                              [](IdentityFacts& f) { fail_ticket(f, Errc::certificate_invalid); }},
                      Failure{"No3VersionsDiffer", "registration", Level::warn, "why", "same version",
                              [](IdentityFacts& f) {
                                f.code = static_cast<int>(Errc::incompatible);
                                f.text = "why";
                              }},
                      Failure{"No6NoName", "dns", Level::fail, "net_dns", "SIM",
                              [](IdentityFacts& f) { fail_network(f, Errc::net_dns, https::Stage::resolving); }},
                      Failure{"No6NoConnection", "connect", Level::fail, "net_connect", "allow-list",
                              [](IdentityFacts& f) { fail_network(f, Errc::net_connect, https::Stage::connecting); }},
                      Failure{"No6NoTrust", "tls", Level::fail, "net_tls", "tls_ca",
                              [](IdentityFacts& f) { fail_network(f, Errc::net_tls, https::Stage::securing); }},
                      Failure{"No6NoHttp", "http", Level::fail, "net_http", "URL",
                              [](IdentityFacts& f) { fail_network(f, Errc::net_http, https::Stage::asking); }},
                      Failure{"No6NoAnswer", "http", Level::fail, "timeout", "registrar",
                              [](IdentityFacts& f) { fail_network(f, Errc::timeout, https::Stage::asking); }},
                      Failure{"No6ClockByTls", "clock", Level::fail, "clock_skew", "Set the clock",
                              [](IdentityFacts& f) { fail_network(f, Errc::clock_skew, https::Stage::securing); }},
                      Failure{"No6ClockByDate", "clock", Level::fail, "clock_skew: 61 s behind", "Set the clock",
                              [](IdentityFacts& f) { f.network->clock_ahead = std::chrono::seconds{-61}; }},
                      Failure{"No6NoUrl", "registrar", Level::fail, "config_invalid", "[registrar]",
                              [](IdentityFacts& f) { fail_network(f, Errc::config_invalid, https::Stage::resolving); }},
                      Failure{"No7NotConfirmed", "registration", Level::warn, "not confirmed", "goes on where it was",
                              [](IdentityFacts& f) {
                                f.state = "reserved";
                                f.ticket_asked = false;
                              }},
                      Failure{"No7KeysDiffer", "ticket", Level::fail, "key_conflict", "replace the storage chip",
                              [](IdentityFacts& f) { fail_ticket(f, Errc::key_conflict); }},
                      Failure{"No8OtherSerial", "ids", Level::fail,
                              "identity_mismatch: the device has the serial number SN2, not SN1",
                              "signetctl device info", [](IdentityFacts& f) { f.sn = "SN2"; }},
                      Failure{"No9OtherModel", "ids", Level::fail,
                              "identity_mismatch: the device has the model id other",
                              "leave them out of the ticket call", [](IdentityFacts& f) { f.model_id = "other"; }},
                      Failure{"No10OtherApplication", "ids", Level::fail,
                              "identity_mismatch: the device has the application id other", "signetctl device info",
                              [](IdentityFacts& f) { f.app_id = "other"; }},
                      Failure{"No10ReplacedByAnother", "ticket", Level::fail, "stale_generation",
                              "register again with the same ids",
                              [](IdentityFacts& f) { fail_ticket(f, Errc::stale_generation); }},
                      Failure{"No11WrongKey", "ticket", Level::fail, "wrong_key", "Other ids do not help",
                              [](IdentityFacts& f) { fail_ticket(f, Errc::wrong_key); }},
                      Failure{"No12OtherRegistrar", "ticket", Level::fail, "not_registered", "signetctl register",
                              [](IdentityFacts& f) { fail_ticket(f, Errc::not_registered); }},
                      Failure{"Blocked", "ticket", Level::fail, "blocked", "operator",
                              [](IdentityFacts& f) { fail_ticket(f, Errc::blocked); }},
                      Failure{"RegistrarIsIll", "http", Level::warn, "status 503", "operator",
                              [](IdentityFacts& f) { f.network->status = 503; }},
                      Failure{"CertificateEndsSoon", "certificate", Level::warn, "good until", "Register again",
                              [](IdentityFacts& f) { f.not_after = kNow + 86400; }}),
    [](const auto& failure) { return std::string{failure.param.name}; });

TEST(IdentityDoctor, SaysWhichStagesWereRightBeforeTheOneThatFailed) {
  auto facts = registered();
  fail_network(facts, Errc::net_tls, https::Stage::securing);

  const auto findings = diagnose_identity(facts, {});

  EXPECT_EQ(find(findings, "dns")->level, Level::ok);
  EXPECT_EQ(find(findings, "connect")->level, Level::ok);
  EXPECT_EQ(find(findings, "tls")->level, Level::fail);
  EXPECT_EQ(find(findings, "http"), nullptr);
}

TEST(IdentityDoctor, DoesNotBlameACaThatItWasNotTold) {
  auto facts = registered();
  fail_network(facts, Errc::net_tls, https::Stage::securing);
  facts.network->own_trust = false;

  EXPECT_EQ(find(diagnose_identity(facts, {}), "tls")->level, Level::warn);
}

TEST(IdentityDoctor, HasWordsForEveryError) {
  for (int number = 3; number < 100; ++number) {
    if (!from_code(number)) continue;
    auto facts = registered();
    facts.ticket_code = number;
    const auto findings = diagnose_identity(facts, {});
    ASSERT_NE(find(findings, "ticket"), nullptr);
    EXPECT_FALSE(find(findings, "ticket")->text.empty());
  }
}

}  // namespace
}  // namespace signet::ctl
