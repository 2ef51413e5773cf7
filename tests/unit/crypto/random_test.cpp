#include "crypto/random.h"

#include <gtest/gtest.h>

#include <set>

namespace signet::crypto {
namespace {

TEST(SystemRandom, NeverGivesTheSameTwice) {
  SystemRandom random;
  std::set<std::array<std::uint8_t, 16>> seen;
  for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(random.bytes<16>()).second);
}

TEST(SystemRandom, FillsLargeAndEmptyBuffers) {
  SystemRandom random;
  std::vector<std::uint8_t> large(1'000'000);

  random.fill(large);
  random.fill({});

  std::array<std::size_t, 256> count{};
  for (std::uint8_t octet : large) ++count[octet];
  for (std::size_t octets : count) EXPECT_NEAR(static_cast<double>(octets), 3906.0, 600.0);  // ten standard deviations
}

}  // namespace
}  // namespace signet::crypto
