#include "crypto/scrypt.h"

#include <gtest/gtest.h>

#include "base/hex.h"

namespace signet::crypto {
namespace {

std::string derived(std::string_view pass_phrase, std::string_view salt, const ScryptCost& cost) {
  Bytes key(64);
  if (!scrypt(as_bytes(pass_phrase), as_bytes(salt), cost, key)) return "failed";
  return to_hex(key);
}

TEST(Scrypt, KnownAnswersOfTheStandard) {  // RFC 7914, section 12
  EXPECT_EQ(derived("", "", {.log2_n = 4, .block_size = 1, .parallel = 1}),
            "77d6576238657b203b19ca42c18a0497f16b4844e3074ae8dfdffa3fede21442"
            "fcd0069ded0948f8326a753a0fc81f17e8d3e0fb2e0d3628cf35e20c38d18906");
  EXPECT_EQ(derived("password", "NaCl", {.log2_n = 10, .block_size = 8, .parallel = 16}),
            "fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162"
            "2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640");
}

TEST(Scrypt, TakesTheCostThatKeyringsHave) {
  Bytes key(32);

  EXPECT_TRUE(scrypt(as_bytes("pass phrase"), as_bytes("salt"), ScryptCost{}, key));
}

TEST(Scrypt, RefusesACostThatThereIsNot) {
  Bytes key(32);

  EXPECT_FALSE(scrypt({}, {}, {.log2_n = 0, .block_size = 8, .parallel = 1}, key));
  EXPECT_FALSE(scrypt({}, {}, {.log2_n = 63, .block_size = 8, .parallel = 1}, key));
  EXPECT_FALSE(scrypt({}, {}, {.log2_n = 10, .block_size = 0, .parallel = 1}, key));
}

}  // namespace
}  // namespace signet::crypto
