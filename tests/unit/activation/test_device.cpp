#include "unit/activation/test_device.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include "activation/request.h"
#include "base/base64.h"
#include "jose/jose.h"
#include "rpmb/store/store.h"

namespace signet::activation {
namespace {

namespace json = boost::json;

constexpr std::uint16_t kSomeBlock = 100;  // behind the anchors; there is no object in the store

identity::RootSecret root_of(std::uint8_t number) {
  identity::RootSecret root;
  root.writable()[0] = number;
  return root;
}

identity::MaskedCid cid_of(std::uint8_t number) {
  std::array<std::uint8_t, 16> cid{};
  cid[3] = number;
  return identity::mask(cid);
}

crypto::P256PrivateKey copy(const crypto::P256PrivateKey& key) {
  return crypto::P256PrivateKey::from_scalar(key.scalar()).value();
}

}  // namespace

TestDevice::TestDevice(std::uint8_t number, identity::Ids given, std::string over)
    : ids{std::move(given)},
      transport{std::move(over)},
      cid_{cid_of(number)},
      rpmb_key_{identity::rpmb_key(root_of(number), cid_)},
      ueid_{identity::ueid(root_of(number), cid_)},
      chip_{std::make_unique<rpmb::testing::FakeChip>()} {
  rpmb::ChipKey key;
  std::copy(rpmb_key_.view().begin(), rpmb_key_.view().end(), key.begin());
  chip_->program_key(key);
  session_ = std::make_unique<rpmb::Session>(*chip_, rpmb_key_, *random_);
  const auto derive = [](const rpmb::StoreId& store) { return SecretBytes<32>{store}; };
  EXPECT_TRUE(rpmb::format(*session_, {.ueid = ueid_}, derive, *random_));
  begin();
}

TestDevice::TestDevice(const TestDevice& other, rpmb::ChipState state)
    : ids{other.ids},
      transport{other.transport},
      key_protection{other.key_protection},
      escrow{other.escrow},
      frames{other.frames},
      id{other.id},
      generation{other.generation},
      certificate{other.certificate},
      cid_{other.cid_},
      rpmb_key_{other.rpmb_key_.clone()},
      ueid_{other.ueid_},
      chip_{std::make_unique<rpmb::testing::FakeChip>(std::move(state))},
      session_{std::make_unique<rpmb::Session>(*chip_, rpmb_key_, *random_)} {
  if (other.pending_) pending_ = copy(*other.pending_);
  if (other.key_) key_ = copy(*other.key_);
}

TestDevice TestDevice::clone() const { return TestDevice{*this, chip_->snapshot()}; }

void TestDevice::begin() {
  id = random_->bytes<16>();
  pending_ = crypto::P256PrivateKey::generate();
}

void TestDevice::begin(identity::Ids others) {
  ids = std::move(others);
  begin();
}

json::object TestDevice::request_payload(const std::string& sn_ticket, const KeyRing& keys, UnixTime now) {
  const json::object escrowed{{"rpmb_key", to_base64url(rpmb_key_.view())}, {"ueid", to_text(ueid_)}};
  const Bytes escrow_key = keys.current(KeyPurpose::escrow, now).private_key.public_der();
  return {{"profile", "tag:signet,2026:registration-1"},
          {"id", id_text()},
          {"model_id", ids.model_id},
          {"sn", ids.sn},
          {"app_id", ids.app_id},
          {"sn_ticket", sn_ticket},
          {"ueid", to_text(ueid_)},
          {"csr", to_base64url(crypto::make_certificate_request(*pending_, to_text(ueid_)))},
          {"aud", kBaseUrl},
          {"chip",
           {{"transport", transport},
            {"key_protection", key_protection},
            {"cid_hash", to_base64url(identity::cid_hash(cid_))},
            {"kcv", to_base64url(kcv())}}},
          {"generation", generation},
          {"escrow", escrow ? jose::encrypt_jwe(as_bytes(json::serialize(escrowed)), escrow_key).value() : "none"}};
}

std::string TestDevice::sign(const json::object& header, const std::string& payload) const {
  return jose::sign_jws(json::serialize(header), payload, *pending_).value();
}

std::string TestDevice::request(const std::string& sn_ticket, const KeyRing& keys, UnixTime now, const Change& change) {
  json::object payload = request_payload(sn_ticket, keys, now);
  if (change) change(payload);
  return sign({{"alg", "ES256"}, {"typ", "sgt-registration+jwt"}}, json::serialize(payload));
}

identity::TicketClaims TestDevice::claims(UnixTime now) const {
  identity::TicketClaims claims;
  claims.issued_at = now;
  claims.expires_at = now + std::chrono::minutes{10};
  claims.id = "0123456789abcdefghijkA";
  claims.ueid = ueid_;
  claims.model_id = ids.model_id;
  claims.sn = ids.sn;
  claims.app_id = ids.app_id;
  claims.transport = transport;
  claims.key_protection = key_protection;
  claims.kcv = kcv();
  return claims;
}

std::string TestDevice::proof(const std::string& challenge, UnixTime now, const ChangeClaims& change) {
  const auto payload = payload_of(challenge);
  identity::TicketClaims proven = claims(now);
  proven.use = identity::TicketUse::challenge;
  proven.nonce = std::string{payload.at("nonce").as_string()};
  proven.audience = std::string{payload.at("aud").as_string()};
  proven.generation = generation + 1;
  if (change) change(proven);
  auto made = identity::make_ticket(proven, *pending_, {}, frames ? session_.get() : nullptr);
  EXPECT_TRUE(made) << to_string(made.error());
  return made.value_or("");
}

void TestDevice::complete(const Confirmation& confirmation) {
  certificate = crypto::Certificate::from_der(confirmation.chain.front()).value();
  generation = confirmation.generation;
  key_ = copy(*pending_);
}

void TestDevice::use_key_of(const TestDevice& other) { key_ = copy(*other.key_); }

std::string TestDevice::ticket(identity::TicketUse use, const std::string& nonce, const std::string& audience,
                               UnixTime now, const ChangeClaims& change) {
  identity::TicketClaims said = claims(now);
  said.use = use;
  said.nonce = nonce;
  said.audience = audience;
  said.generation = generation;
  if (change) change(said);
  EXPECT_TRUE(certificate && key_) << "the device is not registered";
  if (!certificate || !key_) return "";
  const std::vector chain{*certificate};
  auto made = identity::make_ticket(said, *key_, chain, frames ? session_.get() : nullptr);
  EXPECT_TRUE(made) << to_string(made.error());
  return made.value_or("");
}

void TestDevice::write_to_chip(int times) {
  const std::array<rpmb::Block, 1> blocks{};
  for (int i = 0; i < times; ++i) {
    EXPECT_TRUE(session_->read_counter());
    EXPECT_TRUE(session_->write(kSomeBlock, blocks));
  }
}

std::uint32_t TestDevice::counter() { return session_->read_counter().value(); }

json::object payload_of(const std::string& jws) {
  return json::parse(jose::parse_jws(jws).value().payload).as_object();
}

}  // namespace signet::activation
