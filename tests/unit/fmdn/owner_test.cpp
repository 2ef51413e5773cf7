// The owner's side: what it takes for an answer and what not.
#include "fmdn/owner/answers.h"

#include "beacon_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::fmdn::testing {
namespace {

template <class T>
std::optional<Errc> error_in(const Result<T>& result) {
  return result ? std::nullopt : std::optional{result.error().code};
}

constexpr Nonce kNonce{1, 2, 3, 4, 5, 6, 7, 8};

TEST(OwnerNonce, IsWhatAReadGave) { EXPECT_EQ(owner::parse_nonce(Bytes{1, 1, 2, 3, 4, 5, 6, 7, 8}).value(), kNonce); }

TEST(OwnerNonce, OfAnotherSizeIsRefused) {
  EXPECT_EQ(error_in(owner::parse_nonce(Bytes{})), Errc::invalid_argument);
  EXPECT_EQ(error_in(owner::parse_nonce(Bytes(8, 1))), Errc::invalid_argument);
  EXPECT_EQ(error_in(owner::parse_nonce(Bytes(10, 1))), Errc::invalid_argument);
}

TEST(OwnerNonce, OfAnotherMajorVersionIsRefused) {
  EXPECT_EQ(error_in(owner::parse_nonce(Bytes(9, 2))), Errc::unsupported);
}

class ExchangeTest : public ::testing::Test {
 protected:
  const ShortKey key_ = secret<8>(1);
  const owner::Exchange exchange_ = owner::read_ringing_state(kNonce, key_);
  const Bytes state_{2, 0, 10};
  const Bytes answer_ = response(key_.view(), kNonce, DataId::read_ringing_state, state_);
};

TEST_F(ExchangeTest, OpensTheAnswerToItsRequest) { EXPECT_EQ(exchange_.open(answer_).value(), state_); }

TEST_F(ExchangeTest, NoOctetOfAnAnswerMayBeAnother) {
  for (std::size_t i = 0; i < answer_.size(); ++i) {
    Bytes changed = answer_;
    changed[i] ^= 1;
    EXPECT_FALSE(exchange_.open(changed)) << i;
  }
}

TEST_F(ExchangeTest, AnAnswerOfAnotherKeyOrNonceIsNotGenuine) {
  const auto other_key = secret<8>(2);
  const Nonce other_nonce{};

  EXPECT_EQ(error_in(exchange_.open(response(other_key.view(), kNonce, DataId::read_ringing_state, state_))),
            Errc::bad_signature);
  EXPECT_EQ(error_in(exchange_.open(response(key_.view(), other_nonce, DataId::read_ringing_state, state_))),
            Errc::bad_signature);
}

TEST_F(ExchangeTest, ARequestIsNoAnswer) {
  EXPECT_EQ(error_in(exchange_.open(exchange_.request())), Errc::bad_signature);
}

TEST_F(ExchangeTest, AnAnswerToAnotherOperationIsRefused) {
  EXPECT_EQ(error_in(exchange_.open(response(key_.view(), kNonce, DataId::ring, state_))), Errc::invalid_argument);
}

TEST_F(ExchangeTest, RandomAndDamagedNotificationsAreRefused) {
  RandomOctets random{2};

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(exchange_.open(as_bytes(random.text(60))));
    const std::string damaged = random.damaged(std::string{as_text(answer_)});
    if (damaged != as_text(answer_)) {
      EXPECT_FALSE(exchange_.open(as_bytes(damaged)));
    }
  }
}

TEST(OwnerAnswers, OfAnotherSizeAreRefused) {
  const auto key = secret<16>(1);

  EXPECT_EQ(error_in(owner::decode_parameters(Bytes(15), key.view())), Errc::invalid_argument);
  EXPECT_EQ(error_in(owner::decode_eik(Bytes(31), key.view())), Errc::invalid_argument);
  EXPECT_EQ(error_in(owner::decode_ringing_state(Bytes(4))), Errc::invalid_argument);
  EXPECT_EQ(error_in(owner::decode_ring_notice(Bytes(3))), Errc::invalid_argument);
  EXPECT_EQ(error_in(owner::decode_provisioning_state(Bytes{})), Errc::invalid_argument);
}

TEST(OwnerAnswers, AnIdentifierIsThereWhenAKeyIsSetAndHasTheSizeOfACurve) {
  const auto state = [](std::uint8_t bits, std::size_t size) {
    Bytes octets(1 + size);
    octets[0] = bits;
    return owner::decode_provisioning_state(octets).has_value();
  };

  EXPECT_TRUE(state(0, 0));
  EXPECT_TRUE(state(1, 20));
  EXPECT_TRUE(state(3, 32));
  EXPECT_FALSE(state(0, 20));
  EXPECT_FALSE(state(1, 0));
  EXPECT_FALSE(state(1, 21));
}

TEST(OwnerAnswers, ValuesThatTheSpecificationDoesNotDefineAreUnsupported) {
  const auto key = secret<16>(1);
  const auto parameters = [&key](std::size_t at, std::uint8_t value) {
    crypto::AesBlock block{};
    block[at] = value;
    return owner::decode_parameters(crypto::AesKey{key.view()}.encrypt(block), key.view());
  };

  EXPECT_TRUE(parameters(5, 1));
  EXPECT_EQ(error_in(parameters(5, 2)), Errc::unsupported);
  EXPECT_TRUE(parameters(6, 3));
  EXPECT_EQ(error_in(parameters(6, 4)), Errc::unsupported);
  EXPECT_EQ(error_in(owner::decode_ring_notice(Bytes{5, 0, 0, 0})), Errc::unsupported);
}

TEST(OwnerAnswers, ErrorsAreExplainedByOperation) {
  using ::testing::HasSubstr;
  using ::testing::Not;

  EXPECT_THAT(owner::explain(0x80, DataId::ring), HasSubstr("0x80 unauthenticated"));
  EXPECT_THAT(owner::explain(0x82, DataId::read_eik), HasSubstr("consent"));
  EXPECT_THAT(owner::explain(0x81, DataId::read_parameters), Not(HasSubstr("some accessories")));
  EXPECT_THAT(owner::explain(0x81, DataId::clear_eik), HasSubstr("when the beacon is not provisioned"));
  EXPECT_THAT(owner::explain(0x0e, DataId::ring), HasSubstr("when the beacon is not provisioned"));
  EXPECT_THAT(owner::explain(0x81, DataId::set_eik), HasSubstr("hash of the present key is missing"));
  for (int code = 0; code <= 0xff; ++code) {
    EXPECT_FALSE(owner::explain(static_cast<std::uint8_t>(code), DataId::set_eik).empty());
  }
}

}  // namespace
}  // namespace signet::fmdn::testing
