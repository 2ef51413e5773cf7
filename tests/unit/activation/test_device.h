// A device as the registrar meets it: a chip in memory with a key and a store, a device key, and the requests and
// tickets that rpmbd makes of them.
#pragma once

#include <boost/json/object.hpp>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "activation/records.h"
#include "activation/registrar.h"
#include "crypto/random.h"
#include "identity/derivation.h"
#include "identity/ticket.h"
#include "rpmb/session.h"
#include "rpmb/testing/fake_chip.h"

namespace signet::activation {

inline constexpr auto kBaseUrl = "https://registrar.example";

class TestDevice {
 public:
  // Different numbers: different chips and root secrets.
  TestDevice(std::uint8_t number, identity::Ids ids, std::string transport = "emmc");

  // A chip with the same octets in it, and all keys: as a copy of the chip and its root secret.
  [[nodiscard]] TestDevice clone() const;

  // A registration begins: a new id and a new device key.
  void begin();
  void begin(identity::Ids ids);

  using Change = std::function<void(boost::json::object&)>;
  // JWS; `change` may damage the payload before it is signed.
  std::string request(const std::string& sn_ticket, const KeyRing& keys, UnixTime now, const Change& change = {});
  [[nodiscard]] boost::json::object request_payload(const std::string& sn_ticket, const KeyRing& keys, UnixTime now);
  [[nodiscard]] std::string sign(const boost::json::object& header, const std::string& payload) const;

  using ChangeClaims = std::function<void(identity::TicketClaims&)>;
  // The proof for a challenge as it was answered.
  std::string proof(const std::string& challenge, UnixTime now, const ChangeClaims& change = {});
  void complete(const Confirmation& confirmation);

  std::string ticket(identity::TicketUse use, const std::string& nonce, const std::string& audience, UnixTime now,
                     const ChangeClaims& change = {});

  void use_key_of(const TestDevice& other);  // a stolen device key

  void write_to_chip(int times = 1);  // the counter counts
  [[nodiscard]] std::uint32_t counter();

  identity::Ids ids;
  std::string transport;
  std::string key_protection = "soft";
  bool escrow = true;
  bool frames = true;  // in tickets and proofs
  identity::RegistrationId id{};
  std::uint32_t generation = 0;
  std::optional<crypto::Certificate> certificate;

  [[nodiscard]] const Ueid& ueid() const { return ueid_; }
  [[nodiscard]] std::string id_text() const { return to_text(id); }
  [[nodiscard]] CheckValue kcv() const { return identity::rpmb_key_check(rpmb_key_); }
  [[nodiscard]] SecretBytes<32> rpmb_key() const { return rpmb_key_.clone(); }
  [[nodiscard]] const crypto::P256PrivateKey& pending_key() const { return *pending_; }

 private:
  TestDevice(const TestDevice& other, rpmb::ChipState state);
  [[nodiscard]] identity::TicketClaims claims(UnixTime now) const;

  identity::MaskedCid cid_;
  SecretBytes<32> rpmb_key_;
  Ueid ueid_{};
  std::unique_ptr<crypto::SystemRandom> random_ = std::make_unique<crypto::SystemRandom>();  // of the session
  std::unique_ptr<rpmb::testing::FakeChip> chip_;
  std::unique_ptr<rpmb::Session> session_;
  std::optional<crypto::P256PrivateKey> pending_;
  std::optional<crypto::P256PrivateKey> key_;
};

// The payload of a JWS, whatever its signature.
boost::json::object payload_of(const std::string& jws);

}  // namespace signet::activation
