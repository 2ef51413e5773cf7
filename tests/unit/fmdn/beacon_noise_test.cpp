// Whatever is read and written, by whomever: nothing but what authenticates has an effect.
#include "beacon_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::fmdn::testing {
namespace {

using BeaconNoiseTest = BeaconTest;

TEST_F(BeaconNoiseTest, RandomWritesAreRefusedAndChangeNothing) {
  start_provisioned();
  consent_ = true;
  RandomOctets random{3};

  for (int i = 0; i < kRandomStrings; ++i) {
    if (random.below(4) != 0) actions_->read(kPhone, random.below(3) == 0 ? random.below(12) : 0);
    std::string octets = random.text(60);
    if (octets.size() >= 2 && random.below(8) != 0) {
      octets[0] = static_cast<char>(random.below(10));
      octets[1] = static_cast<char>(octets.size() - 2);
    }
    const Outcome outcome = write(as_bytes(octets));
    ASSERT_TRUE(outcome.refusal);
    EXPECT_THAT(outcome, IsRefused(*outcome.refusal));
  }

  EXPECT_TRUE(std::ranges::equal(actions_->eik()->view(), eik().view()));
  EXPECT_FALSE(actions_->unwanted_tracking().active());
  EXPECT_FALSE(ring_.sound());
  EXPECT_FALSE(actions_->authenticated(kPhone));
}

TEST_F(BeaconNoiseTest, DamagedRequestsAreRefused) {
  start_provisioned();
  consent_ = true;
  RandomOctets random{4};

  for (int i = 0; i < 2'000; ++i) {
    const Nonce fresh = nonce();
    const Bytes whole = i % 2 == 0 ? owner::set_eik(fresh, owner_key(), secret<kEikSize>(1), &eik()).request()
                                   : owner::ring(fresh, ring_key(eik()), request(kLeft)).request();
    const std::string damaged = random.damaged(std::string{as_text(whole)});
    if (damaged == as_text(whole)) continue;
    const Outcome outcome = write(as_bytes(damaged));
    ASSERT_TRUE(outcome.refusal);
  }

  EXPECT_TRUE(std::ranges::equal(actions_->eik()->view(), secret<kEikSize>(0x55).view()));
}

}  // namespace
}  // namespace signet::fmdn::testing
