// The accessory and its owner's phone.
#pragma once

#include "fastpair/seeker.h"
#include "fmdn/owner/answers.h"
#include "tests/unit/fmdnd/accessory_fixture.h"

namespace signet::fmdnd {

namespace owner = fmdn::owner;

inline constexpr const char* kKeyBasedPairing = "fe2c1234-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kAccountKey = "fe2c1236-8366-4814-8eb0-01de32100bea";
inline constexpr const char* kBeaconActions = "fe2c1238-8366-4814-8eb0-01de32100bea";

class PhoneFixture : public AccessoryFixture {
 protected:
  PhoneFixture() { key_ = fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 1, 2, 3}}; }

  [[nodiscard]] owner::AccountKeyView key() const { return key_.view(); }

  // A phone that meets the device in pairing mode.
  fastpair::Seeker meet(const std::string& phone = "/phone") {
    EXPECT_TRUE(accessory_->start_pairing(std::chrono::seconds{60}));
    settle();
    const auto public_key = crypto::public_point(anti_spoofing_.public_der()).value();
    auto seeker = fastpair::Seeker::meet(public_key, random_).value();
    const auto address = air_->controller().identity;
    const auto asked = write(kKeyBasedPairing, seeker.pairing_request({.provider = address}), phone);
    EXPECT_TRUE(asked.notifications.size() == 1 && seeker.read_response(asked.notifications[0]));
    return seeker;
  }
  // And leaves its account key.
  void pair(const std::string& phone = "/phone") {
    auto seeker = meet(phone);
    ASSERT_FALSE(write(kAccountKey, seeker.give(key_), phone).error);
  }

  fmdn::Nonce nonce(const std::string& phone = "/phone") {
    return owner::parse_nonce(read(kBeaconActions, phone).value()).value();
  }

  // A request and its answer, which comes before the response to the write.
  Result<Bytes> ask(const owner::Exchange& exchange) {
    const auto written = write(kBeaconActions, exchange.request());
    error_ = written.error;
    if (written.error) return fail(Errc::bad_signature, "refused");
    if (written.notifications.empty()) return Bytes{};
    return exchange.open(written.notifications[0]);
  }

  void provision() { ASSERT_TRUE(ask(owner::set_eik(nonce(), key(), eik_, nullptr))); }
  void pair_and_provision() {
    pair();
    provision();
  }

  [[nodiscard]] Bytes frame_of(const fmdn::Eik& eik, bool unwanted_tracking = false) const {
    const auto identity = fmdn::identity_at(eik, clock_->now(), config_.beacon.curve).value();
    return fmdn::frame(identity, {.unwanted_tracking = unwanted_tracking});
  }
  [[nodiscard]] Bytes frame(bool unwanted_tracking = false) const { return frame_of(eik_, unwanted_tracking); }

  fastpair::AccountKey key_;
  const fmdn::Eik eik_{std::array<std::uint8_t, 32>{0x11, 0x22, 0x33}};
  std::optional<bluez::AttError> error_;
};

}  // namespace signet::fmdnd
