// What a registration request may look like, and every way in which it may not.
#include "activation/request.h"

#include <boost/json/serialize.hpp>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "base/base64.h"
#include "jose/jose.h"
#include "unit/activation/registrar_fixture.h"
#include "unit/random_octets.h"

namespace signet::activation {
namespace {

namespace json = boost::json;

class RequestTest : public RegistrarFixture {
 protected:
  // The error of a request whose payload was changed; the sn ticket must be unspent afterwards.
  Error refused(const TestDevice::Change& change) {
    const std::string ticket = sn_ticket(device_.ids);
    auto reservation = reserve(device_.request(ticket, *keys_, clock_.now(), change));
    EXPECT_FALSE(reservation);
    Error error = reservation ? Error{Errc::internal, "it was taken"} : reservation.error();
    auto good = reserve(device_.request(ticket, *keys_, clock_.now()));
    EXPECT_TRUE(good) << "something was changed: " << to_string(good.error());
    device_.begin();
    return error;
  }
  // Error text that is expected for `member` set to `value`.
  void expect_refused(const std::string& member, const std::string& value, const std::string& words) {
    const Error error = refused([&](json::object& payload) { payload[member] = json::string(value); });
    EXPECT_EQ(error.code, Errc::invalid_argument) << member;
    EXPECT_NE(error.context.find(words), std::string::npos) << member << ": " << error.context;
  }

  TestDevice device_{1, {.model_id = "m1", .sn = "sn-1", .app_id = "app"}};
};

TEST_F(RequestTest, EveryMemberIsNeeded) {
  for (const char* member :
       {"profile", "id", "model_id", "sn", "app_id", "sn_ticket", "ueid", "csr", "aud", "chip", "escrow"}) {
    const Error error = refused([member](json::object& payload) { payload.erase(member); });
    EXPECT_EQ(error.code, Errc::invalid_argument) << member;
    EXPECT_NE(error.context.find(std::string{member} + ": is missing"), std::string::npos) << error.context;
  }
  for (const char* member : {"transport", "key_protection", "cid_hash", "kcv"}) {
    const Error error = refused([member](json::object& payload) { payload["chip"].as_object().erase(member); });
    EXPECT_NE(error.context.find("chip." + std::string{member} + ": is missing"), std::string::npos) << error.context;
  }
}

TEST_F(RequestTest, EveryMemberKeepsItsRule) {
  expect_refused("profile", "tag:signet,2026:registration-2", "profile: must be one of");
  expect_refused("id", "AAAA", "id: must be base64url of 16 octets");
  expect_refused("model_id", "m*", "model_id");
  expect_refused("sn", std::string(129, 's'), "sn");
  expect_refused("app_id", "", "app_id");
  expect_refused("sn_ticket", "short", "sn_ticket");
  expect_refused("ueid", to_base64url(Bytes(33, 2)), "ueid: must be");
  expect_refused("csr", "*", "csr: must be base64url");
  expect_refused("csr", "AAAA", "csr: ");
  expect_refused("aud", "https://other.example", "aud: must be https://registrar.example");
  expect_refused("chip", "none", "chip: must be an object");
  EXPECT_NE(refused([](json::object& payload) { payload["id"] = 7; }).context.find("id: must be a string"),
            std::string::npos);
  expect_refused("escrow", "", "escrow: must be a JWE or none");
  expect_refused("escrow", "a.b.c", "escrow: ");
}

TEST_F(RequestTest, EveryFactOfTheChipKeepsItsRule) {
  const auto chip = [this](const char* member, const char* value) {
    return refused([=](json::object& payload) { payload["chip"].as_object()[member] = value; }).context;
  };

  EXPECT_NE(chip("transport", "nvme").find("chip.transport: must be one of emmc, ufs, emulator"), std::string::npos);
  EXPECT_NE(chip("key_protection", "none").find("chip.key_protection: must be one of"), std::string::npos);
  EXPECT_NE(chip("cid_hash", "AAAA").find("chip.cid_hash: must be base64url of 32 octets"), std::string::npos);
  EXPECT_NE(chip("kcv", "AAAA").find("chip.kcv: must be base64url of 8 octets"), std::string::npos);
}

TEST_F(RequestTest, UnknownMembersAreIgnored) {
  EXPECT_TRUE(reserve(device_, [](json::object& payload) { payload["later"] = json::object{{"x", 1}}; }));
}

TEST_F(RequestTest, ThatAnotherKeySignedIsABadSignature) {
  const auto payload = device_.request_payload(sn_ticket(device_.ids), *keys_, clock_.now());
  device_.begin();  // another key

  auto reservation =
      reserve(device_.sign({{"alg", "ES256"}, {"typ", "sgt-registration+jwt"}}, json::serialize(payload)));

  ASSERT_FALSE(reservation);
  EXPECT_EQ(reservation.error().code, Errc::bad_signature);
}

TEST_F(RequestTest, OfAnotherTypeOrNoneIsRefused) {
  const auto payload = json::serialize(device_.request_payload(sn_ticket(device_.ids), *keys_, clock_.now()));

  for (const json::object& header :
       {json::object{{"alg", "ES256"}}, json::object{{"alg", "ES256"}, {"typ", "eat+jwt"}}}) {
    auto reservation = reserve(device_.sign(header, payload));
    ASSERT_FALSE(reservation);
    EXPECT_EQ(reservation.error().code, Errc::invalid_argument);
    EXPECT_NE(reservation.error().context.find("header: typ"), std::string::npos) << reservation.error().context;
  }
}

TEST_F(RequestTest, ThatIsTooLargeIsRefusedUnread) {
  auto reservation = reserve(std::string(kMaxRequest + 1, 'A'));

  ASSERT_FALSE(reservation);
  EXPECT_EQ(reservation.error().code, Errc::invalid_argument);
}

class EscrowTest : public RequestTest {
 protected:
  // The words with which an escrow is refused whose plaintext is `plain`.
  std::string escrow_refused(const std::string& plain) {
    const Bytes to = keys_->current(KeyPurpose::escrow, clock_.now()).private_key.public_der();
    return refused([&](json::object& payload) {
             payload["escrow"] = json::string(jose::encrypt_jwe(as_bytes(plain), to).value());
           })
        .context;
  }
  [[nodiscard]] std::string plain(const std::string& key, const std::string& ueid) const {
    return json::serialize(json::object{{"rpmb_key", key}, {"ueid", ueid}});
  }
};

TEST_F(EscrowTest, MustHoldTheKeyOfThisChip) {
  const std::string key = to_base64url(device_.rpmb_key().view());
  const std::string ueid = to_text(device_.ueid());
  TestDevice other{2, device_.ids};

  EXPECT_NE(escrow_refused("no").find("escrow: must be JSON"), std::string::npos);
  EXPECT_NE(escrow_refused("[]").find("escrow: must be a JSON object"), std::string::npos);
  EXPECT_NE(escrow_refused("{}").find("escrow: rpmb_key: must be"), std::string::npos);
  EXPECT_NE(escrow_refused(plain("AAAA", ueid)).find("escrow: rpmb_key: must be"), std::string::npos);
  EXPECT_NE(escrow_refused(plain(key, "AAAA")).find("escrow: ueid: must be"), std::string::npos);
  EXPECT_NE(escrow_refused(plain(key, to_text(other.ueid()))).find("escrow: ueid: is not that"), std::string::npos);
  EXPECT_NE(escrow_refused(plain(to_base64url(other.rpmb_key().view()), ueid)).find("does not fit chip.kcv"),
            std::string::npos);
  EXPECT_NE(escrow_refused(std::string(1000, ' ')).find("escrow: must hold at most"), std::string::npos);
}

TEST_F(EscrowTest, ToAnotherKeyIsRefused) {
  const Bytes another = crypto::P256PrivateKey::generate().public_der();

  const Error error = refused([&](json::object& payload) {
    payload["escrow"] = json::string(jose::encrypt_jwe(as_bytes("{}"), another).value());
  });

  EXPECT_EQ(error.code, Errc::invalid_argument);
  EXPECT_NE(error.context.find("escrow: "), std::string::npos) << error.context;
}

TEST_F(EscrowTest, ToAKeyThatWasRotatedIsStillRead) {
  const std::string request = device_.request(sn_ticket(device_.ids), *keys_, clock_.now());
  ASSERT_TRUE(rotate_key(*store_, test_master_key(), KeyPurpose::escrow, {.organization = "Signet"}, clock_.now(),
                         clock_.now(), random_));
  start();

  auto reservation = reserve(request);

  ASSERT_TRUE(reservation) << to_string(reservation.error());
}

TEST_F(EscrowTest, TheKeyIsInTheStoreOnlySealed) {
  must_enrol(device_);
  const auto key = device_.rpmb_key();
  const std::string clear{as_text(key.view())};
  open_store();

  for (const auto& file : std::filesystem::directory_iterator(directory_.path())) {
    std::ifstream stream{file.path(), std::ios::binary};
    const std::string octets{std::istreambuf_iterator<char>{stream}, {}};
    EXPECT_EQ(octets.find(clear), std::string::npos) << file.path();
  }
}

constexpr std::string_view kAlphabet = "ABCDEFGHabcdefgh0123456789-_.{}\":,";

TEST_F(RequestTest, RandomOctetsAndDamageAreRefusedAndNothingElse) {
  RandomOctets random{1};
  const std::string valid = device_.request(std::string(32, 'T'), *keys_, clock_.now());
  ASSERT_TRUE(parse_request(valid));
  int refusals = 0;
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string text = i % 2 == 0 ? random.text(300, kAlphabet) : random.damaged(valid, kAlphabet);
    const auto parsed = parse_request(text);
    refusals += parsed ? 0 : 1;
    if (!parsed) {
      ASSERT_EQ(parsed.error().code, Errc::invalid_argument) << parsed.error().context;
    }
  }
  EXPECT_GT(refusals, kRandomStrings / 2);
}

// Octets that are signed are parsed as well.
TEST_F(RequestTest, DamagedPayloadsThatAreSignedAreRefusedOrRead) {
  RandomOctets random{2};
  const std::string valid = json::serialize(device_.request_payload(std::string(32, 'T'), *keys_, clock_.now()));
  int refusals = 0;
  for (int i = 0; i < 1000; ++i) {
    const auto parsed = parse_request(
        device_.sign({{"alg", "ES256"}, {"typ", "sgt-registration+jwt"}}, random.damaged(valid, kAlphabet)));
    refusals += parsed ? 0 : 1;
  }
  EXPECT_GT(refusals, 100);
}

}  // namespace
}  // namespace signet::activation
