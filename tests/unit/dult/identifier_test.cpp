#include "dult/identifier.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace signet::dult {
namespace {

// "ident-0" and "nfc-0" of tests/vectors/dult.json.
Identifier known() {
  const Bytes eid = *from_hex("979e712cc6518b589bcaf477d8c95733d8c019c6");
  const Bytes recovery_key = *from_hex("30c769addfd28d2c");
  return make_identifier(BytesView{eid}.first<kTruncatedEidSize>(), BytesView{recovery_key}.first<8>());
}

TEST(Identifier, IsTheBeginningOfTheEidAndItsMac) {
  EXPECT_EQ(to_hex(known()), "979e712cc6518b589bca319506793601796a");
}

TEST(Identifier, TheNfcAddressCarriesIdentifierAndProductData) {
  EXPECT_EQ(nfc_url(known(), {0x92, 0x66, 0xe8}),
            "https://find-my.googleapis.com/lookup?e=979e712cc6518b589bca319506793601796a&pid=00000000009266e8");
}

}  // namespace
}  // namespace signet::dult
