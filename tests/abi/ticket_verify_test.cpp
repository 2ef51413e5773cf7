// signet_ticket_verify(): the other side of a ticket, as a server or app links it.
#include <gmock/gmock.h>
#include <signet/signet.hpp>

#include "load/device.h"
#include "unit/identity/test_registrar.h"

namespace signet::client {
namespace {

using identity::testing::TestRegistrar;
using std::chrono::hours;
using ::testing::HasSubstr;

crypto::UnixTime present() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

constexpr const char* kAudience = "https://app.test";
constexpr const char* kNonce = "AAAAAAAAAAAAAAAAAAAAAA";

class TicketVerifyTest : public ::testing::Test {
 protected:
  TicketVerifyTest() {
    auto registration = device_.registration();
    const auto request = TestRegistrar::open(registration.begin(device_.ids(), std::string(32, 'T')).value().value());
    EXPECT_TRUE(registration.complete({registrar_.issue(registrar_.specify(request, 1), request)}));
    for (const auto& anchor : registrar_trust_.anchors) trust_.ca_pem += anchor.pem();
  }

  std::string ticket(const std::string& nonce = "") {
    return device_.registration().ticket({.audience = kAudience, .nonce = nonce, .ext = R"({"a":1})"}).value().text;
  }
  std::string refusal(const std::string& ticket, const std::optional<std::string>& nonce = {},
                      const std::string& audience = kAudience) {
    try {
      verify_ticket(ticket, audience, trust_, nonce);
      return "";
    } catch (const Error& error) {
      return std::string{error.name()} + ": " + error.what();
    }
  }

  TestRegistrar registrar_{present()};
  identity::RegistrarTrust registrar_trust_ = registrar_.trust();
  load::Device device_{1, registrar_trust_};
  TicketTrust trust_;
};

TEST_F(TicketVerifyTest, SaysWhoseItIs) {
  const auto claims = verify_ticket(ticket(), kAudience, trust_);

  EXPECT_EQ(claims.front().text("use"), "bearer");
  EXPECT_EQ(claims.front().text("model_id"), device_.ids().model_id);
  EXPECT_EQ(claims.front().text("transport"), "emulator");
  EXPECT_EQ(claims.front().number("generation"), 1U);
  EXPECT_EQ(claims.front().text("ext"), R"({"a":1})");
  EXPECT_FALSE(claims.front().text("sn"));
  EXPECT_GT(claims.front().number("expires_at"), claims.front().number("issued_at"));
}

TEST_F(TicketVerifyTest, ANonceIsTheOneThatWasAskedFor) {
  EXPECT_EQ(verify_ticket(ticket(kNonce), kAudience, trust_, kNonce).front().text("nonce"), kNonce);

  EXPECT_THAT(refusal(ticket(kNonce), "BAAAAAAAAAAAAAAAAAAAAA"), HasSubstr("ticket_invalid: eat_nonce"));
  EXPECT_THAT(refusal(ticket(kNonce)), HasSubstr("eat_nonce"));
  EXPECT_THAT(refusal(ticket(), kNonce), HasSubstr("eat_nonce"));
}

TEST_F(TicketVerifyTest, WhatIsAlteredOrForSomebodyElseIsRefused) {
  auto altered = ticket();
  altered.back() = altered.back() == 'A' ? 'Q' : 'A';

  EXPECT_THAT(refusal(altered), HasSubstr("ticket_invalid"));
  EXPECT_THAT(refusal(ticket(), {}, "https://other.test"), HasSubstr("aud"));
  EXPECT_THAT(refusal("a.b.c"), HasSubstr("ticket_invalid"));
  trust_.ca_pem = TestRegistrar{present()}.trust().anchors.back().pem();
  EXPECT_THAT(refusal(ticket()), HasSubstr("certificate"));
}

TEST_F(TicketVerifyTest, WithListsTheOneOfItsCaMustBeAmongThem) {
  const auto other = TestRegistrar{present()}.empty_list();
  trust_.crls = {other};
  EXPECT_THAT(refusal(ticket()), HasSubstr("revocation unknown"));

  trust_.crls.push_back(registrar_.empty_list());

  EXPECT_EQ(refusal(ticket()), "");
}

TEST_F(TicketVerifyTest, ArgumentsAreNamed) {
  trust_.ca_pem = "no certificate";
  EXPECT_THAT(refusal(ticket()), HasSubstr("invalid_argument: trust: ca_pem"));
  EXPECT_EQ(signet_ticket_verify("a.b.c", kAudience, nullptr, nullptr, nullptr), SIGNET_E_INVALID_ARGUMENT);
  signet_ticket_trust trust = SIGNET_TICKET_TRUST_INIT;
  EXPECT_EQ(signet_ticket_verify("a.b.c", kAudience, nullptr, &trust, nullptr), SIGNET_E_INVALID_ARGUMENT);
  const auto pem = registrar_trust_.anchors.front().pem();
  trust.ca_pem = pem.c_str();
  trust.crl_count = 1;
  EXPECT_EQ(signet_ticket_verify("a.b.c", kAudience, nullptr, &trust, nullptr), SIGNET_E_INVALID_ARGUMENT);
  const signet_crl nothing{nullptr, 5};
  trust.crls = &nothing;
  EXPECT_EQ(signet_ticket_verify("a.b.c", kAudience, nullptr, &trust, nullptr), SIGNET_E_INVALID_ARGUMENT);
  trust.crl_count = 0;
  trust.size = sizeof trust + 1;
  EXPECT_EQ(signet_ticket_verify("a.b.c", kAudience, nullptr, &trust, nullptr), SIGNET_E_INVALID_ARGUMENT);
  trust.size = sizeof trust;
  EXPECT_EQ(signet_ticket_verify(nullptr, kAudience, nullptr, &trust, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_ticket_verify("a.b.c", kAudience, nullptr, &trust, nullptr), SIGNET_E_TICKET_INVALID);
}

}  // namespace
}  // namespace signet::client
