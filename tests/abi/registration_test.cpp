// A registration as the client library sees it: a daemon on a private bus, a registrar over TLS, and everything that
// can go wrong between them.
#include <netinet/in.h>
#include <sys/socket.h>

#include "base/unique_fd.h"
#include "client_fixture.h"
#include "fake_registrar.h"

namespace signet::testing {
namespace {

using Fault = FakeRegistrar::Fault;
constexpr const char* kSnTicket = "abcdefghijklmnopqrstuvwxyz012345";

class RegistrationTest : public ClientTest {
 protected:
  RegistrationTest() {
    for (const char* name : {"https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"}) ::unsetenv(name);
  }

  void start_all() { start_all({}); }
  void start_all(Validity validity) {
    registrar_.emplace(ca_.issue(validity));
    start({.registrar = registrar_->url(), .registrar_ca = ca_.pem()});
  }
  int register_now(Client& client) { return signet_register(client.handle(), "model", "SN1", "app", kSnTicket); }
  // Registers where something will not be answered. A machine that is badly overloaded may not even get there in the
  // time that is enough elsewhere, so it gets more, until the error is that of `place`.
  int register_until(Client& client, const std::string& place) {
    int status = SIGNET_OK;
    for (auto timeout = 300ms; timeout < 60s; timeout *= 4) {
      client.set_timeout(timeout);
      status = register_now(client);
      if (text(client).find(place) != std::string::npos) break;
    }
    return status;
  }
  static signet_call* start_registering(Client& client) {
    return signet_start_register(client.handle(), "model", "SN1", "app", kSnTicket);
  }
  static std::string text(Client& client) { return signet_error_text(client.handle()); }

  TestCa ca_;
  std::optional<FakeRegistrar> registrar_;
};

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

TEST_F(RegistrationTest, TakesFiveStepsAndLeavesTheDeviceConfirmed) {
  start_all();
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_OK) << text(client);

  EXPECT_TRUE(daemon_->is_confirmed());
  EXPECT_EQ(registrar_->seen(),
            (std::vector<std::string>{"POST /v1/registrations", "PUT /v1/registrations/AAAAAAAAAAAAAAAAAAAAAA"}));
  signet_result* info = nullptr;
  ASSERT_EQ(signet_device_info(client.handle(), &info), SIGNET_OK);
  const client::Result owned{info};
  EXPECT_EQ(owned.front().text("state"), "confirmed");
  EXPECT_EQ(owned.front().number("not_after"), 4000000000u);
}

TEST_F(RegistrationTest, RunsInTheCallersLoopAndShowsItsStage) {
  start_all();
  Client client{Client::Open::deferred};
  Call call{start_registering(client)};
  std::vector<std::string> stages;
  int ended = 0;
  call.on_done([&](Call&) { ++ended; });

  EXPECT_TRUE(run_loop(client.handle(), [&] {
    const std::string stage = call.stage();
    if (!stage.empty() && (stages.empty() || stages.back() != stage)) stages.push_back(stage);
    return ended == 1;
  }));

  EXPECT_EQ(call.status(), SIGNET_OK);
  EXPECT_EQ(call.answer().number("generation"), 1u);
  EXPECT_EQ(call.stage(), "");
  EXPECT_FALSE(stages.empty());
}

TEST_F(RegistrationTest, OtherCallsGoOnWhileTheRegistrarIsSilent) {
  start_all();
  registrar_->misbehave("POST", Fault::silent);
  Client client;
  Call call{start_registering(client)};
  client.put("x", Octets{7});

  for (int i = 0; i < 20; ++i) EXPECT_EQ(client.get("x"), Octets{7});

  EXPECT_EQ(call.status(), SIGNET_PENDING);
}

TEST_F(RegistrationTest, TwoClientsOfOneProcessDoNotDisturbEachOther) {
  start_all();
  Client first;
  Client second;
  Call one{start_registering(first)};
  Call two{start_registering(second)};

  EXPECT_TRUE(one.wait(30s));
  EXPECT_TRUE(two.wait(30s));

  EXPECT_EQ(one.status(), SIGNET_OK);
  // The fake knows one registration at a time; whichever came second is refused or has come too late to be one.
  EXPECT_TRUE(two.status() == SIGNET_OK || two.status() == SIGNET_E_REGISTRATION_PENDING) << two.status();
}

TEST_F(RegistrationTest, IsRefusedWhereAnEventLoopWaits) {
  start_all();
  Client client;
  ASSERT_GE(client.poll_fd(), 0);

  EXPECT_EQ(register_now(client), SIGNET_E_WRONG_THREAD);

  EXPECT_TRUE(contains(text(client), "signet_start_register()"));
  EXPECT_EQ(daemon_->calls(), 0);
}

TEST_F(RegistrationTest, ANullPointerNeverReachesTheDaemon) {
  start_all();
  Client client;

  EXPECT_EQ(signet_register(client.handle(), "model", nullptr, "app", kSnTicket), SIGNET_E_INVALID_ARGUMENT);
  EXPECT_EQ(signet_register(nullptr, "model", "SN1", "app", kSnTicket), SIGNET_E_INVALID_ARGUMENT);

  EXPECT_EQ(daemon_->calls(), 0);
}

TEST_F(RegistrationTest, TheDescriptorStaysTheSameAllTheWay) {
  start_all();
  Client client;
  Call call{start_registering(client)};
  const int before = client.poll_fd();

  EXPECT_TRUE(run_loop(client.handle(), [&] {
    EXPECT_EQ(client.poll_fd(), before);
    return call.status() != SIGNET_PENDING;
  }));

  EXPECT_EQ(call.status(), SIGNET_OK);
}

TEST_F(RegistrationTest, ALoopSleepsWhileNothingHappens) {
  start_all();
  registrar_->misbehave("POST", Fault::silent);
  Client client;
  Call call{start_registering(client)};
  ASSERT_TRUE(run_loop(client.handle(), [&] { return registrar_->requests() == 1; }));
  int wakes = 0;

  const auto until = std::chrono::steady_clock::now() + 300ms;
  while (std::chrono::steady_clock::now() < until) {
    pollfd wait{client.poll_fd(), static_cast<short>(client.poll_events()), 0};
    const int asked = client.poll_timeout();
    ::poll(&wait, 1, asked < 0 || asked > 300 ? 300 : asked);
    client.process();
    ++wakes;
  }

  EXPECT_LT(wakes, 30);
}

// ---- Each stage on the way to the registrar -------------------------------------------------------------------------

TEST_F(RegistrationTest, AnUnknownHostIsNetDns) {
  start({.registrar = "https://registrar.invalid", .registrar_ca = ca_.pem()});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_DNS);

  EXPECT_TRUE(contains(text(client), "step reserve: the host name registrar.invalid cannot be resolved"))
      << text(client);
}

TEST_F(RegistrationTest, AClosedPortIsNetConnect) {
  registrar_.emplace(ca_.issue({}));
  start({.registrar = registrar_->url(), .registrar_ca = ca_.pem()});
  registrar_.reset();
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_CONNECT);

  EXPECT_TRUE(contains(text(client), "localhost cannot be connected to")) << text(client);
}

TEST_F(RegistrationTest, ACertificateOfAnotherCaIsNetTls) {
  const TestCa other;
  registrar_.emplace(other.issue({}));
  start({.registrar = registrar_->url(), .registrar_ca = ca_.pem()});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_TLS);

  EXPECT_TRUE(contains(text(client), "tls_ca")) << text(client);
  EXPECT_EQ(registrar_->requests(), 0);
}

TEST_F(RegistrationTest, ACertificateForAnotherHostIsNetTls) {
  registrar_.emplace(ca_.issue({}, "elsewhere.example"));
  start({.registrar = registrar_->url(), .registrar_ca = ca_.pem()});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_TLS);
  EXPECT_EQ(registrar_->requests(), 0);
}

TEST_F(RegistrationTest, WithoutACaOfItsOwnTheSystemsCount) {
  registrar_.emplace(ca_.issue({}));
  start({.registrar = registrar_->url()});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_TLS);
  EXPECT_EQ(registrar_->requests(), 0);
}

TEST_F(RegistrationTest, ACaThatIsNoCertificateIsNetTls) {
  registrar_.emplace(ca_.issue({}));
  start({.registrar = registrar_->url(), .registrar_ca = "hello"});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_TLS);
  EXPECT_TRUE(contains(text(client), "PEM")) << text(client);
}

TEST_F(RegistrationTest, AnExpiredCertificateIsClockSkewWithOurTime) {
  start_all({.from = -2h, .until = -1h});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_CLOCK_SKEW);

  EXPECT_TRUE(contains(text(client), "has expired if it is now")) << text(client);
  EXPECT_TRUE(contains(text(client), "UTC")) << text(client);
}

TEST_F(RegistrationTest, ACertificateOfTomorrowIsClockSkew) {
  start_all({.from = 1h, .until = 2h});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_CLOCK_SKEW);
  EXPECT_TRUE(contains(text(client), "not valid yet")) << text(client);
}

TEST_F(RegistrationTest, AnAddressThatIsNoUrlOfARegistrarIsConfigInvalid) {
  for (const char* url : {"", "localhost", "ftp://localhost", "http://registrar.example", "https://user@localhost",
                          "https://localhost/?a=b", "file:///etc/passwd", "https://"}) {
    start({.registrar = url});
    Client client;
    EXPECT_EQ(register_now(client), SIGNET_E_CONFIG_INVALID) << url;
    daemon_.reset();
  }
}

TEST_F(RegistrationTest, PlainHttpIsSpokenToThisMachineOnly) {
  start({.registrar = "http://127.0.0.1:1"});
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NET_CONNECT) << "tried, and nobody listens there";
}

// A listener that takes connections and says nothing: no TLS.
TEST_F(RegistrationTest, AHandshakeThatNeverEndsIsATimeout) {
  const UniqueFd listener{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  ASSERT_EQ(::bind(listener.get(), any, size) + ::listen(listener.get(), 4) + ::getsockname(listener.get(), any, &size),
            0);
  start({.registrar = "https://localhost:" + std::to_string(ntohs(address.sin_port)), .registrar_ca = ca_.pem()});
  Client client;

  EXPECT_EQ(register_until(client, "TLS handshake"), SIGNET_E_TIMEOUT);
  EXPECT_TRUE(contains(text(client), "TLS handshake")) << text(client);
}

TEST_F(RegistrationTest, ARefusalComesThroughWithCodeDetailAndReason) {
  start_all();
  registrar_->set_problem(403, R"({"type":"about:blank","title":"blocked","status":403,"code":51,"name":"blocked",)"
                               R"("detail":"the device is blocked","reason":"serial_on_two_chips"})");
  registrar_->misbehave("POST", Fault::problem);
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_BLOCKED);
  EXPECT_EQ(text(client), "step reserve: the device is blocked (serial_on_two_chips)");
}

TEST_F(RegistrationTest, ARefusalCannotWriteToATerminal) {
  start_all();
  registrar_->set_problem(400, "{\"code\":49,\"detail\":\"a\\u001b[2Jb\\n" + std::string(2000, 'x') + "\"}");
  registrar_->misbehave("POST", Fault::problem);
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_SN_TICKET_INVALID);
  EXPECT_TRUE(contains(text(client), "a [2Jb x")) << text(client);
  EXPECT_LT(text(client).size(), 600u);
}

TEST_F(RegistrationTest, ARefusalWithACodeThatIsNotOursIsNetHttp) {
  for (const char* body : {R"({"code":0})", R"({"code":1})", R"({"code":"51"})", R"({"code":51.5})", R"({"code":-1})",
                           R"({"code":18446744073709551615})", R"([51])", "", "{"}) {
    start_all();
    registrar_->set_problem(418, body);
    registrar_->misbehave("POST", Fault::problem);
    Client client;
    EXPECT_EQ(register_now(client), SIGNET_E_NET_HTTP) << body;
    daemon_.reset();
  }
}

TEST_F(RegistrationTest, AClockThatIsOffIsNamedWhereItCanBeTheCause) {
  start_all();
  registrar_->set_problem(400, R"({"code":50,"detail":"iat: in the future"})");
  registrar_->misbehave("PUT", Fault::problem);
  registrar_->set_clock(-2h);
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_CLOCK_SKEW);
  EXPECT_TRUE(contains(text(client), "s ahead of the registrar's, and it refuses: iat: in the future")) << text(client);
}

TEST_F(RegistrationTest, AClockThatIsOffDoesNotHideAnotherCause) {
  start_all();
  registrar_->set_problem(403, R"({"code":51,"detail":"the device is blocked"})");
  registrar_->misbehave("POST", Fault::problem);
  registrar_->set_clock(2h);
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_BLOCKED);
  EXPECT_TRUE(contains(text(client), "behind the registrar's")) << text(client);
}

TEST_F(RegistrationTest, AMinuteIsNotOff) {
  start_all();
  registrar_->set_problem(400, R"({"code":50,"detail":"iat: in the future"})");
  registrar_->misbehave("PUT", Fault::problem);
  registrar_->set_clock(50s);
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_TICKET_INVALID);
}

TEST_F(RegistrationTest, AChallengeThatTheDaemonDoesNotTrustForTheClocksSakeIsClockSkew) {
  start_all();
  registrar_->set_clock(2h);
  daemon_->refuse_at("Prove", "org.signet.Error.CertificateInvalid");
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_CLOCK_SKEW);
  EXPECT_TRUE(contains(text(client), "step prove: refused by the fake; mind: the clock")) << text(client);
}

TEST_F(RegistrationTest, ARefusalOfTheDaemonComesThroughWithItsStep) {
  start_all();
  daemon_->refuse_at("Begin", "org.signet.Error.NotProvisioned");
  Client client;

  EXPECT_EQ(register_now(client), SIGNET_E_NOT_PROVISIONED);
  EXPECT_EQ(text(client), "step begin: refused by the fake");
  EXPECT_EQ(registrar_->requests(), 0);
}

// ---- Faults of the registrar at both of its steps, each then retried to success
// ----------------------------------------

struct RegistrarFault {
  const char* name;
  Fault fault;
  int status;
};

class FaultAtStep : public RegistrationTest,
                    public ::testing::WithParamInterface<std::tuple<RegistrarFault, const char*>> {};

TEST_P(FaultAtStep, HasItsErrorAndAPlainRetryGoesOn) {
  const auto& [fault, method] = GetParam();
  const std::string step = method == std::string{"POST"} ? "step reserve: " : "step confirm: ";
  start_all();
  registrar_->misbehave(method, fault.fault);
  Client client;

  EXPECT_EQ(fault.fault == Fault::silent ? register_until(client, step) : register_now(client), fault.status);
  EXPECT_TRUE(contains(text(client), step)) << text(client);
  EXPECT_FALSE(daemon_->is_confirmed());

  registrar_->behave();
  client.set_timeout(30s);
  EXPECT_EQ(register_now(client), SIGNET_OK) << text(client);
  EXPECT_TRUE(daemon_->is_confirmed());
}

INSTANTIATE_TEST_SUITE_P(
    Every, FaultAtStep,
    ::testing::Combine(::testing::Values(RegistrarFault{"NoAnswer", Fault::silent, SIGNET_E_TIMEOUT},
                                         RegistrarFault{"ConnectionLostBeforeTheAnswer", Fault::cut_before,
                                                        SIGNET_E_NET_HTTP},
                                         RegistrarFault{"ConnectionLostInTheHead", Fault::cut_head, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"ConnectionLostInTheBody", Fault::cut_body, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"Status500", Fault::status_500, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"Redirect", Fault::redirect, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"GarbageJson", Fault::garbage_json, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"OtherJson", Fault::other_json, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"Html", Fault::html, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"OneMebibyte", Fault::huge, SIGNET_E_NET_HTTP},
                                         RegistrarFault{"NoHttp", Fault::no_http, SIGNET_E_NET_HTTP}),
                       ::testing::Values("POST", "PUT")),
    [](const auto& fault) { return std::string{std::get<0>(fault.param).name} + "At" + std::get<1>(fault.param); });

// ---- Ending it in the middle of each step
// ------------------------------------------------------------------------------

struct Halt {
  const char* stage;
  const char* daemon_method;     // that is not answered
  const char* registrar_method;  // that is not answered
};

class EndedAtStep : public RegistrationTest, public ::testing::WithParamInterface<Halt> {
 protected:
  void halt() {
    daemon_->stay_silent_at(GetParam().daemon_method);
    registrar_->misbehave(GetParam().registrar_method, Fault::silent);
  }
  void heal() {
    daemon_->stay_silent_at("");
    registrar_->behave();
  }
  static bool reach(Client& client, Call& call) {
    return run_loop(client.handle(), [&] { return call.stage() == GetParam().stage; });
  }
};

TEST_P(EndedAtStep, CancellingIsAtOnceAndTheNextCallGoesOn) {
  start_all();
  halt();
  Client client;
  Call call{start_registering(client)};
  int times = 0;
  call.on_done([&](Call&) { ++times; });
  ASSERT_TRUE(reach(client, call));

  call.cancel();

  EXPECT_EQ(call.status(), SIGNET_E_CANCELLED);
  EXPECT_TRUE(run_loop(client.handle(), [&] { return times == 1; }));
  heal();
  Call again{start_registering(client)};
  EXPECT_TRUE(run_loop(client.handle(), [&] { return again.status() != SIGNET_PENDING; }));
  EXPECT_EQ(again.status(), SIGNET_OK);
}

TEST_P(EndedAtStep, FreeingTheCallOrClosingTheClientEndsIt) {
  start_all();
  halt();
  Client client;
  {
    Call call{start_registering(client)};
    ASSERT_TRUE(reach(client, call));
  }
  signet_client* other = nullptr;
  ASSERT_EQ(signet_open(&other, 0), SIGNET_OK);
  signet_call* call = signet_start_register(other, "model", "SN1", "app", kSnTicket);
  EXPECT_TRUE(run_loop(other, [&] { return signet_call_stage(call) == std::string{GetParam().stage}; }));

  signet_close(other);

  EXPECT_EQ(signet_call_status(call), SIGNET_E_CANCELLED);
  signet_call_free(call);
}

TEST_P(EndedAtStep, ItsTimeEndsTheCall) {
  start_all();
  halt();
  Client client;
  const bool last = GetParam().stage == std::string{"complete"};

  const int status = register_until(
      client, last ? "the change may have taken effect" : std::string{"step "} + GetParam().stage + ": ");

  EXPECT_EQ(status, last ? SIGNET_E_OUTCOME_UNKNOWN : SIGNET_E_TIMEOUT) << text(client);
}

INSTANTIATE_TEST_SUITE_P(Every, EndedAtStep,
                         ::testing::Values(Halt{"begin", "Begin", ""}, Halt{"reserve", "", "POST"},
                                           Halt{"prove", "Prove", ""}, Halt{"confirm", "", "PUT"},
                                           Halt{"complete", "Complete", ""}),
                         [](const auto& halt) { return std::string{halt.param.stage}; });

// ---- The daemon and the bus go away in the middle
// ------------------------------------------------------------------------

TEST_F(RegistrationTest, ADaemonThatIsStartedAgainWhileTheRegistrarThinksIsNotMissed) {
  start_all();
  registrar_->misbehave("POST", Fault::silent);
  Client client;
  Call call{start_registering(client)};
  ASSERT_TRUE(run_loop(client.handle(), [&] { return registrar_->requests() == 1; }));
  daemon_.reset();
  start({.registrar = registrar_->url(), .registrar_ca = ca_.pem()});

  EXPECT_TRUE(run_loop(client.handle(), [&] { return call.stage() == "reserve"; }));

  call.cancel();
  registrar_->behave();
  Call again{start_registering(client)};
  EXPECT_TRUE(run_loop(client.handle(), [&] { return again.status() != SIGNET_PENDING; }));
  EXPECT_EQ(again.status(), SIGNET_OK);
}

TEST_F(RegistrationTest, ALostAnswerToTheLastStepIsLookedUp) {
  start_all();
  daemon_->stay_silent_at("Complete", true);
  Client client;
  Call call{start_registering(client)};
  ASSERT_TRUE(run_loop(client.handle(), [&] { return daemon_->is_confirmed(); }));

  // A daemon that has it and has gone: the bus says so, and the new one knows.
  daemon_.reset();
  start({.registrar = registrar_->url(), .registrar_ca = ca_.pem(), .confirmed = true});

  EXPECT_TRUE(run_loop(client.handle(), [&] { return call.status() != SIGNET_PENDING; }));
  EXPECT_EQ(call.status(), SIGNET_OK);
}

TEST_F(RegistrationTest, ALostAnswerToTheLastStepIsUnknownWhenTheDaemonHasNothing) {
  start_all();
  daemon_->stay_silent_at("Complete");
  Client client;
  Call call{start_registering(client)};
  ASSERT_TRUE(run_loop(client.handle(), [&] { return call.stage() == "complete"; }));

  daemon_.reset();
  start({.registrar = registrar_->url(), .registrar_ca = ca_.pem()});

  EXPECT_TRUE(run_loop(client.handle(), [&] { return call.status() != SIGNET_PENDING; }));
  EXPECT_EQ(call.status(), SIGNET_E_OUTCOME_UNKNOWN);
}

TEST_F(RegistrationTest, ALostBusEndsItWithItsStep) {
  start_all();
  registrar_->misbehave("POST", Fault::silent);
  Client client;
  client.set_timeout(3s);
  Call call{start_registering(client)};
  ASSERT_TRUE(run_loop(client.handle(), [&] { return registrar_->requests() == 1; }));

  bus_.reset();

  EXPECT_TRUE(call.wait(30s));
  EXPECT_EQ(call.status(), SIGNET_E_TIMEOUT) << "the network goes on without the bus";
}

TEST_F(RegistrationTest, OtherIdsAreRefusedBeforeTheNetwork) {
  start_all();
  Client client;
  ASSERT_EQ(register_now(client), SIGNET_OK);
  const int before = registrar_->requests();

  EXPECT_EQ(signet_register(client.handle(), "model", "SN2", "app", kSnTicket), SIGNET_E_IDENTITY_MISMATCH);

  EXPECT_EQ(registrar_->requests(), before);
}

TEST_F(RegistrationTest, APendingOneCanBeGivenUp) {
  start_all();
  registrar_->misbehave("POST", Fault::status_500);
  Client client;
  ASSERT_EQ(register_now(client), SIGNET_E_NET_HTTP);
  registrar_->behave();

  EXPECT_EQ(signet_register(client.handle(), "model", "SN2", "app", kSnTicket), SIGNET_E_REGISTRATION_PENDING);
  EXPECT_EQ(signet_registration_cancel(client.handle()), SIGNET_OK);
  EXPECT_EQ(signet_register(client.handle(), "model", "SN2", "app", kSnTicket), SIGNET_OK) << text(client);
}

}  // namespace
}  // namespace signet::testing
