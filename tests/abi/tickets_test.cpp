// Tickets as the client library keeps them, and the codes of other systems.
#include "client_fixture.h"

namespace signet::testing {
namespace {

constexpr const char* kAudience = "https://service.example";

class TicketsTest : public ClientTest {
 protected:
  TicketsTest() { start({.confirmed = true}); }

  static std::string ticket(Client& client, const char* audience, const signet_ticket_options* options = nullptr) {
    signet_result* result = nullptr;
    const int status = signet_ticket_get(client.handle(), audience, options, &result);
    if (status != SIGNET_OK) return signet_error_name(status);
    return client::Result{result}.front().text("ticket").value_or("");
  }
};

TEST_F(TicketsTest, ABearerTicketComesAgainForTheSameAudienceAndOptions) {
  Client client;
  signet_ticket_options options = SIGNET_TICKET_OPTIONS_INIT;
  options.ext = R"({"a":1})";

  EXPECT_EQ(ticket(client, kAudience), "ticket 1");
  EXPECT_EQ(ticket(client, kAudience), "ticket 1");
  EXPECT_EQ(ticket(client, "https://other.example"), "ticket 2");
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 3");
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 3");
  options.client_key = "key";
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 4");
  options.ext = nullptr;
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 5");
  EXPECT_EQ(ticket(client, kAudience), "ticket 1");
  EXPECT_EQ(daemon_->tickets(), 5);
}

TEST_F(TicketsTest, ExpiresIsToldForAKeptOneAsWell) {
  Client client;
  ticket(client, kAudience);
  signet_result* result = nullptr;

  ASSERT_EQ(signet_ticket_get(client.handle(), kAudience, nullptr, &result), SIGNET_OK);

  const client::Result owned{result};
  EXPECT_GT(owned.front().number("expires").value_or(0), static_cast<std::uint64_t>(std::time(nullptr)) + 3500);
}

TEST_F(TicketsTest, ATicketWithLessThanFiveMinutesLeftIsNotKept) {
  Client client;
  signet_ticket_options options = SIGNET_TICKET_OPTIONS_INIT;
  options.lifetime_s = 300;

  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 1");
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 2");
  options.lifetime_s = 310;
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 3");
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 3");
}

TEST_F(TicketsTest, AChallengeTicketIsNeverKept) {
  Client client;
  signet_ticket_options options = SIGNET_TICKET_OPTIONS_INIT;
  options.nonce = "AAAAAAAAAAAAAAAAAAAAAA";

  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 1");
  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 2");
  EXPECT_EQ(signet_ticket_prefetch(client.handle(), kAudience, &options), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(daemon_->tickets(), 2);
}

TEST_F(TicketsTest, AFreshOneCanBeAskedForAndIsKeptInstead) {
  Client client;
  signet_ticket_options options = SIGNET_TICKET_OPTIONS_INIT;
  ticket(client, kAudience);

  options.flags = SIGNET_TICKET_FRESH;

  EXPECT_EQ(ticket(client, kAudience, &options), "ticket 2");
  EXPECT_EQ(ticket(client, kAudience), "ticket 2");
}

TEST_F(TicketsTest, AnotherClientHasItsOwn) {
  Client first;
  Client second;

  EXPECT_EQ(ticket(first, kAudience), "ticket 1");
  EXPECT_EQ(ticket(second, kAudience), "ticket 2");
}

TEST_F(TicketsTest, OnlyTheNewestSixteenAreKept) {
  Client client;
  for (int i = 0; i < 17; ++i) ticket(client, ("https://" + std::to_string(i) + ".example").c_str());

  EXPECT_EQ(ticket(client, "https://1.example"), "ticket 2");
  EXPECT_EQ(ticket(client, "https://0.example"), "ticket 18");
}

TEST_F(TicketsTest, ADaemonThatIsStartedAgainIsAskedAgain) {
  Client client;
  ticket(client, kAudience);
  daemon_.reset();
  start({.confirmed = true});

  EXPECT_EQ(ticket(client, kAudience), "ticket 1") << "of the new daemon";
  EXPECT_EQ(daemon_->tickets(), 1);
}

TEST_F(TicketsTest, OneThatWasAskedForAheadOfTimeIsThereAtOnce) {
  Client client;

  ASSERT_EQ(signet_ticket_prefetch(client.handle(), kAudience, nullptr), SIGNET_OK);
  ASSERT_TRUE(run_loop(client.handle(), [&] { return daemon_->tickets() == 1; }));
  client.list();  // whatever takes in what has arrived

  Call call{signet_start_ticket_get(client.handle(), kAudience, nullptr)};
  EXPECT_TRUE(call.wait(2s));
  EXPECT_EQ(call.answer().text("ticket"), "ticket 1");
  EXPECT_EQ(daemon_->tickets(), 1);
}

TEST_F(TicketsTest, OneThatIsOnItsWayIsNotAskedForTwice) {
  Client client;

  EXPECT_EQ(signet_ticket_prefetch(client.handle(), kAudience, nullptr), SIGNET_OK);
  EXPECT_EQ(signet_ticket_prefetch(client.handle(), kAudience, nullptr), SIGNET_OK);

  EXPECT_EQ(ticket(client, kAudience), "ticket 1");
  EXPECT_EQ(signet_ticket_prefetch(client.handle(), kAudience, nullptr), SIGNET_OK);
  EXPECT_EQ(daemon_->tickets(), 1);
}

TEST_F(TicketsTest, AClientMayBeClosedWhileOneIsOnItsWay) {
  daemon_->stay_silent_at("GetTicket");
  Client client;

  EXPECT_EQ(signet_ticket_prefetch(client.handle(), kAudience, nullptr), SIGNET_OK);
}

TEST_F(TicketsTest, AFailureIsNotKept) {
  Client client;
  daemon_->refuse_at("GetTicket", "org.signet.Error.Busy");
  EXPECT_EQ(ticket(client, kAudience), "busy");

  daemon_->refuse_at("", "");
  EXPECT_EQ(ticket(client, kAudience), "ticket 1");
}

TEST_F(TicketsTest, WaitsForThatOfAnEventLoopToo) {
  Client client;
  ASSERT_GE(client.poll_fd(), 0);

  EXPECT_EQ(ticket(client, kAudience), "ticket 1") << "rpmbd is on this machine: no network, no wrong_thread";
}

TEST_F(TicketsTest, BadOptionsNeverReachTheDaemon) {
  Client client;
  signet_ticket_options options = SIGNET_TICKET_OPTIONS_INIT;

  options.size = 0;
  EXPECT_EQ(ticket(client, kAudience, &options), "invalid_argument");
  options.size = sizeof options + 1;
  EXPECT_EQ(ticket(client, kAudience, &options), "invalid_argument");
  options.size = sizeof options;
  EXPECT_EQ(ticket(client, nullptr, &options), "invalid_argument");
  options.ext = "\xff";
  EXPECT_EQ(ticket(client, kAudience, &options), "invalid_argument");

  EXPECT_EQ(daemon_->tickets(), 0);
}

TEST_F(TicketsTest, OptionsOfAnOlderProgramAreKnown) {
  Client client;
  struct {
    std::size_t size = sizeof(std::size_t) + sizeof(const char*);
    const char* nonce = nullptr;
  } older;

  EXPECT_EQ(ticket(client, kAudience, reinterpret_cast<const signet_ticket_options*>(&older)), "ticket 1");
}

// ---- signet_wx_code
// ------------------------------------------------------------------------------------------------------

TEST(WxCode, EveryStatusHasOneOfTheTwelve) {
  EXPECT_EQ(signet_wx_code(SIGNET_OK), 0);
  for (int status = -10; status < 200; ++status) {
    const int code = signet_wx_code(status);
    EXPECT_TRUE(code <= 0 && code >= -11) << status;
    EXPECT_EQ(code == 0, status == 0) << status;
  }
}

TEST(WxCode, SaysWhatProgramsExpect) {
  EXPECT_EQ(signet_wx_code(SIGNET_E_INVALID_ARGUMENT), -1);
  EXPECT_EQ(signet_wx_code(SIGNET_E_SN_TICKET_INVALID), -1);
  EXPECT_EQ(signet_wx_code(SIGNET_E_IO), -2);
  EXPECT_EQ(signet_wx_code(SIGNET_E_WRONG_KEY), -3);
  EXPECT_EQ(signet_wx_code(SIGNET_E_KEY_CONFLICT), -3);
  EXPECT_EQ(signet_wx_code(SIGNET_E_NET_DNS), -4);
  EXPECT_EQ(signet_wx_code(SIGNET_E_TIMEOUT), -4);
  EXPECT_EQ(signet_wx_code(SIGNET_E_ACCESS_DENIED), -5);
  EXPECT_EQ(signet_wx_code(SIGNET_E_BLOCKED), -5);
  EXPECT_EQ(signet_wx_code(SIGNET_E_CERTIFICATE_INVALID), -6);
  EXPECT_EQ(signet_wx_code(SIGNET_E_NO_SERVICE), -7);
  EXPECT_EQ(signet_wx_code(SIGNET_E_IDENTITY_MISMATCH), -8);
  EXPECT_EQ(signet_wx_code(SIGNET_E_MEDIA), -9);
  EXPECT_EQ(signet_wx_code(SIGNET_E_NOT_PROVISIONED), -10);
  EXPECT_EQ(signet_wx_code(SIGNET_E_INTERNAL), -11);
  EXPECT_EQ(signet_wx_code(12345), -11);
  EXPECT_EQ(signet_wx_code(SIGNET_PENDING), -11);
}

}  // namespace
}  // namespace signet::testing
