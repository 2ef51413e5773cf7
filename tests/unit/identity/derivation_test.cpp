#include "identity/derivation.h"

#include <gtest/gtest.h>

#include <numeric>

#include "base/hex.h"

namespace signet::identity {
namespace {

// The expected values were computed with Python's hmac and hashlib alone (HKDF written out as in RFC 5869):
//   H = lambda key, *parts: hmac.new(key, b''.join(parts), hashlib.sha256).digest()
//   hkdf = lambda ikm, salt, info: H(H(salt, ikm), info, b'\1')
//   root = bytes(range(32)); cid = bytes.fromhex('101112131415161718001a1b1c1d1e00'); store_id = bytes(range(0xa0,
//   0xc0))
class DerivationTest : public testing::Test {
 protected:
  DerivationTest() {
    std::iota(cid_.begin(), cid_.end(), std::uint8_t{0x10});
    std::iota(store_id_.begin(), store_id_.end(), std::uint8_t{0xa0});
    std::iota(root_.writable().begin(), root_.writable().end(), std::uint8_t{0});
  }

  std::array<std::uint8_t, 16> cid_;
  std::array<std::uint8_t, 32> store_id_;
  RootSecret root_;
};

TEST_F(DerivationTest, MaskZeroesTheRevisionAndTheChecksumAndNothingElse) {
  EXPECT_EQ(to_hex(mask(cid_).octets), "101112131415161718001a1b1c1d1e00");
}

TEST_F(DerivationTest, FirmwareUpdateOfTheChipChangesNoKey) {
  auto updated = cid_;
  updated[9] = 0xee;
  updated[15] = 0x77;

  auto before = rpmb_key(root_, mask(cid_));
  auto after = rpmb_key(root_, mask(updated));

  EXPECT_EQ(to_hex(before.view()), to_hex(after.view()));
}

TEST_F(DerivationTest, EveryOtherOctetOfTheCidChangesTheKey) {
  auto original = to_hex(rpmb_key(root_, mask(cid_)).view());

  for (std::size_t i = 0; i < cid_.size(); ++i) {
    if (i == 9 || i == 15) continue;
    auto other = cid_;
    other[i] ^= 1;
    EXPECT_NE(to_hex(rpmb_key(root_, mask(other)).view()), original) << "octet " << i;
  }
}

TEST_F(DerivationTest, RpmbKeyIsTheKnownAnswer) {  // hkdf(root, cid, b'signet rpmb key v1')
  EXPECT_EQ(to_hex(rpmb_key(root_, mask(cid_)).view()),
            "75119c100a0ef2cd67125f7a3a2510e069bce978b032164181ea4fab879fb384");
}

TEST_F(DerivationTest, StoreKeyIsTheKnownAnswer) {  // hkdf(root, cid + store_id, b'signet store v1')
  EXPECT_EQ(to_hex(store_key(root_, mask(cid_), store_id_).view()),
            "5cc02c0bc341d2f4c179bde6efbd105e3f9710b636d61cce2a1083a6f7b0eb3a");
}

TEST_F(DerivationTest, AnotherStoreIdIsAnotherStoreKey) {
  auto first = to_hex(store_key(root_, mask(cid_), store_id_).view());
  store_id_[31] ^= 1;

  EXPECT_NE(to_hex(store_key(root_, mask(cid_), store_id_).view()), first);
}

TEST_F(DerivationTest, UeidIsTheKnownAnswer) {  // b'\1' + hkdf(root, cid, b'signet ueid v1')
  EXPECT_EQ(to_hex(ueid(root_, mask(cid_))), "0158926c9abda0d0ec0ce0d2c05395045e05c888408d1c966267d87b1544fcdd3c");
}

TEST_F(DerivationTest,
       CheckValuesAreTheKnownAnswers) {  // H(rpmb_key, b'signet kcv v1')[:8], H(root, b'signet root check v1')[:8]
  EXPECT_EQ(to_hex(rpmb_key_check(rpmb_key(root_, mask(cid_)))), "b15a838c741f3bee");
  EXPECT_EQ(to_hex(root_check(root_)), "0cc849cb4d040d2c");
}

TEST_F(DerivationTest, BackupProofIsTheKnownAnswer) {  // H(root, b'signet root backup proof v1', b'\x5a' * 32)
  EXPECT_EQ(to_hex(backup_proof(root_, Bytes(32, 0x5a))),
            "c5e7e647ec7372921c8508cdb7a2bb8982e6496a0327e24a4e3c3457687c07ca");
}

}  // namespace
}  // namespace signet::identity
