#include "fastpair/account_keys.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "tests/unit/random_octets.h"

namespace signet::fastpair {
namespace {

AccountKey key(std::uint8_t last) {
  AccountKey made;
  made.writable()[0] = kAccountKeyFirstOctet;
  made.writable()[15] = last;
  return made;
}

AccountKeys list_of(int count) {
  AccountKeys keys;
  for (int i = 1; i <= count; ++i) EXPECT_TRUE(keys.add(key(static_cast<std::uint8_t>(i))));
  return keys;
}

// The last octets of the keys, most recently used first.
Bytes order(const AccountKeys& keys) {
  Bytes last;
  for (const AccountKey& each : keys.keys()) last.push_back(each.view()[15]);
  return last;
}

int owner(const AccountKeys& keys) { return keys.owner_key() == nullptr ? -1 : keys.owner_key()->view()[15]; }

TEST(AccountKeys, TheNewestIsTheFirst) { EXPECT_EQ(order(list_of(3)), (Bytes{3, 2, 1})); }

TEST(AccountKeys, TheFirstKeyOfAnEmptyListIsTheOwners) {
  const AccountKeys keys = list_of(3);

  EXPECT_EQ(owner(keys), 1);
  EXPECT_EQ(keys.owner(), 2U);
}

TEST(AccountKeys, AFullListGivesUpTheKeyUsedLongestAgo) {
  AccountKeys keys = list_of(5);
  keys.touch(4);  // the owner's, so that the last one is another's

  ASSERT_TRUE(keys.add(key(6)));

  EXPECT_EQ(order(keys), (Bytes{6, 1, 5, 4, 3}));
  EXPECT_EQ(owner(keys), 1);
}

TEST(AccountKeys, TheOwnersKeyIsNeverGivenUp) {
  AccountKeys keys = list_of(5);

  for (std::uint8_t i = 6; i < 60; ++i) ASSERT_TRUE(keys.add(key(i)));

  EXPECT_EQ(order(keys), (Bytes{59, 58, 57, 56, 1}));
  EXPECT_EQ(owner(keys), 1);
}

TEST(AccountKeys, AKeyThatIsThereMovesToTheFront) {
  AccountKeys keys = list_of(5);

  ASSERT_TRUE(keys.add(key(3)));

  EXPECT_EQ(order(keys), (Bytes{3, 5, 4, 2, 1}));
}

TEST(AccountKeys, AKeyWithAnotherFirstOctetIsRefused) {
  AccountKeys keys = list_of(1);
  AccountKey wrong = key(9);
  wrong.writable()[0] = 0x05;

  const auto added = keys.add(wrong);

  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::invalid_argument);
  EXPECT_EQ(order(keys), Bytes{1});
}

TEST(AccountKeys, ALocatorTagRefusesASecondKey) {
  AccountKeys keys{KeepKeys::only_one};
  ASSERT_TRUE(keys.add(key(1)));

  const auto added = keys.add(key(2));

  ASSERT_FALSE(added);
  EXPECT_EQ(added.error().code, Errc::store_full);
  EXPECT_EQ(order(keys), Bytes{1});
  EXPECT_TRUE(keys.add(key(1)));
  EXPECT_EQ(keys.capacity(), 1U);
}

TEST(AccountKeys, TheOwnerCanBeChosenOnce) {
  AccountKeys keys = list_of(3);

  EXPECT_TRUE(keys.set_owner(2));
  EXPECT_EQ(keys.set_owner(0).error().code, Errc::already_exists);
  EXPECT_EQ(keys.set_owner(3).error().code, Errc::not_found);
  EXPECT_EQ(owner(keys), 1);
}

// A list of a device that learnt of FMDN by an update: keys, but no mark.
AccountKeys unmarked(int count) {
  SecretBuffer record = list_of(count).serialise();
  record.writable()[1] = 0xff;
  return *AccountKeys::restore(record.view());
}

TEST(AccountKeys, WithoutAMarkTheKeyThatAuthenticatesIsToBeTheOwners) {
  AccountKeys keys = unmarked(3);

  EXPECT_FALSE(keys.owner());
  EXPECT_EQ(keys.owner_for(1), 1U);
  EXPECT_FALSE(keys.owner());
  ASSERT_TRUE(keys.set_owner(1));
  EXPECT_EQ(keys.owner_for(2), 1U);
  EXPECT_EQ(keys.owner_for(3), std::nullopt);
}

TEST(AccountKeys, AFullListWithoutAnOwnerGivesUpTheLast) {
  AccountKeys keys = unmarked(5);

  ASSERT_TRUE(keys.add(key(6)));

  EXPECT_EQ(order(keys), (Bytes{6, 5, 4, 3, 2}));
  EXPECT_FALSE(keys.owner());
}

TEST(AccountKeys, ClearForgetsKeysAndOwner) {
  AccountKeys keys = list_of(3);

  keys.clear();

  EXPECT_TRUE(keys.empty());
  EXPECT_FALSE(keys.owner());
  ASSERT_TRUE(keys.add(key(7)));
  EXPECT_EQ(owner(keys), 7);
}

TEST(AccountKeys, ARecordGivesTheSameListBack) {
  AccountKeys keys = list_of(5);
  keys.touch(4);
  keys.touch(2);

  const auto again = AccountKeys::restore(keys.serialise().view());

  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(order(*again), order(keys));
  EXPECT_EQ(owner(*again), 1);
}

TEST(AccountKeys, ADamagedRecordIsRefused) {
  const SecretBuffer record = list_of(2).serialise();
  const Bytes good{record.view().begin(), record.view().end()};
  const auto refused = [&good](std::size_t at, std::uint8_t value) {
    Bytes bad = good;
    bad[at] = value;
    const auto restored = AccountKeys::restore(bad);
    return !restored && restored.error().code == Errc::damaged;
  };

  EXPECT_TRUE(AccountKeys::restore(good));
  EXPECT_TRUE(refused(0, 0x02)) << "format";
  EXPECT_TRUE(refused(1, 2)) << "owner";
  EXPECT_TRUE(refused(2, 1)) << "count";
  EXPECT_TRUE(refused(2, 3)) << "count";
  EXPECT_TRUE(refused(3, 0x05)) << "first octet of a key";
  EXPECT_TRUE(refused(18, 1)) << "a key twice";
  for (std::size_t size = 0; size < good.size(); ++size) {
    EXPECT_FALSE(AccountKeys::restore(BytesView{good}.first(size))) << size;
  }
}

TEST(AccountKeys, ARecordWithMoreKeysThanThereIsRoomForIsRefused) {
  const SecretBuffer two = list_of(2).serialise();

  EXPECT_EQ(AccountKeys::restore(two.view(), KeepKeys::only_one).error().code, Errc::damaged);
  EXPECT_EQ(AccountKeys::restore(two.view(), KeepKeys::recently_used, 4).error().code, Errc::invalid_argument);
  EXPECT_EQ(AccountKeys::restore(two.view(), KeepKeys::recently_used, 11).error().code, Errc::invalid_argument);
}

TEST(AccountKeys, RandomRecordsAreRefusedOrGiveThemselvesBack) {
  const SecretBuffer record = list_of(3).serialise();
  const std::string good{as_text(record.view())};
  RandomOctets random{1};

  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string text = random.damaged(good);
    const auto restored = AccountKeys::restore(as_bytes(text));
    if (!restored) continue;
    EXPECT_EQ(as_text(restored->serialise().view()), text);
  }
}

// A list written down plainly: last octets, most recently used first, and the owner by value.
struct Model {
  std::deque<std::uint8_t> order;
  int owner = -1;

  void add(std::uint8_t last) {
    const auto found = std::ranges::find(order, last);
    if (found != order.end()) {
      order.erase(found);
    } else if (order.size() == 5) {
      for (std::size_t i = order.size(); i-- > 0;) {
        if (order[i] != owner) {
          order.erase(order.begin() + static_cast<std::ptrdiff_t>(i));
          break;
        }
      }
    }
    if (order.empty() && owner < 0) owner = last;
    order.push_front(last);
  }
};

TEST(AccountKeys, TheOwnersMarkStaysWithItsKeyWhateverHappensToTheOrder) {
  RandomOctets random{2};
  AccountKeys keys;
  Model model;

  for (int i = 0; i < 5'000; ++i) {
    if (random.below(3) == 0 && !keys.empty()) {
      const std::size_t index = random.below(keys.size());
      keys.touch(index);
      model.add(model.order[index]);
    } else {
      const auto last = static_cast<std::uint8_t>(random.below(9));
      ASSERT_TRUE(keys.add(key(last)));
      model.add(last);
    }
    ASSERT_EQ(order(keys), (Bytes{model.order.begin(), model.order.end()}));
    ASSERT_EQ(owner(keys), model.owner);
  }
}

}  // namespace
}  // namespace signet::fastpair
