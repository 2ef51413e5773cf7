#include "activation/seal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

namespace signet::activation {
namespace {

MasterKey key_of(std::uint8_t first) {
  MasterKey key;
  key.writable()[0] = first;
  return key;
}

class SealTest : public testing::Test {
 protected:
  Bytes close(std::string_view text) { return seal_.close(as_bytes(text), "thing", as_bytes("its owner"), random_); }

  crypto::SystemRandom random_;
  Seal seal_{key_of(1)};
};

TEST_F(SealTest, WhatIsClosedOpensAgain) {
  const auto opened = seal_.open(close("plain"), "thing", as_bytes("its owner"));

  ASSERT_TRUE(opened);
  EXPECT_EQ(as_text(opened->view()), "plain");
}

TEST_F(SealTest, NothingOfThePlainTextShowsAndNoTwoAreAlike) {
  const Bytes sealed = close("plain text of some length");

  EXPECT_EQ(as_text(sealed).find("plain"), std::string_view::npos);
  EXPECT_NE(sealed, close("plain text of some length"));
}

TEST_F(SealTest, OpensForNoOtherPurposeOwnerOrKey) {
  const Bytes sealed = close("plain");

  for (const auto& opened :
       {seal_.open(sealed, "other", as_bytes("its owner")), seal_.open(sealed, "thing", as_bytes("another")),
        Seal{key_of(2)}.open(sealed, "thing", as_bytes("its owner"))}) {
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().code, Errc::damaged);
  }
}

TEST_F(SealTest, OpensWithNoOctetChangedOrMissing) {
  const Bytes sealed = close("plain");
  for (std::size_t at = 0; at < sealed.size(); ++at) {
    Bytes changed = sealed;
    changed[at] ^= 1;
    EXPECT_FALSE(seal_.open(changed, "thing", as_bytes("its owner"))) << at;
    EXPECT_FALSE(seal_.open(BytesView{sealed}.first(at), "thing", as_bytes("its owner"))) << at;
  }
}

TEST(MasterKeyText, IsOctetsOrHexadecimalDigits) {
  const std::string digits = "00ff" + std::string(60, '1');

  EXPECT_TRUE(parse_master_key(Bytes(32, 5)));
  EXPECT_TRUE(parse_master_key(as_bytes(digits)));
  const auto key = parse_master_key(as_bytes(digits + "\n"));
  ASSERT_TRUE(key);
  EXPECT_EQ(key->view()[1], 0xff);
}

TEST(MasterKeyText, IsRefusedInAnyOtherForm) {
  for (const std::string& text :
       {std::string{}, std::string(31, 'x'), std::string(33, 'x'), std::string(64, 'x'), std::string(66, '1')}) {
    const auto key = parse_master_key(as_bytes(text));
    ASSERT_FALSE(key) << text;
    EXPECT_EQ(key.error().code, Errc::config_invalid);
    EXPECT_TRUE(text.empty() || key.error().context.find(text) == std::string::npos) << "the secret is in the words";
  }
}

}  // namespace
}  // namespace signet::activation
