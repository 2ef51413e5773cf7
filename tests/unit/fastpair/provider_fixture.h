// A Provider with a caller that does what it decides, and Seekers that talk to it.
#pragma once

#include <gtest/gtest.h>

#include "fastpair/provider.h"
#include "fastpair/seeker.h"

namespace signet::fastpair {

// Octets that are all different from one call to the next.
class CountingRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (auto& byte : bytes) {
      ++count_;
      byte = static_cast<std::uint8_t>(count_ ^ (count_ >> 8));
    }
  }

 private:
  unsigned count_ = 0;
};

inline AccountKey account_key(std::uint8_t last) {
  AccountKey key;
  key.writable()[0] = kAccountKeyFirstOctet;
  key.writable()[15] = last;
  return key;
}

template <class Kind>
const Kind* find(const Decisions& decisions) {
  for (const Decision& decision : decisions) {
    if (const auto* kind = std::get_if<Kind>(&decision)) return kind;
  }
  return nullptr;
}

inline const Bytes* notification(const Decisions& decisions, Characteristic characteristic) {
  for (const Decision& decision : decisions) {
    const auto* notify = std::get_if<Notify>(&decision);
    if (notify != nullptr && notify->characteristic == characteristic) return &notify->octets;
  }
  return nullptr;
}

class ProviderTest : public testing::Test {
 protected:
  static constexpr Address kProvider{0xc0, 0x01, 0x02, 0x03, 0x04, 0x05};
  static constexpr Address kSeeker{0x00, 0x11, 0x22, 0x33, 0x44, 0x55};

  explicit ProviderTest(ProviderConfig config = {}, KeepKeys keep = KeepKeys::recently_used)
      : keys_{keep}, provider_{std::move(config), anti_spoofing_, keys_, random_} {
    provider_.set_addresses({.current = kProvider, .identity = std::nullopt, .resolving_key = std::nullopt});
    provider_.set_pairing_mode(true);
  }

  Seeker stranger() { return *Seeker::meet(*crypto::public_point(anti_spoofing_.public_der()), random_); }
  Seeker known(std::uint8_t last) { return Seeker::recall(account_key(last), random_); }
  static PairingRequest plain() { return {.provider = kProvider}; }

  Reply request(Seeker& seeker, const PairingRequest& wanted, const Link& link = "link") {
    return provider_.write(Characteristic::key_based_pairing, link, seeker.pairing_request(wanted), now_);
  }
  Reply write(Characteristic characteristic, BytesView octets, const Link& link = "link") {
    return provider_.write(characteristic, link, octets, now_);
  }
  void add(std::uint8_t last) { ASSERT_TRUE(keys_.add(account_key(last))); }

  // Takes over the keys of a reply, as a caller does that has stored them.
  bool adopt(Reply& reply) {
    for (Decision& decision : reply.decisions) {
      if (auto* store = std::get_if<StoreKeys>(&decision)) {
        keys_ = std::move(store->keys);
        return true;
      }
    }
    return false;
  }

  // Ten requests that no key fits.
  void fail_often(int times = kMostFailures) {
    for (int i = 0; i < times; ++i) write(Characteristic::key_based_pairing, Bytes(kRequestSize));
  }

  crypto::P256PrivateKey anti_spoofing_ = crypto::P256PrivateKey::generate();
  CountingRandom random_;
  AccountKeys keys_;
  Provider provider_;
  Time now_{std::chrono::hours{100}};
};

}  // namespace signet::fastpair
