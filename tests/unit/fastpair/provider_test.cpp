// Key-based pairing, actions, account keys and names: everything but bonding.
#include "tests/unit/fastpair/provider_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::fastpair {
namespace {

using std::chrono::minutes;
using std::chrono::seconds;

// Nothing is notified, nothing is to be done, and the answer does not tell why.
void expect_silence(const Reply& reply) {
  EXPECT_EQ(reply.att, Att::success);
  EXPECT_TRUE(reply.decisions.empty());
}

TEST_F(ProviderTest, AnswersAStrangerInPairingMode) {
  Seeker seeker = stranger();

  const Reply reply = request(seeker, plain());

  EXPECT_EQ(reply.att, Att::success);
  const Bytes* notified = notification(reply.decisions, Characteristic::key_based_pairing);
  ASSERT_NE(notified, nullptr);
  EXPECT_EQ(*seeker.read_response(*notified), (PairingResponse{.extended = std::nullopt, .addresses = {kProvider}}));
  EXPECT_EQ(find<Notify>(reply.decisions)->link, "link");
  EXPECT_EQ(reply.decisions.size(), 1U);
}

TEST_F(ProviderTest, IgnoresAStrangerOutsideOfPairingMode) {
  Seeker seeker = stranger();
  provider_.set_pairing_mode(false);

  expect_silence(request(seeker, plain()));
  EXPECT_EQ(provider_.failures(now_), 0);
  EXPECT_FALSE(provider_.session_open("link"));
}

TEST_F(ProviderTest, AnswersWhoHasAnAccountKeyInAnyMode) {
  add(1);
  Seeker seeker = known(1);
  provider_.set_pairing_mode(false);

  EXPECT_NE(notification(request(seeker, plain()).decisions, Characteristic::key_based_pairing), nullptr);
}

TEST_F(ProviderTest, AnswersAtAnyOfItsAddresses) {
  add(1);
  Seeker seeker = known(1);
  const auto octets = Bytes(16, 7);
  const Address identity{9, 9, 9, 9, 9, 9};
  provider_.set_addresses({.current = kProvider,
                           .identity = identity,
                           .resolving_key = IdentityResolvingKey{BytesView{octets}.first<16>()}});
  Block random{};
  random[13] = 0x45;
  const Block hash = crypto::AesKey{BytesView{octets}.first<16>()}.encrypt(random);
  const Address resolvable{0x45, 0, 0, hash[13], hash[14], hash[15]};

  for (const Address& address : {kProvider, identity, resolvable}) {
    EXPECT_FALSE(request(seeker, {.provider = address}).decisions.empty()) << int{address[0]};
  }
  expect_silence(request(seeker, {.provider = {0x45, 0, 0, hash[13], hash[14], 0}}));
}

TEST_F(ProviderTest, IgnoresAndCountsARequestForAnotherAddress) {
  Seeker seeker = stranger();

  expect_silence(request(seeker, {.provider = kSeeker}));
  EXPECT_EQ(provider_.failures(now_), 1);
}

TEST_F(ProviderTest, IgnoresAndCountsARequestThatNoKeyFits) {
  add(1);
  Seeker seeker = known(2);

  expect_silence(request(seeker, plain()));
  EXPECT_EQ(provider_.failures(now_), 1);
}

TEST_F(ProviderTest, IgnoresAndCountsAPointThatIsNotOnTheCurve) {
  Bytes octets = stranger().pairing_request(plain());
  octets.back() ^= 0x01;

  expect_silence(write(Characteristic::key_based_pairing, octets));
  EXPECT_EQ(provider_.failures(now_), 1);
}

TEST_F(ProviderTest, IgnoresAndCountsARequestOfUnknownType) {
  add(1);
  const SessionKey key{account_key(1)};
  Block raw{0x20, 0x00};
  std::ranges::copy(kProvider, raw.begin() + 2);

  expect_silence(write(Characteristic::key_based_pairing, key.encrypt(raw)));
  EXPECT_EQ(provider_.failures(now_), 1);
}

TEST_F(ProviderTest, RefusesEveryOtherSize) {
  const struct {
    Characteristic characteristic;
    std::vector<std::size_t> good;
  } cases[] = {{Characteristic::key_based_pairing, {16, 80}},
               {Characteristic::passkey, {16}},
               {Characteristic::account_key, {16}},
               {Characteristic::additional_data, {}}};
  for (const auto& [characteristic, good] : cases) {
    for (std::size_t size = 0; size <= 100; ++size) {
      const bool fits = characteristic == Characteristic::additional_data ? size >= 16 && size <= 80
                                                                          : std::ranges::find(good, size) != good.end();
      if (!fits) {
        EXPECT_EQ(write(characteristic, Bytes(size)).att, Att::invalid_length) << size;
      }
    }
  }
  EXPECT_EQ(provider_.failures(now_), 0);
}

// ---- the failure counter ----

TEST_F(ProviderTest, RefusesEveryRequestAfterTenFailures) {
  add(1);
  Seeker seeker = known(1);
  fail_often(9);
  EXPECT_FALSE(request(seeker, plain()).decisions.empty());
  fail_often(10);

  const Reply reply = request(seeker, plain());

  EXPECT_EQ(reply.att, Att::unlikely_error);
  EXPECT_TRUE(reply.decisions.empty());
}

TEST_F(ProviderTest, ForgetsFailuresAfterFiveMinutesEvenIfItIsAskedAllTheTime) {
  add(1);
  Seeker seeker = known(1);
  fail_often();
  for (int i = 0; i < 299; ++i) {
    now_ += seconds{1};
    EXPECT_EQ(request(seeker, plain()).att, Att::unlikely_error);
  }

  now_ += seconds{1};

  EXPECT_EQ(request(seeker, plain()).att, Att::success);
}

TEST_F(ProviderTest, ForgetsFailuresAfterASuccess) {
  Seeker seeker = stranger();
  fail_often(9);

  request(seeker, plain());

  EXPECT_EQ(provider_.failures(now_), 0);
}

// ---- replay ----

TEST_F(ProviderTest, AnswersARecordedRequestOnce) {
  add(1);
  const Bytes octets = known(1).pairing_request(plain());
  EXPECT_FALSE(write(Characteristic::key_based_pairing, octets).decisions.empty());
  provider_.disconnected("link", now_);

  now_ += std::chrono::hours{1};

  expect_silence(write(Characteristic::key_based_pairing, octets, "another link"));
  EXPECT_EQ(provider_.failures(now_), 1);
}

// The mirror image of a point gives the same key, so that the octets of a recorded request can be changed.
TEST_F(ProviderTest, AnswersARecordedRequestOnceEvenWithTheMirroredPublicKey) {
  constexpr std::array<std::uint8_t, 32> kPrime{0xff, 0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00,
                                                0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff,
                                                0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
  Bytes octets = stranger().pairing_request(plain());
  EXPECT_FALSE(write(Characteristic::key_based_pairing, octets).decisions.empty());
  int borrow = 0;
  for (std::size_t i = 32; i-- > 0;) {
    const int digit = kPrime[i] - octets[48 + i] - borrow;
    borrow = digit < 0 ? 1 : 0;
    octets[48 + i] = static_cast<std::uint8_t>(digit);
  }

  expect_silence(write(Characteristic::key_based_pairing, octets));
}

// ---- what a request asks for ----

TEST_F(ProviderTest, StartsBondingAfterTheAnswerWhenAskedTo) {
  Seeker seeker = stranger();

  const Reply reply = request(seeker, {.provider_bonds = true, .provider = kProvider, .seeker = kSeeker});

  ASSERT_EQ(reply.decisions.size(), 2U);
  EXPECT_TRUE(std::holds_alternative<Notify>(reply.decisions[0]));
  EXPECT_EQ(std::get<StartBonding>(reply.decisions[1]).seeker, kSeeker);
}

TEST_F(ProviderTest, NotifiesItsNameWhenAskedTo) {
  provider_.set_name("Keys");
  Seeker seeker = stranger();

  const Reply reply = request(seeker, {.notify_name = true, .provider = kProvider});

  ASSERT_EQ(reply.decisions.size(), 2U);
  EXPECT_EQ(std::get<Notify>(reply.decisions[0]).characteristic, Characteristic::key_based_pairing);
  const Bytes* notified = notification(reply.decisions, Characteristic::additional_data);
  ASSERT_NE(notified, nullptr);
  EXPECT_EQ(*seeker.read_name(*notified), "Keys");
}

TEST_F(ProviderTest, NotifiesNoNameUnaskedOrWithoutOne) {
  Seeker seeker = stranger();
  EXPECT_EQ(request(seeker, {.notify_name = true, .provider = kProvider}).decisions.size(), 1U);
  provider_.set_name("Keys");
  EXPECT_EQ(request(seeker, plain()).decisions.size(), 1U);
}

TEST_F(ProviderTest, GivesTheExtendedAnswerWhenTheSeekerUnderstandsIt) {
  Seeker seeker = stranger();

  const Reply reply = request(seeker, {.ble_devices = true, .provider = kProvider});

  const auto response = seeker.read_response(*notification(reply.decisions, Characteristic::key_based_pairing));
  ASSERT_TRUE(response);
  EXPECT_EQ(*response, (PairingResponse{.extended = ExtendedFlags{}, .addresses = {kProvider}}));
}

struct DualModeTest : ProviderTest {
  static constexpr Address kPublic{7, 7, 7, 7, 7, 7};
  static constexpr Address kSecond{8, 8, 8, 8, 8, 8};
  DualModeTest() : ProviderTest({.public_address = kPublic, .second_address = kSecond, .flags = {.ble_only = false}}) {}
};

TEST_F(DualModeTest, AnswersWithItsPublicAddress) {
  Seeker seeker = stranger();

  const Reply standard = request(seeker, plain());
  const Reply extended = request(seeker, {.ble_devices = true, .provider = kProvider});

  const auto read = [&seeker](const Reply& reply) {
    return *seeker.read_response(*notification(reply.decisions, Characteristic::key_based_pairing));
  };
  EXPECT_EQ(read(standard).addresses, std::vector<Address>{kPublic});
  EXPECT_EQ(read(extended).addresses, (std::vector<Address>{kPublic, kSecond}));
  EXPECT_FALSE(read(extended).extended->ble_only);
}

TEST_F(ProviderTest, AnAccountKeyThatIsUsedMovesToTheFront) {
  add(1);
  add(2);
  Seeker seeker = known(1);

  Reply reply = request(seeker, plain());

  const auto* store = find<StoreKeys>(reply.decisions);
  ASSERT_NE(store, nullptr);
  EXPECT_TRUE(store->order_only);
  EXPECT_EQ(keys_.keys()[0].view()[15], 2) << "changed without its caller";
  ASSERT_TRUE(adopt(reply));
  EXPECT_EQ(keys_.keys()[0].view()[15], 1);
  EXPECT_EQ(find<StoreKeys>(request(seeker, plain()).decisions), nullptr) << "nothing has changed";
}

// ---- actions and the name ----

TEST_F(ProviderTest, PassesADeviceActionOn) {
  add(1);
  Seeker seeker = known(1);
  const auto octets = seeker.action_request(
      {.device_action = true, .provider = kProvider, .group = 0x04, .code = 0x01, .data = {0x02, 30}});

  const Reply reply = write(Characteristic::key_based_pairing, *octets);

  ASSERT_EQ(reply.decisions.size(), 2U);
  EXPECT_TRUE(seeker.read_response(*notification(reply.decisions, Characteristic::key_based_pairing)));
  const auto* action = find<DeviceAction>(reply.decisions);
  ASSERT_NE(action, nullptr);
  EXPECT_EQ(action->group, 0x04);
  EXPECT_EQ(action->code, 0x01);
  EXPECT_EQ(action->data, (Bytes{0x02, 30}));
  EXPECT_FALSE(provider_.session_open("link"));
}

struct NameTest : ProviderTest {
  void SetUp() override {
    add(1);
    const auto octets =
        seeker_.action_request({.data_follows = true, .provider = kProvider, .data_id = kPersonalisedName});
    write(Characteristic::key_based_pairing, *octets);
  }
  Seeker seeker_ = known(1);
};

TEST_F(NameTest, IsStoredWhenAnActionHasAnnouncedIt) {
  const Reply reply = write(Characteristic::additional_data, *seeker_.give_name("Chìa khoá"));

  EXPECT_EQ(reply.att, Att::success);
  ASSERT_EQ(reply.decisions.size(), 1U);
  EXPECT_EQ(find<StoreName>(reply.decisions)->name, "Chìa khoá");
  EXPECT_EQ(provider_.name(), "") << "not before it is stored";
}

TEST_F(NameTest, IsTakenOnce) {
  write(Characteristic::additional_data, *seeker_.give_name("one"));

  EXPECT_EQ(write(Characteristic::additional_data, *seeker_.give_name("two")).att, Att::unlikely_error);
}

TEST_F(NameTest, IsRefusedFromAnotherLinkAndAfterTenSeconds) {
  EXPECT_EQ(write(Characteristic::additional_data, *seeker_.give_name("x"), "other").att, Att::unlikely_error);

  now_ += seconds{10};

  EXPECT_EQ(write(Characteristic::additional_data, *seeker_.give_name("x")).att, Att::unlikely_error);
}

TEST_F(NameTest, IsRefusedUnderAnotherKeyOrWhenItIsNoText) {
  const SessionKey key{account_key(1)};
  const Bytes no_text = *seal_data(key, {}, Bytes{0xff, 0xfe});
  const Bytes foreign = *known(2).give_name("x");

  for (const Bytes& packet : {no_text, foreign}) {
    const Reply reply = write(Characteristic::additional_data, packet);
    EXPECT_EQ(reply.att, Att::unlikely_error);
    EXPECT_TRUE(reply.decisions.empty());
  }
}

TEST_F(NameTest, TheSessionOfANameTakesNoAccountKey) {
  EXPECT_EQ(write(Characteristic::account_key, seeker_.give(account_key(5))).att, Att::unlikely_error);
}

TEST_F(ProviderTest, DataThatNothingAnnouncedIsRefused) {
  Seeker seeker = stranger();
  request(seeker, plain());

  EXPECT_EQ(write(Characteristic::additional_data, *seeker.give_name("x")).att, Att::unlikely_error);
}

TEST_F(ProviderTest, DataOfAnUnknownKindIsAnnouncedInVain) {
  add(1);
  Seeker seeker = known(1);
  const auto octets = seeker.action_request({.data_follows = true, .provider = kProvider, .data_id = 0x02});

  EXPECT_EQ(write(Characteristic::key_based_pairing, *octets).decisions.size(), 1U);
  EXPECT_EQ(write(Characteristic::additional_data, *seeker.give_name("x")).att, Att::unlikely_error);
}

// ---- locator tags: the account key follows directly ----

struct LocatorTagTest : ProviderTest {
  LocatorTagTest() : ProviderTest({.bonding = Bonding::none}, KeepKeys::only_one) {}
};

TEST_F(LocatorTagTest, TakesTheAccountKeyWithoutBonding) {
  Seeker seeker = stranger();
  request(seeker, plain());
  const AccountKey key = seeker.new_account_key();

  Reply reply = write(Characteristic::account_key, seeker.give(key));

  EXPECT_EQ(reply.att, Att::success);
  ASSERT_NE(find<StoreKeys>(reply.decisions), nullptr);
  EXPECT_FALSE(find<StoreKeys>(reply.decisions)->order_only);
  EXPECT_TRUE(keys_.empty()) << "changed before it is stored";
  ASSERT_TRUE(adopt(reply));
  EXPECT_EQ(keys_.find(key.view()), 0U);
  EXPECT_EQ(keys_.owner(), 0U);
}

TEST_F(LocatorTagTest, TakesOneAccountKeyForEachRequest) {
  Seeker seeker = stranger();
  request(seeker, plain());
  write(Characteristic::account_key, seeker.give(account_key(1)));

  EXPECT_EQ(write(Characteristic::account_key, seeker.give(account_key(2))).att, Att::unlikely_error);
  EXPECT_FALSE(provider_.session_open("link"));
}

TEST_F(LocatorTagTest, RefusesASecondKeyButNotTheSameAgain) {
  add(1);
  Seeker seeker = stranger();
  request(seeker, plain());

  const Reply second = write(Characteristic::account_key, seeker.give(account_key(2)));

  EXPECT_EQ(second.att, Att::unlikely_error);
  EXPECT_EQ(find<StoreKeys>(second.decisions), nullptr);
  request(seeker, plain());
  EXPECT_EQ(write(Characteristic::account_key, seeker.give(account_key(1))).att, Att::success);
}

TEST_F(LocatorTagTest, IgnoresAnAccountKeyWithAnotherFirstOctet) {
  Seeker seeker = stranger();
  request(seeker, plain());
  AccountKey wrong = account_key(1);
  wrong.writable()[0] = 0x05;

  expect_silence(write(Characteristic::account_key, seeker.give(wrong)));
  EXPECT_EQ(write(Characteristic::account_key, seeker.give(account_key(1))).att, Att::success);
}

TEST_F(LocatorTagTest, TheAccountKeyIsAwaitedForAMinute) {
  Seeker seeker = stranger();
  request(seeker, plain());
  now_ += seconds{59};
  EXPECT_EQ(provider_.deadline(), now_ + seconds{1});
  EXPECT_TRUE(provider_.session_open("link"));

  now_ += seconds{1};

  EXPECT_EQ(write(Characteristic::account_key, seeker.give(account_key(1))).att, Att::unlikely_error);
  EXPECT_EQ(provider_.deadline(), std::nullopt);
}

TEST_F(LocatorTagTest, TheKeyIsBoundToItsLink) {
  Seeker seeker = stranger();
  request(seeker, plain());

  EXPECT_EQ(write(Characteristic::account_key, seeker.give(account_key(1)), "other").att, Att::unlikely_error);
  provider_.disconnected("link", now_);
  EXPECT_EQ(write(Characteristic::account_key, seeker.give(account_key(1))).att, Att::unlikely_error);
}

TEST_F(LocatorTagTest, DoesNotBondEvenWhenAskedTo) {
  Seeker seeker = stranger();

  const Reply reply = request(seeker, {.provider_bonds = true, .provider = kProvider, .seeker = kSeeker});

  EXPECT_EQ(find<StartBonding>(reply.decisions), nullptr);
  EXPECT_EQ(write(Characteristic::passkey, seeker.passkey(1)).att, Att::unlikely_error);
}

TEST_F(LocatorTagTest, RefusesEveryPairing) {
  Seeker seeker = stranger();
  request(seeker, plain());
  const Comparison comparison{.device = "dev", .link = "link", .address = kSeeker, .passkey = 1};

  EXPECT_FALSE(provider_.may_pair(comparison, now_));
  const Decisions decisions = provider_.comparison_began(comparison, now_);
  ASSERT_EQ(decisions.size(), 1U);
  EXPECT_EQ(std::get<RejectPairing>(decisions[0]).device, "dev");
}

struct OpenLocatorTagTest : ProviderTest {
  OpenLocatorTagTest() : ProviderTest({.bonding = Bonding::none, .only_fast_pair = false}, KeepKeys::only_one) {}
};

TEST_F(OpenLocatorTagTest, RefusesEveryPairingWhateverElseItAllows) {
  const Comparison comparison{.device = "dev", .link = "link", .address = kSeeker, .passkey = 1};

  EXPECT_FALSE(provider_.may_pair(comparison, now_));
  EXPECT_NE(find<RejectPairing>(provider_.comparison_began(comparison, now_)), nullptr);
}

TEST_F(LocatorTagTest, AResetEndsSessionsAndPairingMode) {
  Seeker seeker = stranger();
  provider_.set_name("Keys");
  request(seeker, plain());

  provider_.reset();

  EXPECT_FALSE(provider_.session_open("link"));
  EXPECT_FALSE(provider_.pairing_mode());
  EXPECT_EQ(provider_.name(), "");
}

TEST_F(LocatorTagTest, TwoSeekersDoNotDisturbOneAnother) {
  Seeker first = stranger();
  Seeker second = stranger();
  request(first, plain(), "first");
  request(second, plain(), "second");

  const Reply crossed = write(Characteristic::account_key, second.give(account_key(2)), "first");
  EXPECT_EQ(find<StoreKeys>(crossed.decisions), nullptr);
  const Reply reply = write(Characteristic::account_key, second.give(account_key(2)), "second");

  ASSERT_NE(find<StoreKeys>(reply.decisions), nullptr);
  EXPECT_EQ(find<StoreKeys>(reply.decisions)->keys.keys()[0].view()[15], 2);
}

// ---- anything else ----

TEST_F(LocatorTagTest, RandomAndDamagedWritesDecideNothing) {
  RandomOctets random{6};
  Seeker seeker = stranger();
  for (int i = 0; i < 2'000; ++i) {
    now_ += minutes{1};  // so that failures are forgotten as fast as they come
    request(seeker, plain());
    const auto characteristic = static_cast<Characteristic>(1 + random.below(3));
    const std::string text = random.damaged(std::string(16, 'x'));
    const Reply reply = write(characteristic, as_bytes(text));
    EXPECT_EQ(find<StoreName>(reply.decisions), nullptr);
    if (const auto* store = find<StoreKeys>(reply.decisions)) {  // one in 256 has the right first octet
      EXPECT_EQ(characteristic, Characteristic::account_key);
      EXPECT_EQ(store->keys.keys()[0].view()[0], kAccountKeyFirstOctet);
    }
    expect_silence(write(Characteristic::key_based_pairing, as_bytes(random.exactly(random.below(2) == 0 ? 16 : 80))));
  }
}

TEST(Seeker, RefusesAnAntiSpoofingKeyThatIsNotOnTheCurve) {
  CountingRandom random;

  EXPECT_EQ(Seeker::meet(PublicKey{1}, random).error().code, Errc::invalid_argument);
}

TEST(Seeker, RefusesNotificationsOfAnotherSizeOrUnderAnotherKey) {
  CountingRandom random;
  const Seeker seeker = Seeker::recall(account_key(1), random);

  for (const std::size_t size : {0U, 1U, 15U, 17U, 80U}) {
    EXPECT_EQ(seeker.read_response(Bytes(size)).error().code, Errc::invalid_argument);
    EXPECT_EQ(seeker.read_passkey(Bytes(size)).error().code, Errc::invalid_argument);
  }
  EXPECT_FALSE(seeker.read_passkey(Bytes(16)));
  EXPECT_FALSE(seeker.read_name(Bytes(20)));
}

TEST(Seeker, RefusesToGiveANameThatIsNone) {
  CountingRandom random;
  Seeker seeker = Seeker::recall(account_key(1), random);

  EXPECT_EQ(seeker.give_name("\xff").error().code, Errc::invalid_argument);
  EXPECT_EQ(seeker.give_name(std::string(65, 'x')).error().code, Errc::too_large);
}

TEST(Seeker, MakesAccountKeysThatBeginAsTheyMust) {
  CountingRandom random;
  Seeker seeker = Seeker::recall(account_key(1), random);

  const AccountKey one = seeker.new_account_key();
  const AccountKey two = seeker.new_account_key();

  EXPECT_EQ(one.view()[0], kAccountKeyFirstOctet);
  EXPECT_FALSE(std::ranges::equal(one.view(), two.view()));
}

}  // namespace
}  // namespace signet::fastpair
