#include "activationd/to_json.h"

#include <gtest/gtest.h>

#include <boost/json.hpp>

namespace signet::activationd {
namespace {

namespace json = boost::json;
using activation::UnixTime;
using std::chrono::seconds;

activation::Device device() {
  return {.ids = {"model", "serial", "app"},
          .chip = {.transport = "emmc", .key_protection = "soft", .cid_hash = {}, .kcv = {}},
          .escrowed = true,
          .generation = 3,
          .blocked = {},
          .blocked_note = {},
          .registered_at = UnixTime{seconds{10}},
          .confirmed_at = UnixTime{seconds{20}}};
}

TEST(ToJson, ADeviceSaysWhyItIsBlockedOnlyWhenItIs) {
  auto blocked = device();
  blocked.blocked = "blocked_by_operator";
  blocked.blocked_note = "stolen";

  const auto free = to_json(device());
  const auto held = to_json(blocked);

  EXPECT_EQ(free.at("blocked"), false);
  EXPECT_FALSE(free.contains("reason"));
  EXPECT_EQ(free.at("ueid").as_string(), std::string(44, 'A'));
  EXPECT_EQ(free.at("registered_at"), 10);
  EXPECT_EQ(free.at("escrowed"), true);
  EXPECT_EQ(held.at("blocked"), true);
  EXPECT_EQ(held.at("reason"), "blocked_by_operator");
  EXPECT_EQ(held.at("note"), "stolen");
}

TEST(ToJson, AVerdictListsEachFactor) {
  activation::Verdict verdict;
  verdict.accepted = true;
  verdict.signature.status = identity::Factor::Status::ok;
  verdict.rpmb = {identity::Factor::Status::not_checked, "no escrow"};
  verdict.policy.status = identity::Factor::Status::ok;
  verdict.device = activation::Verdict::Subject{.ueid = "u",
                                                .model_id = "m",
                                                .sn = std::nullopt,
                                                .app_id = "a",
                                                .generation = 2,
                                                .transport = "emmc",
                                                .key_protection = "soft",
                                                .write_counter = 7,
                                                .issued_at = UnixTime{seconds{5}},
                                                .expires_at = UnixTime{seconds{6}},
                                                .confirmation = "thumb",
                                                .ext = R"({"x":[1]})"};

  EXPECT_EQ(json::value(to_json(verdict)), json::parse(R"({
    "verdict": "accepted",
    "factors": {"signature": {"status": "ok"}, "rpmb": {"status": "not_checked", "reason": "no escrow"},
                "policy": {"status": "ok"}},
    "device": {"ueid": "u", "model_id": "m", "app_id": "a", "generation": 2, "transport": "emmc",
               "key_protection": "soft", "write_counter": 7, "use": "bearer", "issued_at": 5, "expires_at": 6,
               "cnf": {"jkt": "thumb"}, "ext": {"x": [1]}}})"));
}

TEST(ToJson, AVerdictOnNobodyHasNoDevice) {
  const auto object = to_json(activation::Verdict{});

  EXPECT_EQ(object.at("verdict"), "rejected");
  EXPECT_TRUE(object.at("device").is_null());
}

TEST(ToJson, AHistoryIsADeviceAndMore) {
  activation::DeviceHistory history{.device = device(), .certificates = {}, .counters = {}, .entries = {}};
  history.certificates.push_back({.serial = {0x0a, 0xff},
                                  .ca_generation = 1,
                                  .generation = 3,
                                  .der = {},
                                  .issued_at = UnixTime{seconds{1}},
                                  .expires_at = UnixTime{seconds{2}},
                                  .revoked_at = UnixTime{seconds{3}}});
  history.counters.push_back({.counter = 9, .seen = 4, .nonce_issued_at = UnixTime{seconds{8}}});
  history.entries.push_back({.number = 5,
                             .at = UnixTime{seconds{7}},
                             .actor = "device",
                             .action = "confirm",
                             .reason = {},
                             .model_id = {},
                             .sn = {},
                             .detail = {}});

  const auto object = to_json(history);

  EXPECT_EQ(object.at("sn"), "serial");
  EXPECT_EQ(object.at("certificates"),
            json::parse(R"([{"serial": "0aff", "kind": "hardware", "ca_generation": 1, "generation": 3, "issued_at": 1,
                             "expires_at": 2, "revoked_at": 3}])"));
  EXPECT_EQ(object.at("counters"), json::parse(R"([{"counter": 9, "nonce_issued_at": 8}])"));
  EXPECT_EQ(object.at("entries"), json::parse(R"([{"number": 5, "at": 7, "actor": "device", "action": "confirm"}])"));
}

TEST(ToJson, TheSmallAnswersAreThoseOfTheContract) {
  EXPECT_EQ(json::value(to_json(activation::SnTicket{"s", "t", UnixTime{seconds{9}}})),
            json::parse(R"({"sn": "s", "sn_ticket": "t", "expires": 9})"));
  EXPECT_EQ(json::value(to_json(activation::Reservation{"i", "c", UnixTime{seconds{9}}, true})),
            json::parse(R"({"id": "i", "challenge": "c", "expires": 9})"));
  EXPECT_EQ(json::value(to_json(activation::Confirmation{"i", {{1, 2, 3}}, 4})),
            json::parse(R"({"id": "i", "chain": ["AQID"], "generation": 4})"));
  EXPECT_EQ(json::value(to_json(activation::Nonce{"n", UnixTime{seconds{9}}})),
            json::parse(R"({"nonce": "n", "expires": 9})"));
}

}  // namespace
}  // namespace signet::activationd
