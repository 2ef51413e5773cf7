// Bonding: the numeric comparison, the account key after it, and the retroactive account key.
#include "tests/unit/fastpair/provider_fixture.h"

namespace signet::fastpair {
namespace {

using std::chrono::seconds;

struct BondingTest : ProviderTest {
  using ProviderTest::ProviderTest;

  static Comparison comparison(std::uint32_t passkey = 123'456) {
    return {.device = "dev", .link = "link", .address = kSeeker, .passkey = passkey};
  }
  void open() { EXPECT_FALSE(request(seeker_, plain()).decisions.empty()); }
  void confirm() {
    open();
    EXPECT_TRUE(provider_.comparison_began(comparison(), now_).empty());
    EXPECT_NE(find<ConfirmPairing>(write(Characteristic::passkey, seeker_.passkey(123'456)).decisions), nullptr);
  }
  Att give_key() { return write(Characteristic::account_key, seeker_.give(account_key(1))).att; }

  Seeker seeker_ = stranger();
};

TEST_F(BondingTest, EqualPasskeysAreAnsweredAndConfirmed) {
  open();
  EXPECT_TRUE(provider_.comparison_began(comparison(), now_).empty()) << "held until the Seeker's passkey";

  const Reply reply = write(Characteristic::passkey, seeker_.passkey(123'456));

  EXPECT_EQ(reply.att, Att::success);
  ASSERT_EQ(reply.decisions.size(), 2U);
  EXPECT_EQ(*seeker_.read_passkey(std::get<Notify>(reply.decisions[0]).octets), 123'456U);
  EXPECT_EQ(std::get<ConfirmPairing>(reply.decisions[1]).device, "dev");
}

TEST_F(BondingTest, UnequalPasskeysAreAnsweredAndRejected) {
  open();
  (void)provider_.comparison_began(comparison(), now_);

  const Reply reply = write(Characteristic::passkey, seeker_.passkey(123'457));

  ASSERT_EQ(reply.decisions.size(), 2U);
  EXPECT_EQ(*seeker_.read_passkey(std::get<Notify>(reply.decisions[0]).octets), 123'456U);
  EXPECT_EQ(std::get<RejectPairing>(reply.decisions[1]).device, "dev");
  EXPECT_FALSE(provider_.session_open("link"));
}

TEST_F(BondingTest, APasskeyThatComesFirstWaitsForOurs) {
  open();
  EXPECT_TRUE(write(Characteristic::passkey, seeker_.passkey(123'456)).decisions.empty());

  const Decisions decisions = provider_.comparison_began(comparison(), now_);

  EXPECT_NE(notification(decisions, Characteristic::passkey), nullptr);
  EXPECT_NE(find<ConfirmPairing>(decisions), nullptr);
}

TEST_F(BondingTest, OnePasskeyCounts) {
  open();
  write(Characteristic::passkey, seeker_.passkey(1));
  write(Characteristic::passkey, seeker_.passkey(123'456));

  EXPECT_NE(find<RejectPairing>(provider_.comparison_began(comparison(), now_)), nullptr);
}

TEST_F(BondingTest, APasskeyBlockOfTheProviderIsDiscarded) {
  open();
  (void)provider_.comparison_began(comparison(), now_);
  const SessionKey foreign{account_key(9)};
  const Block reflected = foreign.encrypt(make_passkey(PasskeyOf::seeker, 123'456, random_));

  const Reply reply = write(Characteristic::passkey, reflected);

  EXPECT_EQ(reply.att, Att::success);
  EXPECT_TRUE(reply.decisions.empty());
  EXPECT_FALSE(write(Characteristic::passkey, seeker_.passkey(123'456)).decisions.empty());
}

// What the Provider has notified must not serve as the Seeker's passkey.
TEST_F(BondingTest, OurOwnPasskeyReflectedDoesNotConfirm) {
  add(1);
  Seeker known_seeker = known(1);
  request(known_seeker, plain());
  (void)provider_.comparison_began(comparison(), now_);
  const Block own = SessionKey{account_key(1)}.encrypt(make_passkey(PasskeyOf::provider, 123'456, random_));

  EXPECT_TRUE(write(Characteristic::passkey, own).decisions.empty());
}

TEST_F(BondingTest, APasskeyWithoutASessionIsRefused) {
  EXPECT_EQ(write(Characteristic::passkey, seeker_.passkey(1)).att, Att::unlikely_error);
  confirm();
  EXPECT_EQ(write(Characteristic::passkey, seeker_.passkey(1)).att, Att::unlikely_error) << "it has been compared";
}

TEST_F(BondingTest, TheAccountKeyIsTakenAfterTheBond) {
  confirm();
  EXPECT_TRUE(provider_.bonded("dev", kSeeker, now_).empty());

  const Reply reply = write(Characteristic::account_key, seeker_.give(account_key(1)));

  EXPECT_EQ(reply.att, Att::success);
  EXPECT_NE(find<StoreKeys>(reply.decisions), nullptr);
  EXPECT_FALSE(provider_.session_open("link"));
}

TEST_F(BondingTest, NoAccountKeyIsTakenBeforeTheBond) {
  open();
  EXPECT_EQ(give_key(), Att::unlikely_error);
  (void)provider_.comparison_began(comparison(), now_);
  EXPECT_EQ(give_key(), Att::unlikely_error);
  write(Characteristic::passkey, seeker_.passkey(123'456));
  EXPECT_EQ(give_key(), Att::unlikely_error);
}

TEST_F(BondingTest, ABondOfAnotherDeviceIsNotOurs) {
  confirm();

  (void)provider_.bonded("other", kSeeker, now_);

  EXPECT_EQ(give_key(), Att::unlikely_error);
}

TEST_F(BondingTest, ABondWithoutComparedPasskeysOpensNothing) {
  open();
  (void)provider_.comparison_began(comparison(), now_);

  (void)provider_.bonded("dev", kSeeker, now_);

  EXPECT_EQ(give_key(), Att::unlikely_error);
}

TEST_F(BondingTest, AFailedPairingEndsTheSession) {
  confirm();

  EXPECT_TRUE(provider_.pairing_failed("dev", now_).empty()) << "there is nothing left to reject";

  EXPECT_FALSE(provider_.session_open("link"));
  (void)provider_.bonded("dev", kSeeker, now_);
  EXPECT_EQ(give_key(), Att::unlikely_error);
}

// ---- time ----

TEST_F(BondingTest, TheKeyIsDroppedWhenNoPairingBeginsInTenSeconds) {
  open();
  EXPECT_EQ(provider_.deadline(), now_ + seconds{10});

  now_ += seconds{10};

  EXPECT_TRUE(provider_.expire(now_).empty());
  EXPECT_FALSE(provider_.session_open("link"));
  EXPECT_NE(find<RejectPairing>(provider_.comparison_began(comparison(), now_)), nullptr);
}

TEST_F(BondingTest, APairingIsRejectedWhenNoPasskeyComesInTenSeconds) {
  open();
  now_ += seconds{9};
  (void)provider_.comparison_began(comparison(), now_);
  now_ += seconds{9};
  EXPECT_TRUE(provider_.expire(now_).empty());

  now_ += seconds{1};

  const Reply late = write(Characteristic::passkey, seeker_.passkey(123'456));
  EXPECT_EQ(late.att, Att::unlikely_error);
  EXPECT_NE(find<RejectPairing>(late.decisions), nullptr);
}

TEST_F(BondingTest, TheAccountKeyIsTakenForAMinuteAfterTheBond) {
  confirm();
  now_ += seconds{5};
  (void)provider_.bonded("dev", kSeeker, now_);
  EXPECT_EQ(provider_.deadline(), now_ + seconds{60});

  now_ += seconds{60};

  EXPECT_EQ(give_key(), Att::unlikely_error);
}

TEST_F(BondingTest, AConfirmedPairingThatDoesNotEndIsForgotten) {
  confirm();

  now_ += kForBond;

  EXPECT_TRUE(provider_.expire(now_).empty());
  EXPECT_FALSE(provider_.session_open("link"));
}

TEST_F(BondingTest, ALinkThatGoesTakesItsPairingWithIt) {
  open();
  (void)provider_.comparison_began(comparison(), now_);

  const Decisions decisions = provider_.disconnected("link", now_);

  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_EQ(std::get<RejectPairing>(decisions[0]).device, "dev");
  EXPECT_TRUE(provider_.disconnected("link", now_).empty());
}

TEST_F(BondingTest, ANewRequestOnTheLinkRejectsThePairingOfTheOld) {
  open();
  (void)provider_.comparison_began(comparison(), now_);

  const Reply reply = request(seeker_, plain());

  EXPECT_NE(find<RejectPairing>(reply.decisions), nullptr);
  EXPECT_TRUE(provider_.session_open("link"));
}

// ---- which pairing belongs to which session ----

TEST_F(BondingTest, APairingWithoutASessionIsRejected) {
  EXPECT_FALSE(provider_.may_pair(comparison(), now_));
  EXPECT_NE(find<RejectPairing>(provider_.comparison_began(comparison(), now_)), nullptr);
}

TEST_F(BondingTest, APairingOverTheOtherTransportIsFoundByTheAddressThatTheRequestNamed) {
  Seeker other = stranger();
  request(other, plain(), "other link");
  request(seeker_, {.provider_bonds = true, .provider = kProvider, .seeker = kSeeker});
  const Comparison classic{.device = "dev", .link = std::nullopt, .address = kSeeker, .passkey = 5};

  EXPECT_TRUE(provider_.may_pair(classic, now_));
  (void)provider_.comparison_began(classic, now_);

  EXPECT_NE(find<ConfirmPairing>(write(Characteristic::passkey, seeker_.passkey(5)).decisions), nullptr);
}

TEST_F(BondingTest, APairingOverTheOtherTransportBelongsToTheOnlySessionThatWaits) {
  open();
  const Comparison classic{.device = "dev", .link = std::nullopt, .address = {1}, .passkey = 5};

  EXPECT_TRUE(provider_.comparison_began(classic, now_).empty());

  EXPECT_NE(find<ConfirmPairing>(write(Characteristic::passkey, seeker_.passkey(5)).decisions), nullptr);
}

TEST_F(BondingTest, APairingThatCouldBelongToTwoSessionsIsRejected) {
  Seeker other = stranger();
  open();
  request(other, plain(), "other link");
  const Comparison classic{.device = "dev", .link = std::nullopt, .address = {1}, .passkey = 5};

  EXPECT_NE(find<RejectPairing>(provider_.comparison_began(classic, now_)), nullptr);
}

TEST_F(BondingTest, ASessionThatNamedAnotherSeekerIsNotThePairings) {
  request(seeker_, {.provider_bonds = true, .provider = kProvider, .seeker = kSeeker});
  const Comparison stranger_pairs{.device = "dev", .link = std::nullopt, .address = {1}, .passkey = 5};

  EXPECT_NE(find<RejectPairing>(provider_.comparison_began(stranger_pairs, now_)), nullptr);
}

struct OpenDeviceTest : BondingTest {
  OpenDeviceTest() : BondingTest({.only_fast_pair = false}) {}
};

TEST_F(OpenDeviceTest, LeavesOtherPairingsToTheDevice) {
  EXPECT_TRUE(provider_.may_pair(comparison(), now_));
  EXPECT_NE(find<LeavePairing>(provider_.comparison_began(comparison(), now_)), nullptr);
}

// ---- the retroactive account key ----

struct RetroactiveTest : OpenDeviceTest {
  void SetUp() override { (void)provider_.bonded("dev", kSeeker, now_); }
  Reply ask(const Address& seeker) {
    return request(seeker_, {.retroactive = true, .provider = kProvider, .seeker = seeker});
  }
};

TEST_F(RetroactiveTest, IsTakenShortlyAfterABond) {
  now_ += seconds{59};

  EXPECT_NE(notification(ask(kSeeker).decisions, Characteristic::key_based_pairing), nullptr);
  EXPECT_EQ(give_key(), Att::success);
}

TEST_F(RetroactiveTest, IsIgnoredAMinuteAfterTheBond) {
  now_ += seconds{60};

  EXPECT_TRUE(ask(kSeeker).decisions.empty());
  EXPECT_EQ(give_key(), Att::unlikely_error);
}

TEST_F(RetroactiveTest, IsIgnoredForAnotherAddress) {
  EXPECT_TRUE(ask({1}).decisions.empty());
  EXPECT_EQ(give_key(), Att::unlikely_error);
}

TEST_F(RetroactiveTest, StartsNoBonding) {
  const Reply reply =
      request(seeker_, {.provider_bonds = true, .retroactive = true, .provider = kProvider, .seeker = kSeeker});

  EXPECT_EQ(find<StartBonding>(reply.decisions), nullptr);
  EXPECT_EQ(give_key(), Att::success);
}

TEST_F(BondingTest, ABondByFastPairOpensNoRetroactiveKey) {
  confirm();
  (void)provider_.bonded("dev", kSeeker, now_);
  give_key();

  const Reply reply = request(seeker_, {.retroactive = true, .provider = kProvider, .seeker = kSeeker});

  EXPECT_TRUE(reply.decisions.empty());
}

}  // namespace
}  // namespace signet::fastpair
