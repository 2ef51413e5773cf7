#include "activation/keys.h"

#include <gtest/gtest.h>

#include "activation/sqlite/store.h"
#include "identity/ids.h"
#include "unit/identity/temporary_directory.h"

namespace signet::activation {
namespace {

using std::chrono::hours;

class KeysTest : public testing::Test {
 protected:
  KeysTest() {
    auto opened = sqlite::Store::open({.path = directory_.path("test.db"), .create = true});
    EXPECT_TRUE(opened);
    store_ = *std::move(opened);
  }
  static MasterKey master(std::uint8_t first = 1) {
    MasterKey key;
    key.writable()[0] = first;
    return key;
  }
  void make() {
    auto made = make_keys(*store_, master(), spec_, now_, random_);
    ASSERT_TRUE(made) << to_string(made.error());
  }
  Result<void> rotate(KeyPurpose purpose, UnixTime active_from) {
    return rotate_key(*store_, master(), purpose, spec_, now_, active_from, random_);
  }
  KeyRing load() { return KeyRing::load(*store_, master()).value(); }

  identity::TemporaryDirectory directory_;
  std::unique_ptr<sqlite::Store> store_;
  crypto::SystemRandom random_;
  const KeySpec spec_{.organization = "Example"};
  const UnixTime now_{std::chrono::seconds{1'800'000'000}};
};

TEST_F(KeysTest, OfAnEmptyStoreAreNotFound) {
  const auto keys = KeyRing::load(*store_, master());

  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, Errc::not_found);
}

TEST_F(KeysTest, AreMadeOnce) {
  make();

  const auto again = make_keys(*store_, master(), spec_, now_, random_);

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
}

TEST_F(KeysTest, HaveTheCertificatesOfTheContract) {
  make();
  const KeyRing keys = load();
  const auto& hardware = keys.anchors(ChipKind::hardware).front();
  const auto& emulated = keys.anchors(ChipKind::emulated).front();
  const auto& registrar = *keys.current(KeyPurpose::registrar, now_).certificate;

  EXPECT_TRUE(hardware.is_ca());
  EXPECT_TRUE(hardware.has_policy(identity::kHardwarePolicy));
  EXPECT_FALSE(hardware.has_policy(identity::kEmulatedPolicy));
  EXPECT_TRUE(emulated.is_ca());
  EXPECT_TRUE(emulated.has_policy(identity::kEmulatedPolicy));
  EXPECT_FALSE(registrar.is_ca());
  EXPECT_TRUE(registrar.has_extended_use(identity::kSignsChallenges));
  EXPECT_TRUE(crypto::verify_chain(registrar, keys.anchors(ChipKind::hardware), now_));
  EXPECT_FALSE(crypto::verify_chain(registrar, keys.anchors(ChipKind::emulated), now_));
  EXPECT_EQ(crypto::Certificate::from_pem(keys.ca_pem()).value().size(), 2U);
  EXPECT_TRUE(keys.escrow_pem(now_).starts_with("-----BEGIN PUBLIC KEY-----\n"));
}

TEST_F(KeysTest, DoNotOpenUnderAnotherMasterKey) {
  make();

  const auto keys = KeyRing::load(*store_, master(2));

  ASSERT_FALSE(keys);
  EXPECT_EQ(keys.error().code, Errc::damaged);
}

TEST_F(KeysTest, ARotatedKeyIsUsedWhenItsTimeHasComeAndTheOldOneStays) {
  make();
  for (const KeyPurpose purpose :
       {KeyPurpose::hardware_ca, KeyPurpose::emulated_ca, KeyPurpose::registrar, KeyPurpose::escrow}) {
    ASSERT_TRUE(rotate(purpose, now_ + hours{24})) << name(purpose);

    const KeyRing keys = load();

    EXPECT_EQ(keys.current(purpose, now_).generation, 1U) << name(purpose);
    EXPECT_EQ(keys.current(purpose, now_ + hours{24}).generation, 2U) << name(purpose);
    ASSERT_EQ(keys.all(purpose).size(), 2U);
    EXPECT_EQ(keys.all(purpose).front()->generation, 2U);
    EXPECT_NE(keys.find(purpose, 1), nullptr);
    EXPECT_EQ(keys.find(purpose, 3), nullptr);
  }
}

TEST_F(KeysTest, ACaThatIsNotActiveYetIsHandedOutAlready) {
  make();
  ASSERT_TRUE(rotate(KeyPurpose::hardware_ca, now_ + hours{24}));

  EXPECT_EQ(crypto::Certificate::from_pem(load().ca_pem()).value().size(), 3U);
}

TEST_F(KeysTest, TheRegistrarsNewCertificateIsOfTheCaThatIsActiveThen) {
  make();
  ASSERT_TRUE(rotate(KeyPurpose::hardware_ca, now_ + hours{24}));
  ASSERT_TRUE(rotate(KeyPurpose::registrar, now_));
  ASSERT_TRUE(rotate(KeyPurpose::registrar, now_ + hours{48}));
  const KeyRing keys = load();
  const auto ca_of = [&](std::uint32_t generation) {
    return crypto::verify_chain(*keys.find(KeyPurpose::registrar, generation)->certificate,
                                keys.anchors(ChipKind::hardware), now_)
        .value();
  };

  EXPECT_EQ(ca_of(2), *keys.find(KeyPurpose::hardware_ca, 1)->certificate);
  EXPECT_EQ(ca_of(3), *keys.find(KeyPurpose::hardware_ca, 2)->certificate);
}

TEST_F(KeysTest, BeforeTheBeginningOfAllOfThemTheOldestIsCurrent) {
  make();

  EXPECT_EQ(load().current(KeyPurpose::registrar, now_ - hours{1000}).generation, 1U);
}

TEST_F(KeysTest, AnOrganizationThatDoesNotFitIsRefused) {
  for (const std::string& organization : {std::string{}, std::string(41, 'x')}) {
    const auto made = make_keys(*store_, master(), {.organization = organization}, now_, random_);

    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, Errc::invalid_argument);
  }
}

}  // namespace
}  // namespace signet::activation
