// Each condition under which a write is refused, in the order of the specification's table of errors, and that the
// first that holds decides.
#include "fmdn/refusal.h"

#include <boost/json.hpp>
#include <fstream>
#include <iterator>

#include "beacon_fixture.h"

namespace signet::fmdn::testing {
namespace {

class RefusalTest : public BeaconTest {
 protected:
  // A request with the authentication that `key` gives it, whatever its size.
  Bytes request_of(BytesView key, DataId id, BytesView additional) {
    return encode(id, request_authentication(key, nonce(), id, additional), additional);
  }
};

TEST_F(RefusalTest, AWriteWithoutANonceIsUnauthenticatedBeforeAnythingElse) {
  EXPECT_THAT(write(Bytes{}), IsRefused(Refusal::no_nonce));
  EXPECT_EQ(error_of(Refusal::no_nonce), AttError::unauthenticated);
}

TEST_F(RefusalTest, ANonceServesOneWrite) {
  const auto exchange = owner::read_parameters(nonce(), owner_key());

  EXPECT_THAT(send(exchange), Succeeded());
  EXPECT_THAT(send(exchange), IsRefused(Refusal::no_nonce));
}

TEST_F(RefusalTest, ARefusedWriteUsesUpItsNonce) {
  const auto exchange = owner::read_parameters(nonce(), owner_key());

  EXPECT_THAT(write(Bytes{0}), IsRefused(Refusal::malformed));
  EXPECT_THAT(send(exchange), IsRefused(Refusal::no_nonce));
}

TEST_F(RefusalTest, ANonceOfAnotherConnectionDoesNotServe) {
  const auto exchange = owner::read_parameters(nonce(kOther), owner_key());

  EXPECT_THAT(send(exchange, kPhone), IsRefused(Refusal::no_nonce));
}

TEST_F(RefusalTest, ANonceEndsWithItsConnection) {
  const auto exchange = owner::read_parameters(nonce(), owner_key());
  actions_->disconnected(kPhone);

  EXPECT_THAT(send(exchange), IsRefused(Refusal::no_nonce));
}

TEST_F(RefusalTest, TheAuthenticationOfAnEarlierNonceDoesNotServe) {
  const auto exchange = owner::read_parameters(nonce(), owner_key());
  nonce();

  EXPECT_THAT(send(exchange), IsRefused(Refusal::not_authentic));
}

TEST_F(RefusalTest, AWriteShorterThanItsHeaderOrWithAnotherLengthIsInvalid) {
  for (const Bytes& octets : {Bytes{}, Bytes{0}, Bytes{0, 1}, Bytes{0, 8, 1}, Bytes{0xff, 0xff}}) {
    nonce();
    EXPECT_THAT(write(octets), IsRefused(Refusal::malformed));
  }
  EXPECT_EQ(error_of(Refusal::malformed), AttError::invalid_value);
}

TEST_F(RefusalTest, AnUnknownOperationIsInvalid) {
  for (unsigned id = 9; id <= 0xff; ++id) {
    EXPECT_THAT(write(request_of(owner_key(), static_cast<DataId>(id), {})), IsRefused(Refusal::unknown_operation));
  }
  EXPECT_EQ(error_of(Refusal::unknown_operation), AttError::invalid_value);
}

TEST_F(RefusalTest, ALengthThatTheOperationDoesNotHaveIsInvalidEvenIfAuthentic) {
  start_provisioned();
  struct Wrong {
    DataId id;
    std::vector<std::size_t> sizes;  // of the additional data
  };
  const Wrong wrong[] = {{DataId::read_parameters, {1, 8}},
                         {DataId::read_provisioning_state, {1}},
                         {DataId::set_eik, {0, 31, 33, 39, 41}},
                         {DataId::clear_eik, {0, 7, 9}},
                         {DataId::read_eik, {1, 8}},
                         {DataId::ring, {0, 1, 3, 5}},
                         {DataId::read_ringing_state, {1}},
                         {DataId::activate_unwanted_tracking, {2, 8}},
                         {DataId::deactivate_unwanted_tracking, {0, 1, 7, 9}}};

  for (const auto& [id, sizes] : wrong) {
    for (const std::size_t size : sizes) {
      EXPECT_THAT(write(request_of(owner_key(), id, Bytes(size))), IsRefused(Refusal::wrong_length))
          << static_cast<int>(id) << " with " << size;
    }
  }
  EXPECT_EQ(error_of(Refusal::wrong_length), AttError::invalid_value);
}

TEST_F(RefusalTest, AMessageWithoutWholeAuthenticationHasAWrongLength) {
  nonce();

  EXPECT_THAT(write(Bytes{0, 7, 1, 2, 3, 4, 5, 6, 7}), IsRefused(Refusal::wrong_length));
}

TEST_F(RefusalTest, WhatNeedsAKeyIsUnauthenticatedWhileThereIsNone) {
  const Eik any = secret<kEikSize>(1);

  EXPECT_THAT(send(owner::clear_eik(nonce(), owner_key(), any)), IsRefused(Refusal::not_provisioned));
  EXPECT_THAT(send(owner::ring(nonce(), ring_key(any), request(kRingAll))), IsRefused(Refusal::not_provisioned));
  EXPECT_THAT(send(owner::read_ringing_state(nonce(), ring_key(any))), IsRefused(Refusal::not_provisioned));
  EXPECT_THAT(send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(any), 0)),
              IsRefused(Refusal::not_provisioned));
  EXPECT_THAT(send(owner::deactivate_unwanted_tracking(nonce(), any)), IsRefused(Refusal::not_provisioned));
  EXPECT_EQ(error_of(Refusal::not_provisioned), AttError::unauthenticated);
}

TEST_F(RefusalTest, ThereIsNothingToRecoverWhileThereIsNoKeyEvenWithConsent) {
  consent_ = true;

  EXPECT_THAT(send(owner::read_eik(nonce(), recovery_key(secret<kEikSize>(1)))),
              IsRefused(Refusal::nothing_to_recover));
  EXPECT_EQ(error_of(Refusal::nothing_to_recover), AttError::unauthenticated);
}

TEST_F(RefusalTest, AKeyThatMayNotAskDoesNotAuthenticate) {
  start_provisioned();
  const auto stranger = secret<16>(0x99);
  const ShortKey other = secret<8>(0x99);

  EXPECT_THAT(send(owner::read_parameters(nonce(), stranger.view())), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::read_provisioning_state(nonce(), stranger.view())), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::set_eik(nonce(), stranger.view(), eik(), &eik())), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::clear_eik(nonce(), stranger.view(), eik())), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::read_eik(nonce(), other)), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::ring(nonce(), other, request(kRingAll))), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::read_ringing_state(nonce(), other)), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::activate_unwanted_tracking(nonce(), other, 0)), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(write(request_of(other.view(), DataId::deactivate_unwanted_tracking, Bytes(8))),
              IsRefused(Refusal::not_authentic));
  EXPECT_EQ(error_of(Refusal::not_authentic), AttError::unauthenticated);
}

TEST_F(RefusalTest, TheKeysOfTheOperationsAreNotInterchangeable) {
  start_provisioned();
  consent_ = true;

  EXPECT_THAT(send(owner::read_eik(nonce(), ring_key(eik()))), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::ring(nonce(), unwanted_tracking_key(eik()), request(kRingAll))),
              IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::read_ringing_state(nonce(), recovery_key(eik()))), IsRefused(Refusal::not_authentic));
  EXPECT_THAT(send(owner::activate_unwanted_tracking(nonce(), ring_key(eik()), 0)), IsRefused(Refusal::not_authentic));
}

TEST_F(RefusalTest, WithoutAccountKeysNobodyAuthenticates) {
  const auto key = account_keys_[kOwner].clone();
  account_keys_.clear();
  stored_.owner.reset();

  EXPECT_THAT(send(owner::read_parameters(nonce(), key.view())), IsRefused(Refusal::not_authentic));
}

TEST_F(RefusalTest, OnlyTheOwnerSetsAndClearsTheKey) {
  EXPECT_THAT(send(owner::set_eik(nonce(), key(kGuest), secret<kEikSize>(1), nullptr)), IsRefused(Refusal::not_owner));
  start_provisioned();
  EXPECT_THAT(send(owner::set_eik(nonce(), key(kGuest), secret<kEikSize>(1), &eik())), IsRefused(Refusal::not_owner));
  EXPECT_THAT(send(owner::clear_eik(nonce(), key(kGuest), eik())), IsRefused(Refusal::not_owner));
  EXPECT_EQ(error_of(Refusal::not_owner), AttError::unauthenticated);
}

TEST_F(RefusalTest, AGuestIsRefusedAsSuchBeforeItsHashIsLookedAt) {
  start_provisioned();

  EXPECT_THAT(send(owner::set_eik(nonce(), key(kGuest), eik(), nullptr)), IsRefused(Refusal::not_owner));
}

TEST_F(RefusalTest, ANewKeyNeedsTheHashOfThePresentOne) {
  start_provisioned();

  EXPECT_THAT(send(owner::set_eik(nonce(), owner_key(), secret<kEikSize>(1), nullptr)),
              IsRefused(Refusal::hash_missing));
  EXPECT_EQ(error_of(Refusal::hash_missing), AttError::unauthenticated);
}

TEST_F(RefusalTest, AHashOfNoKeyIsUnauthenticated) {
  const Eik any = secret<kEikSize>(1);

  EXPECT_THAT(send(owner::set_eik(nonce(), owner_key(), any, &any)), IsRefused(Refusal::hash_unexpected));
  EXPECT_EQ(error_of(Refusal::hash_unexpected), AttError::unauthenticated);
}

TEST_F(RefusalTest, AHashOfAnotherKeyIsWrong) {
  start_provisioned();
  const Eik other = secret<kEikSize>(1);

  EXPECT_THAT(send(owner::set_eik(nonce(), owner_key(), other, &other)), IsRefused(Refusal::wrong_hash));
  EXPECT_THAT(send(owner::clear_eik(nonce(), owner_key(), other)), IsRefused(Refusal::wrong_hash));
  const Nonce fresh = nonce();
  const auto key = unwanted_tracking_key(eik());
  EXPECT_THAT(send({fresh, key.view(), DataId::deactivate_unwanted_tracking, eik_hash(other, fresh)}),
              IsRefused(Refusal::wrong_hash));
  EXPECT_EQ(error_of(Refusal::wrong_hash), AttError::unauthenticated);
}

TEST_F(RefusalTest, AHashOfAnEarlierNonceIsWrong) {
  start_provisioned();
  const Hash early = eik_hash(eik(), nonce());

  EXPECT_THAT(write(request_of(owner_key(), DataId::clear_eik, early)), IsRefused(Refusal::wrong_hash));
}

TEST_F(RefusalTest, ComponentsThatAreNotThereAreUnauthenticatedEvenWithIllegalValues) {
  profile_.ring_parts = RingParts::one;
  start_provisioned();

  EXPECT_THAT(send(owner::ring(nonce(), ring_key(eik()), request(kLeft | kRight, 0, 9))),
              IsRefused(Refusal::missing_component));
  EXPECT_EQ(error_of(Refusal::missing_component), AttError::unauthenticated);
}

TEST_F(RefusalTest, RecoveryNeedsConsentAndSaysSoOnlyToWhoHasTheKey) {
  start_provisioned();

  EXPECT_THAT(send(owner::read_eik(nonce(), recovery_key(eik()))), IsRefused(Refusal::no_consent));
  EXPECT_EQ(error_of(Refusal::no_consent), AttError::no_user_consent);
  EXPECT_THAT(send(owner::read_eik(nonce(), secret<8>(1))), IsRefused(Refusal::not_authentic));
}

TEST_F(RefusalTest, IllegalValuesOfARingRequestAreInvalid) {
  start_provisioned();

  for (const RingRequest& illegal : {request(0x08), request(0xfe), request(kLeft, 0), request(kLeft, 6001),
                                     request(kRingAll, 0xffff), request(kLeft, 1, 4), request(kLeft, 1, 0xff)}) {
    EXPECT_THAT(send(owner::ring(nonce(), ring_key(eik()), illegal)), IsRefused(Refusal::illegal_value));
  }
  EXPECT_FALSE(ring_.sound());
  EXPECT_EQ(error_of(Refusal::illegal_value), AttError::invalid_value);
}

TEST_F(RefusalTest, AVolumeIsIllegalWhereThereIsNoChoice) {
  profile_.ring_volumes = false;
  start_provisioned();

  EXPECT_THAT(send(owner::ring(nonce(), ring_key(eik()), request(kLeft, 1, 1))), IsRefused(Refusal::illegal_value));
}

TEST_F(RefusalTest, ReservedControlFlagsAreInvalid) {
  start_provisioned();

  for (const std::uint8_t flags : std::initializer_list<std::uint8_t>{0x02, 0x03, 0x80, 0xff}) {
    EXPECT_THAT(send(owner::activate_unwanted_tracking(nonce(), unwanted_tracking_key(eik()), flags)),
                IsRefused(Refusal::illegal_value));
  }
  EXPECT_FALSE(actions_->unwanted_tracking().active());
}

TEST_F(RefusalTest, AnIdentifierThatIsNotThereIsAnInternalFailure) {
  start_provisioned();
  eid_.clear();

  EXPECT_THAT(send(owner::read_provisioning_state(nonce(), owner_key())), IsRefused(Refusal::internal));
  EXPECT_EQ(error_of(Refusal::internal), AttError::unlikely_error);
}

TEST_F(RefusalTest, AnOwnerWhoseKeyIsNotThereIsNobody) {
  start_provisioned();
  stored_.owner = 17;
  consent_ = true;

  EXPECT_THAT(send(owner::set_eik(nonce(), owner_key(), eik(), &eik())), IsRefused(Refusal::not_owner));
  EXPECT_THAT(send(owner::clear_eik(nonce(), owner_key(), eik())), IsRefused(Refusal::not_owner));
  EXPECT_THAT(send(owner::read_eik(nonce(), recovery_key(eik()))), IsRefused(Refusal::internal));
}

TEST(Differences, SayWhatTheSpecificationSays) {
  for (const Difference& difference : differences()) {
    EXPECT_EQ(difference.specified, error_of(difference.refusal));
    EXPECT_FALSE(difference.data_ids.empty());
    for (const AttError seen : difference.also_seen) EXPECT_NE(seen, difference.specified);
  }
}

// The refusals that our accessory would give, by way of the table: each error also seen in the vectors is in it.
TEST(Differences, HaveEveryErrorThatTheVectorsSayWasSeen) {
  std::ifstream stream{SIGNET_SOURCE_DIR "/tests/vectors/fmdn.json"};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  const auto document = boost::json::parse(text);
  std::size_t count = 0;
  for (const auto& entry : document.at("groups").at("beacon_actions").as_array()) {
    const auto* seen = entry.as_object().if_contains("error_also_seen");
    if (seen == nullptr) continue;
    const auto id = std::stoul(std::string{entry.at("write").as_string()}.substr(0, 2), nullptr, 16);
    for (const auto& error : seen->as_array()) {
      const auto code = static_cast<AttError>(std::stoul(std::string{error.as_string()}, nullptr, 16));
      EXPECT_TRUE(std::ranges::any_of(differences(), [&](const Difference& difference) {
        return std::ranges::find(difference.data_ids, id) != difference.data_ids.end() &&
               std::ranges::find(difference.also_seen, code) != difference.also_seen.end();
      })) << entry.at("id");
      ++count;
    }
  }
  EXPECT_EQ(count, 14U);
}

TEST(Refusals, AreEachDescribed) {
  for (int i = 0; i <= static_cast<int>(Refusal::internal); ++i) {
    EXPECT_FALSE(words(static_cast<Refusal>(i)).empty());
  }
}

}  // namespace
}  // namespace signet::fmdn::testing
