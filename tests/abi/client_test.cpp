// libsignet against a daemon that also misbehaves, on a private bus.
#include "client_fixture.h"

namespace signet::testing {
namespace {

TEST_F(ClientTest, ObjectsComeBackAsTheyWere) {
  start();
  Client client;

  client.put("name", Octets{1, 2, 3});
  client.put("empty", Octets{});

  EXPECT_EQ(client.get("name"), (Octets{1, 2, 3}));
  EXPECT_EQ(client.get("empty"), Octets{});
  const auto list = client.list();
  ASSERT_EQ(list.size(), 2u);
  EXPECT_EQ(list[1].text("name"), "name");
  EXPECT_EQ(list[1].number("size"), 3u);
}

TEST_F(ClientTest, AnErrorCarriesCodeCategoryAndTheDaemonsText) {
  start();
  Client client;

  try {
    client.get("nothing");
    FAIL() << "no error";
  } catch (const client::Error& error) {
    EXPECT_EQ(error.code(), SIGNET_E_NOT_FOUND);
    EXPECT_EQ(error.category(), SIGNET_CATEGORY_FIX_REQUEST);
    EXPECT_STREQ(error.name(), "not_found");
    EXPECT_STREQ(error.what(), "no such object in namespace test");
  }
}

TEST_F(ClientTest, ABufferIsFilledOnlyWhenTheValueFits) {
  start();
  Client client;
  client.put("name", Octets{1, 2, 3});
  std::uint8_t buffer[4] = {9, 9, 9, 9};
  std::size_t size = 0;

  EXPECT_EQ(signet_store_get(client.handle(), "name", nullptr, &size), SIGNET_OK);
  EXPECT_EQ(size, 3u);
  size = 2;
  EXPECT_EQ(signet_store_get(client.handle(), "name", buffer, &size), SIGNET_E_TOO_LARGE);
  EXPECT_EQ(size, 3u);
  EXPECT_EQ(buffer[0], 9);
  size = sizeof buffer;
  EXPECT_EQ(signet_store_get(client.handle(), "name", buffer, &size), SIGNET_OK);
  EXPECT_EQ(size, 3u);
  EXPECT_EQ(buffer[2], 3);
  EXPECT_EQ(buffer[3], 9);
}

TEST_F(ClientTest, BadArgumentsNeverReachTheDaemon) {
  start();
  Client client;
  const signet_change nameless{nullptr, nullptr, 0};

  EXPECT_EQ(signet_store_put(client.handle(), nullptr, nullptr, 0), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_store_put(client.handle(), "x", nullptr, 3), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_store_put(client.handle(), "\xff", nullptr, 0), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_store_apply(client.handle(), &nameless, 1), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_chip_provision(client.handle(), "00", nullptr, 0, 0), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_open(nullptr, 0), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_status(nullptr, nullptr), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(daemon_->calls(), 0);
}

TEST_F(ClientTest, AMissingDaemonIsNoServiceWithARemedy) {
  signet_client* client = nullptr;

  EXPECT_EQ(signet_open(&client, 0), SIGNET_E_NO_SERVICE);
  ASSERT_NE(client, nullptr);
  EXPECT_NE(std::string{signet_error_text(client)}.find("systemctl start rpmbd"), std::string::npos);
  start();
  EXPECT_EQ(signet_store_list(client, "", nullptr), SIGNET_OK) << "the handle works once the daemon does";

  signet_close(client);
}

TEST_F(ClientTest, AMissingBusIsNoServiceWithItsAddress) {
  bus_.reset();
  signet_client* client = nullptr;

  EXPECT_EQ(signet_open(&client, 0), SIGNET_E_NO_SERVICE);
  EXPECT_NE(std::string{signet_error_text(client)}.find(address_), std::string::npos);
  EXPECT_EQ(signet_poll_fd(client), -1);

  signet_close(client);
}

TEST_F(ClientTest, AnotherGenerationIsRefusedWithBothNumbersBeforeAnyCall) {
  start({.generation = 7});
  signet_client* client = nullptr;

  EXPECT_EQ(signet_open(&client, SIGNET_OPEN_DEFERRED), SIGNET_OK);
  EXPECT_EQ(signet_store_put(client, "x", nullptr, 0), SIGNET_E_INCOMPATIBLE);

  const std::string text = signet_error_text(client);
  EXPECT_NE(text.find("generation 1"), std::string::npos);
  EXPECT_NE(text.find("generation 7"), std::string::npos);
  EXPECT_EQ(daemon_->calls(), 0);
  signet_close(client);
}

TEST_F(ClientTest, ADaemonOfAnotherGenerationThatTakesOverIsNoticed) {
  start();
  Client client;
  client.put("x", Octets{1});

  daemon_.reset();
  start({.generation = 2});

  EXPECT_EQ(status_of([&] { client.get("x"); }), SIGNET_E_INCOMPATIBLE);
}

TEST_F(ClientTest, ACallerWithoutPolicyEntryIsDenied) {
  start({.knows_me = false});
  Client client;

  EXPECT_EQ(status_of([&] { client.list(); }), SIGNET_E_ACCESS_DENIED);
  EXPECT_EQ(status_of([&] { client.status(); }), SIGNET_E_ACCESS_DENIED);
}

TEST_F(ClientTest, AReadThatIsNotAnsweredTimesOut) {
  start();
  Client client;
  client.set_timeout(50ms);

  EXPECT_EQ(status_of([&] { client.get("silent"); }), SIGNET_E_TIMEOUT);
}

TEST_F(ClientTest, AWriteThatIsNotAnsweredHasAnUnknownOutcome) {
  start();
  Client client;
  client.set_timeout(50ms);

  EXPECT_EQ(status_of([&] { client.put("silent", Octets{1}); }), SIGNET_E_OUTCOME_UNKNOWN);
}

TEST_F(ClientTest, ADaemonThatDiesLeavesAWriteUnknownAndARead_NoService) {
  start();
  Client client;
  EXPECT_EQ(status_of([&] { client.put("gone", Octets{1}); }), SIGNET_E_OUTCOME_UNKNOWN);

  daemon_.reset();
  start();

  EXPECT_EQ(status_of([&] { client.get("gone"); }), SIGNET_E_NO_SERVICE);
}

TEST_F(ClientTest, ALostBusEndsWhatIsUnderWayAndLaterCallsSayWhy) {
  start();
  Client client;
  Call read{signet_start_store_get(client.handle(), "silent")};

  bus_.reset();

  EXPECT_TRUE(read.wait(2s));
  EXPECT_EQ(read.status(), SIGNET_E_NO_SERVICE);
  EXPECT_EQ(status_of([&] { client.list(); }), SIGNET_E_NO_SERVICE);
}

TEST_F(ClientTest, CallsRunAtTheSameTime) {
  start();
  Client client;
  client.put("x", Octets{5});

  Call silent{signet_start_store_get(client.handle(), "silent")};
  Call quick{signet_start_store_get(client.handle(), "x")};

  EXPECT_TRUE(quick.wait(2s));
  EXPECT_EQ(quick.answer().octets("value"), Octets{5});
  EXPECT_FALSE(silent.wait(1ms));
  EXPECT_EQ(silent.status(), SIGNET_PENDING);
}

TEST_F(ClientTest, ACancelledCallIsOverAtOnceAndItsCallbackStillComesOnce) {
  start();
  Client client;
  Call call{signet_start_store_put(client.handle(), "silent", nullptr, 0)};
  int times = 0;
  call.on_done([&](Call&) { ++times; });

  call.cancel();
  call.cancel();

  EXPECT_EQ(call.status(), SIGNET_E_CANCELLED);
  EXPECT_EQ(times, 0) << "callbacks come from signet_process() only";
  EXPECT_EQ(signet_poll_timeout(client.handle()), 0);
  EXPECT_TRUE(run_loop(client.handle(), [&] { return times == 1; }));
}

TEST_F(ClientTest, TheCallersLoopDeliversCallbacks) {
  start();
  Client client{Client::Open::deferred};
  std::vector<int> done;
  Call put{signet_start_store_put(client.handle(), "x", nullptr, 0)};
  Call get{signet_start_store_get(client.handle(), "x")};
  Call missing{signet_start_store_get(client.handle(), "y")};
  for (Call* call : {&put, &get, &missing}) call->on_done([&](Call& ended) { done.push_back(ended.status()); });

  EXPECT_TRUE(run_loop(client.handle(), [&] { return done.size() == 3; }));
  EXPECT_EQ(done, (std::vector<int>{SIGNET_OK, SIGNET_OK, SIGNET_E_NOT_FOUND}));
}

TEST_F(ClientTest, ACallbackMayFreeItsCallAndStartAnother) {
  start();
  Client client;
  struct Progress {
    signet_client* client;
    int ended = 0;
  } progress{client.handle()};
  const signet_done_fn count = [](signet_call* call, void* data) {
    auto& seen = *static_cast<Progress*>(data);
    signet_call_free(call);
    if (++seen.ended > 1) return;
    signet_call* next = signet_start_status(seen.client);
    signet_call_on_done(
        next, [](signet_call* second, void* more) { ++static_cast<Progress*>(more)->ended, signet_call_free(second); },
        data);
  };

  signet_call_on_done(signet_start_status(client.handle()), count, &progress);

  EXPECT_TRUE(run_loop(client.handle(), [&] { return progress.ended == 2; }));
}

TEST_F(ClientTest, ATimeoutIsDeliveredByTheCallersLoop) {
  start();
  Client client;
  client.set_timeout(50ms);
  Call call{signet_start_store_get(client.handle(), "silent")};
  int status = SIGNET_OK;
  call.on_done([&](Call& ended) { status = ended.status(); });

  EXPECT_TRUE(run_loop(client.handle(), [&] { return status == SIGNET_E_TIMEOUT; }));
}

TEST_F(ClientTest, ClosingEndsCallsThatOutliveTheClient) {
  start();
  signet_client* client = nullptr;
  ASSERT_EQ(signet_open(&client, 0), SIGNET_OK);
  signet_call* call = signet_start_store_get(client, "silent");

  signet_close(client);

  EXPECT_EQ(signet_call_status(call), SIGNET_E_CANCELLED);
  EXPECT_EQ(signet_call_wait(call, -1), SIGNET_E_CANCELLED);
  signet_call_free(call);
}

struct Watched {
  std::vector<std::string> states;
  static void changed(signet_client*, int status, const signet_result* state, void* self) {
    const char* text = status == SIGNET_OK ? signet_result_string(state, 0, "state") : signet_error_name(status);
    static_cast<Watched*>(self)->states.emplace_back(text);
  }
  [[nodiscard]] bool saw(const std::string& state) const { return !states.empty() && states.back() == state; }
};

TEST_F(ClientTest, AWatchTellsThePresentStateAndEveryChange) {
  start();
  Client client;
  Watched watched;

  ASSERT_EQ(signet_watch_state(client.handle(), Watched::changed, &watched), SIGNET_OK);
  EXPECT_TRUE(run_loop(client.handle(), [&] { return watched.saw("ready"); }));
  daemon_->set_state("read_only");
  EXPECT_TRUE(run_loop(client.handle(), [&] { return watched.saw("read_only"); }));
  daemon_.reset();
  EXPECT_TRUE(run_loop(client.handle(), [&] { return watched.saw("no_service"); }));
  start();
  EXPECT_TRUE(run_loop(client.handle(), [&] { return watched.saw("ready"); }));
}

TEST_F(ClientTest, StatusFieldsAreNamedAsDocumented) {
  start();
  Client client;

  const auto status = client.status();

  const auto row = status.front();
  EXPECT_EQ(row.number("interface_version"), 1u);
  EXPECT_EQ(row.text("state"), "ready");
  EXPECT_EQ(row.text("chip.cid"), "00ff");
  EXPECT_EQ(row.flag("chip.emulated"), true);
  EXPECT_EQ(row.text("chip.emulated"), std::nullopt) << "another type";
  EXPECT_EQ(row.type("nothing"), SIGNET_TYPE_NONE);
}

TEST(Errors, EveryCodeHasItsWordsAndEveryOtherNumberIsSafe) {
  EXPECT_STREQ(signet_error_name(SIGNET_E_WRONG_KEY), "wrong_key");
  EXPECT_STREQ(signet_strerror(SIGNET_E_WRONG_KEY), "the chip holds another key");
  EXPECT_EQ(signet_error_category(SIGNET_E_WRONG_KEY), SIGNET_CATEGORY_RE_ENROL);
  EXPECT_STREQ(signet_category_name(SIGNET_CATEGORY_RE_ENROL), "re_enrol");
  EXPECT_STREQ(signet_error_name(SIGNET_OK), "ok");
  EXPECT_STREQ(signet_strerror(12345), "unknown error");
  EXPECT_EQ(signet_error_category(2), SIGNET_CATEGORY_NONE);
}

}  // namespace
}  // namespace signet::testing
