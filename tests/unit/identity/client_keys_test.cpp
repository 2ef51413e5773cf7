#include "identity/client_keys.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "base/hex.h"
#include "crypto/ecdsa.h"
#include "crypto/hmac.h"
#include "unit/identity/store_fixture.h"

namespace signet::identity {
namespace {

class ClientKeysTest : public StoreFixture {
 protected:
  void restart() {
    mount();
    keys_.emplace(*store_, random_);
  }
  void generate(const std::string& space, const std::string& name, Algorithm algorithm) {
    ASSERT_TRUE(keys_->generate(space, name, algorithm));
  }
  static rpmb::ObjectName object(const std::string& space, const std::string& name) {
    return {rpmb::ObjectKind::key, space, name};
  }

  std::optional<ClientKeys> keys_{std::in_place, *store_, random_};
  BytesView message_ = as_bytes("a message");
};

class EitherAlgorithm : public ClientKeysTest, public testing::WithParamInterface<Algorithm> {};
std::string test_name(const testing::TestParamInfo<Algorithm>& parameter) {
  return parameter.param == Algorithm::ecdsa_p256 ? "Ecdsa" : "Hmac";
}
INSTANTIATE_TEST_SUITE_P(, EitherAlgorithm, testing::Values(Algorithm::ecdsa_p256, Algorithm::hmac_sha256), test_name);

TEST_P(EitherAlgorithm, SignsWhatItVerifies) {
  generate("alice", "k", GetParam());

  auto signature = keys_->sign("alice", "k", message_);

  ASSERT_TRUE(signature);
  EXPECT_EQ(signature->size(), GetParam() == Algorithm::ecdsa_p256 ? 64U : 32U);
  EXPECT_TRUE(keys_->verify("alice", "k", message_, *signature).value());
}

TEST_P(EitherAlgorithm, VerifiesNothingElse) {
  generate("alice", "k", GetParam());
  generate("alice", "other", GetParam());
  Bytes signature = keys_->sign("alice", "k", message_).value();

  EXPECT_FALSE(keys_->verify("alice", "k", as_bytes("another message"), signature).value());
  EXPECT_FALSE(keys_->verify("alice", "other", message_, signature).value());
  EXPECT_FALSE(keys_->verify("alice", "k", message_, {}).value());
  EXPECT_FALSE(keys_->verify("alice", "k", message_, BytesView{signature}.first(signature.size() - 1)).value());
  for (std::size_t i = 0; i < signature.size(); ++i) {
    signature[i] ^= 0x80;
    EXPECT_FALSE(keys_->verify("alice", "k", message_, signature).value()) << "octet " << i;
    signature[i] ^= 0x80;
  }
}

TEST_P(EitherAlgorithm, SurvivesARestart) {
  generate("alice", "k", GetParam());
  Bytes signature = keys_->sign("alice", "k", message_).value();

  restart();

  EXPECT_TRUE(keys_->verify("alice", "k", message_, signature).value());
}

TEST_P(EitherAlgorithm, CostsOneWriteToGenerateAndNoneToUse) {
  generate("alice", "first", GetParam());  // the first write after a start is read back
  chip_.reset_counts();

  generate("alice", "k", GetParam());
  ASSERT_TRUE(keys_->sign("alice", "k", message_));

  EXPECT_EQ(chip_.counts().writes, 1U);
  EXPECT_EQ(chip_.counts().reads, 0U);
}

TEST_P(EitherAlgorithm, AnotherNamespaceCannotSeeIt) {
  generate("alice", "k", GetParam());
  Bytes signature = keys_->sign("alice", "k", message_).value();

  EXPECT_EQ(keys_->sign("bob", "k", message_).error().code, Errc::not_found);
  EXPECT_EQ(keys_->sign("bob", "k", message_).error().context, "no key 'k' in namespace 'bob'");
  EXPECT_EQ(keys_->verify("bob", "k", message_, signature).error().code, Errc::not_found);
  EXPECT_EQ(keys_->public_key("bob", "k").error().code, Errc::not_found);
  EXPECT_EQ(keys_->remove("bob", "k").error().code, Errc::not_found);
  EXPECT_TRUE(keys_->list("bob").value().empty());
}

TEST_P(EitherAlgorithm, SameNameInTwoNamespacesIsTwoKeys) {
  generate("alice", "k", GetParam());
  generate("bob", "k", GetParam());
  Bytes signature = keys_->sign("alice", "k", message_).value();

  EXPECT_FALSE(keys_->verify("bob", "k", message_, signature).value());
}

TEST_P(EitherAlgorithm, IsGoneOnceRemoved) {
  generate("alice", "k", GetParam());
  ASSERT_TRUE(keys_->sign("alice", "k", message_));

  ASSERT_TRUE(keys_->remove("alice", "k"));

  EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::not_found);
  EXPECT_FALSE(keys_->loaded("alice", "k"));
}

TEST_P(EitherAlgorithm, ComesBackAsANewKeyUnderAnOldName) {
  generate("alice", "k", GetParam());
  Bytes signature = keys_->sign("alice", "k", message_).value();
  ASSERT_TRUE(keys_->remove("alice", "k"));

  generate("alice", "k", GetParam());

  EXPECT_FALSE(keys_->verify("alice", "k", message_, signature).value());
}

TEST_P(EitherAlgorithm, IsNeverOverwritten) {
  generate("alice", "k", GetParam());
  Bytes signature = keys_->sign("alice", "k", message_).value();

  auto again = keys_->generate("alice", "k", GetParam());

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
  EXPECT_NE(again.error().context.find("there is a key '"), std::string::npos) << again.error().context;
  EXPECT_TRUE(keys_->verify("alice", "k", message_, signature).value());
}

TEST_P(EitherAlgorithm, TakesOneMebibyteAndNoMore) {
  generate("alice", "k", GetParam());

  EXPECT_TRUE(keys_->sign("alice", "k", Bytes(kMaxSignedData)));
  EXPECT_EQ(keys_->sign("alice", "k", Bytes(kMaxSignedData + 1)).error().code, Errc::too_large);
  EXPECT_EQ(keys_->verify("alice", "k", Bytes(kMaxSignedData + 1), {}).error().code, Errc::too_large);
}

TEST_P(EitherAlgorithm, DamagedRecordIsNamed) {
  auto number = static_cast<std::uint8_t>(GetParam());
  Bytes shorter(32, number);
  Bytes longer(34, number);

  for (const Bytes& value : {Bytes{}, Bytes{number}, shorter, longer}) {
    put(object("alice", "k"), value);
    EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::damaged) << value.size() << " octets";
  }
}

TEST_F(ClientKeysTest, UnknownAlgorithmInARecordIsDamaged) {
  for (unsigned number : {0U, 3U, 255U}) {
    put(object("alice", "k"), Bytes(33, static_cast<std::uint8_t>(number)));

    EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::damaged);
    EXPECT_EQ(keys_->list("alice").error().code, Errc::damaged);
  }
}

TEST_F(ClientKeysTest, ScalarOutOfRangeIsDamaged) {
  Bytes zero(33, 0);
  zero[0] = static_cast<std::uint8_t>(Algorithm::ecdsa_p256);
  Bytes above_order(33, 0xff);
  above_order[0] = zero[0];

  for (const Bytes& value : {zero, above_order}) {
    put(object("alice", "k"), value);
    EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::damaged);
  }
}

TEST_F(ClientKeysTest, DamagedKeyCanBeRemoved) {
  put(object("alice", "k"), Bytes{1});

  EXPECT_TRUE(keys_->remove("alice", "k"));
  EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::not_found);
}

// RFC 4231 test case 2 needs a key of 4 octets; padded with zeros to 32 it is the same HMAC key.
TEST_F(ClientKeysTest, HmacIsTheKnownAnswerOfRfc4231) {
  Bytes value{static_cast<std::uint8_t>(Algorithm::hmac_sha256), 'J', 'e', 'f', 'e'};
  value.resize(33);
  put(object("alice", "k"), value);

  Bytes mac = keys_->sign("alice", "k", as_bytes("what do ya want for nothing?")).value();

  EXPECT_EQ(to_hex(mac), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST_F(ClientKeysTest, PublicKeyVerifiesSignaturesWithoutTheDaemon) {
  generate("alice", "k", Algorithm::ecdsa_p256);
  Bytes der = keys_->public_key("alice", "k").value();

  Bytes signature = keys_->sign("alice", "k", message_).value();

  EXPECT_TRUE(crypto::verify_es256(der, message_, signature).value());
  EXPECT_FALSE(crypto::verify_es256(der, as_bytes("another message"), signature).value());
}

TEST_F(ClientKeysTest, PublicKeyOfAnHmacKeyIsUnsupported) {
  generate("alice", "k", Algorithm::hmac_sha256);

  EXPECT_EQ(keys_->public_key("alice", "k").error().code, Errc::unsupported);
}

TEST_F(ClientKeysTest, ListsByNameWithAlgorithms) {
  generate("alice", "b", Algorithm::hmac_sha256);
  generate("alice", "a", Algorithm::ecdsa_p256);
  generate("bob", "c", Algorithm::ecdsa_p256);

  std::vector<KeyInfo> keys = keys_->list("alice").value();

  ASSERT_EQ(keys.size(), 2U);
  EXPECT_EQ(keys[0].name, "a");
  EXPECT_EQ(keys[0].algorithm, Algorithm::ecdsa_p256);
  EXPECT_EQ(keys[1].name, "b");
  EXPECT_EQ(keys[1].algorithm, Algorithm::hmac_sha256);
}

TEST_F(ClientKeysTest, ObjectsOfTheSameNameAreNoKeys) {
  put({rpmb::ObjectKind::object, "alice", "k"}, Bytes(33, 1));

  EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::not_found);
  EXPECT_TRUE(keys_->list("alice").value().empty());
}

TEST_F(ClientKeysTest, LoadedKeysAreTheLastOnesUsed) {
  for (std::size_t i = 0; i <= kLoadedKeys; ++i) generate("alice", std::to_string(i), Algorithm::hmac_sha256);
  for (std::size_t i = 0; i < kLoadedKeys; ++i) ASSERT_TRUE(keys_->sign("alice", std::to_string(i), message_));
  ASSERT_TRUE(keys_->sign("alice", "0", message_));  // used again, so that 1 is the oldest

  ASSERT_TRUE(keys_->sign("alice", std::to_string(kLoadedKeys), message_));

  EXPECT_TRUE(keys_->loaded("alice", "0"));
  EXPECT_FALSE(keys_->loaded("alice", "1"));
  EXPECT_TRUE(keys_->loaded("alice", "2"));
  EXPECT_TRUE(keys_->sign("alice", "1", message_));
}

TEST_F(ClientKeysTest, LoadedIsOfOneNamespace) {
  generate("alice", "k", Algorithm::hmac_sha256);
  generate("bob", "k", Algorithm::hmac_sha256);
  ASSERT_TRUE(keys_->sign("alice", "k", message_));

  EXPECT_TRUE(keys_->loaded("alice", "k"));
  EXPECT_FALSE(keys_->loaded("bob", "k"));
}

TEST_F(ClientKeysTest, DeleteThatTakesEffectLateLeavesNoUsableKey) {
  generate("alice", "k", Algorithm::hmac_sha256);
  chip_.set_absent(Errc::io);
  ASSERT_FALSE(keys_->remove("alice", "k"));
  chip_.set_absent(std::nullopt);
  std::ignore = keys_->sign("alice", "k", message_);  // may load it again

  auto retried = keys_->remove("alice", "k");

  ASSERT_TRUE(retried || retried.error().code == Errc::not_found) << to_string(retried.error());
  EXPECT_EQ(keys_->sign("alice", "k", message_).error().code, Errc::not_found);
}

TEST_F(ClientKeysTest, AlgorithmsHaveNames) {
  EXPECT_EQ(algorithm_from_name("ecdsa-p256").value(), Algorithm::ecdsa_p256);
  EXPECT_EQ(algorithm_from_name("hmac-sha256").value(), Algorithm::hmac_sha256);
  EXPECT_EQ(name(Algorithm::ecdsa_p256), "ecdsa-p256");
  EXPECT_EQ(algorithm_from_name("rsa").error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace signet::identity
