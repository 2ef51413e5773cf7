#include "activationd/api.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>
#include <future>

#include "activationd/openapi.h"
#include "base/base64.h"
#include "unit/activation/registrar_fixture.h"

namespace signet::activationd {
namespace {

namespace json = boost::json;
using activation::Role;
using activation::TestDevice;
using http::Method;

// The real registrar on a database of its own.
class ApiTest : public activation::RegistrarFixture {
 protected:
  ApiTest() {
    api_.emplace(*registrar_, RateConfig{{.per_second = 1, .burst = 50}, {.per_second = 1, .burst = 3}}, clock_);
  }

  std::string credential(const std::string& name, Role role) {
    return "Bearer " + *registrar_->credentials().add({name, role, {}}, "test");
  }
  http::Reply ask(const http::Request& request) {
    std::promise<http::Answer> promise;
    auto answer = promise.get_future();
    api_->handle(request, [&promise](http::Answer given) { promise.set_value(std::move(given)); });
    return answer.get()();
  }
  http::Reply get(const std::string& target, const std::string& authorization = "") {
    return ask({.method = Method::get, .target = target, .authorization = authorization});
  }
  http::Reply post(const std::string& target, const std::string& body, const std::string& authorization = "",
                   Method method = Method::post) {
    return ask({.method = method,
                .target = target,
                .authorization = authorization,
                .content_type = "application/json; charset=utf-8",
                .body = body});
  }
  // From a vendor's sn ticket to the certificate, all of it over the interface.
  void enrol_over_http(TestDevice& device) {
    const auto issued =
        post("/v1/sn-tickets", json::serialize(json::object{{"model_id", device.ids.model_id}, {"sn", device.ids.sn}}),
             factory_);
    ASSERT_EQ(issued.status, 201) << issued.body;
    const std::string sn_ticket{json::parse(issued.body).at("sn_tickets").at(0).at("sn_ticket").as_string()};
    const auto request = json::serialize(json::object{{"request", device.request(sn_ticket, *keys_, clock_.now())}});
    const auto reserved = post("/v1/registrations", request);
    ASSERT_EQ(reserved.status, 201) << reserved.body;
    EXPECT_EQ(post("/v1/registrations", request).status, 200);
    const std::string challenge{json::parse(reserved.body).at("challenge").as_string()};
    const auto proof = json::serialize(json::object{{"ticket", device.proof(challenge, clock_.now())}});
    const auto confirmed = post("/v1/registrations/" + device.id_text(), proof, "", Method::put);
    ASSERT_EQ(confirmed.status, 200) << confirmed.body;
    const auto answer = json::parse(confirmed.body);
    const auto der = from_base64(std::string{answer.at("chain").at(0).as_string()});
    ASSERT_TRUE(der);
    device.complete({device.id_text(), {*der}, static_cast<std::uint32_t>(answer.at("generation").as_int64())});
  }
  std::string verdict_body(const std::string& ticket) {
    return json::serialize(json::object{{"ticket", ticket}, {"audience", kAudience}});
  }

  std::optional<Api> api_;
  const std::string factory_ = credential("factory", Role::vendor);
  const std::string desk_ = credential("desk", Role::operator_);
  const std::string teller_ = credential("teller", Role::verifier);
};

TEST_F(ApiTest, ItsDescriptionHasEveryRouteAndNoOther) {
  const auto document = json::parse(kOpenApi).as_object();
  std::set<std::string> described;
  for (const auto& path : document.at("paths").as_object()) {
    for (const auto& operation : path.value().as_object()) {
      std::string method{operation.key()};
      for (char& c : method) c = static_cast<char>(c - 'a' + 'A');
      described.insert(method + " " + std::string{path.key()});
    }
  }
  std::set<std::string> routes;
  for (const auto& route : api_->router().routes()) {
    routes.insert(std::string{http::name(route.method)} + " " + route.pattern);
  }

  EXPECT_EQ(described, routes);
}

TEST_F(ApiTest, ItsDescriptionSaysWhereACredentialIsNeeded) {
  const auto document = json::parse(kOpenApi).as_object();
  for (const auto& route : api_->router().routes()) {
    std::string method{http::name(route.method)};
    for (char& c : method) c = static_cast<char>(c - 'A' + 'a');
    const auto& operation = document.at("paths").at(route.pattern).at(method);
    std::string target = route.pattern;
    if (const auto part = target.find('{'); part != std::string::npos) {
      target.replace(part, target.find('}') - part + 1, "x");
    }

    const auto reply = ask({.method = route.method, .target = target});

    EXPECT_EQ(reply.status == 401, !operation.at("security").as_array().empty()) << target;
  }
}

TEST_F(ApiTest, ItsDescriptionRefersToWhatIsThere) {
  const json::value document = json::parse(kOpenApi);
  const std::string text = kOpenApi;
  int references = 0;
  for (auto at = text.find("\"#/"); at != std::string::npos; at = text.find("\"#/", at + 1)) {
    const auto pointer = text.substr(at + 2, text.find('"', at + 1) - at - 2);
    boost::system::error_code error;
    EXPECT_NE(document.find_pointer(pointer, error), nullptr) << pointer;
    ++references;
  }
  EXPECT_GT(references, 50);
}

TEST_F(ApiTest, TheSchemeOfACredentialIsNotCaseSensitive) {
  EXPECT_EQ(get("/v1/audit", desk_).status, 200);
  EXPECT_EQ(get("/v1/audit", "bEARER " + desk_.substr(7)).status, 200);
  EXPECT_EQ(get("/v1/audit", "Bearer" + desk_.substr(7)).status, 401);
}

TEST_F(ApiTest, ACredentialHasItsRate) {
  for (int i = 0; i < 3; ++i) EXPECT_EQ(get("/v1/audit", desk_).status, 200);

  const auto refused = get("/v1/audit", desk_);
  clock_.advance(std::chrono::seconds{1});

  EXPECT_EQ(refused.status, 429);
  EXPECT_NE(refused.fields.find("Retry-After: 1\r\n"), std::string::npos);
  EXPECT_EQ(get("/v1/audit", desk_).status, 200);
}

TEST_F(ApiTest, AnAddressHasItsRate) {
  http::Request head{.peer = "2001:db8::1"};
  for (int i = 0; i < 50; ++i) EXPECT_FALSE(api_->admit(head));
  head.peer = "2001:db8::2";  // the same client's network

  const auto refused = api_->admit(head);

  ASSERT_TRUE(refused);
  EXPECT_EQ(refused->status, 429);
  head.peer = "2001:db8:0:1::2";
  EXPECT_FALSE(api_->admit(head));
}

TEST_F(ApiTest, ABodyThatIsNotTheContractsIsRefusedByMember) {
  const auto reply = post("/v1/sn-tickets", R"({"model_id":"m","sns":["a",7]})", factory_);

  EXPECT_EQ(reply.status, 400);
  EXPECT_NE(reply.body.find("sns[1]: must be a string, not int64"), std::string::npos) << reply.body;
}

TEST_F(ApiTest, IssuesSnTickets) {
  const auto reply = post("/v1/sn-tickets", R"({"model_id":"m","sns":["a","b"]})", factory_);

  ASSERT_EQ(reply.status, 201) << reply.body;
  EXPECT_TRUE(reply.no_store);
  const auto tickets = json::parse(reply.body).at("sn_tickets").as_array();
  ASSERT_EQ(tickets.size(), 2U);
  EXPECT_EQ(tickets[0].at("sn"), "a");
  EXPECT_EQ(tickets[0].at("expires"), 1'800'000'300);
}

TEST_F(ApiTest, ADeviceRegistersAndItsTicketIsAccepted) {
  TestDevice device{1, {"model", "serial", "app"}};
  enrol_over_http(device);
  const auto given = post("/v1/nonces", json::serialize(json::object{{"audience", kAudience}}), teller_);
  ASSERT_EQ(given.status, 201) << given.body;
  const std::string nonce{json::parse(given.body).at("nonce").as_string()};

  const auto ticket = device.ticket(identity::TicketUse::challenge, nonce, kAudience, clock_.now());
  const auto verdict = post("/v1/tickets/verify", verdict_body(ticket), teller_);

  ASSERT_EQ(verdict.status, 200);
  const auto body = json::parse(verdict.body);
  EXPECT_EQ(body.at("verdict"), "accepted") << verdict.body;
  EXPECT_EQ(body.at("factors").at("rpmb").at("status"), "ok");
  EXPECT_EQ(body.at("device").at("model_id"), "model");
  EXPECT_EQ(body.at("device").at("use"), "challenge");
  const auto metrics = get("/metrics").body;
  EXPECT_NE(metrics.find("signet_registrar_verifications_total{verdict=\"accepted\"} 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("signet_registrar_reservations_total 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("signet_registrar_confirmations_total 1\n"), std::string::npos);
  EXPECT_NE(metrics.find("signet_registrar_devices 1\n"), std::string::npos);
}

TEST_F(ApiTest, ABlockedDeviceIsRefusedWithTheReason) {
  TestDevice device{1, {"model", "serial", "app"}};
  enrol_over_http(device);
  const auto ueid = activation::to_text(device.ueid());

  const auto blocked = post("/v1/devices/" + ueid + "/block", R"({"reason":"stolen"})", desk_);
  const auto ticket = device.ticket(identity::TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now());
  const auto verdict = post("/v1/tickets/verify", verdict_body(ticket), teller_);
  device.begin();
  const auto request = device.request(std::string(32, 'x'), *keys_, clock_.now());
  const auto refused = post("/v1/registrations", json::serialize(json::object{{"request", request}}));
  const auto history = get("/v1/devices/" + ueid, desk_);
  const auto list = get("/v1/devices?model_id=model&sn=serial&limit=1", desk_);

  ASSERT_EQ(blocked.status, 200) << blocked.body;
  EXPECT_EQ(json::parse(blocked.body).at("reason"), "blocked_by_operator");
  EXPECT_EQ(json::parse(blocked.body).at("note"), "stolen");
  EXPECT_EQ(json::parse(verdict.body).at("verdict"), "rejected");
  EXPECT_NE(refused.status, 201) << refused.body;
  EXPECT_EQ(json::parse(history.body).at("certificates").as_array().size(), 1U) << history.body;
  EXPECT_EQ(json::parse(list.body).at("devices").as_array().size(), 1U) << list.body;
}

TEST_F(ApiTest, IsNotReadyWhenItStops) {
  EXPECT_EQ(get("/readyz").status, 200);

  api_->close();

  EXPECT_EQ(get("/readyz").status, 503);
  EXPECT_EQ(get("/healthz").status, 200);
}

TEST_F(ApiTest, WhoeverAsksAgainAtOnceCostsTheStoreNothing) {
  EXPECT_EQ(get("/readyz").status, 200);
  const auto after_one = store_->commits().units;

  for (int i = 0; i < 10; ++i) EXPECT_EQ(get("/readyz").status, 200);

  EXPECT_EQ(store_->commits().units, after_one);
  clock_.advance(std::chrono::seconds{1});
  EXPECT_EQ(get("/readyz").status, 200);
  EXPECT_EQ(store_->commits().units, after_one + 1);
}

TEST_F(ApiTest, CountsWhatItAnswers) {
  get("/healthz");
  get("/nothing");

  const auto text = get("/metrics").body;

  EXPECT_NE(text.find("http_requests_total{route=\"/healthz\",method=\"GET\",status=\"200\"} 1"), std::string::npos);
  EXPECT_NE(text.find("http_requests_total{route=\"none\",method=\"none\",status=\"404\"} 1"), std::string::npos);
}

}  // namespace
}  // namespace signet::activationd
