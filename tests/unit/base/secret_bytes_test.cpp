#include "base/secret_bytes.h"

#include <gtest/gtest.h>

#include <memory>
#include <type_traits>

namespace signet {
namespace {

using Secret = SecretBytes<32>;

constexpr std::array<std::uint8_t, 32> kValue = {1, 2, 3, 4, 5, 6, 7, 8};
constexpr std::array<std::uint8_t, 32> kZeros{};

static_assert(!std::is_copy_constructible_v<Secret> && !std::is_copy_assignable_v<Secret>);
static_assert(!std::is_copy_constructible_v<SecretBuffer> && !std::is_copy_assignable_v<SecretBuffer>);

TEST(SecretBytes, AreWipedWhenDestroyed) {
  alignas(Secret) std::array<std::uint8_t, sizeof(Secret)> memory{};
  auto* secret = std::construct_at(reinterpret_cast<Secret*>(memory.data()), std::span<const std::uint8_t, 32>{kValue});
  ASSERT_EQ(memory, kValue);

  std::destroy_at(secret);

  EXPECT_EQ(memory, kZeros);
}

TEST(SecretBytes, MovingLeavesNothingBehind) {
  Secret from{kValue};

  Secret to{std::move(from)};

  EXPECT_TRUE(std::ranges::equal(to.view(), kValue));
  EXPECT_TRUE(std::ranges::equal(from.view(), kZeros));  // NOLINT(bugprone-use-after-move): that is the promise
}

TEST(SecretBytes, MoveAssignmentLeavesNothingBehind) {
  Secret from{kValue};
  Secret to;

  to = std::move(from);

  EXPECT_TRUE(std::ranges::equal(to.view(), kValue));
  EXPECT_TRUE(std::ranges::equal(from.view(), kZeros));  // NOLINT(bugprone-use-after-move): that is the promise
}

TEST(SecretBytes, MoveAssignmentToItselfKeepsTheSecret) {
  Secret secret{kValue};
  Secret& same = secret;

  secret = std::move(same);

  EXPECT_TRUE(std::ranges::equal(secret.view(), kValue));
}

TEST(SecretBytes, ACloneIsACopyOfItsOwn) {
  Secret secret{kValue};

  Secret copy = secret.clone();
  secret.clear();

  EXPECT_TRUE(std::ranges::equal(copy.view(), kValue));
}

TEST(SecretBytes, ClearingZeroes) {
  Secret secret{kValue};

  secret.clear();

  EXPECT_TRUE(std::ranges::equal(secret.view(), kZeros));
}

TEST(SecretBuffer, HoldsWhatItWasGiven) {
  SecretBuffer buffer{BytesView{kValue}};

  EXPECT_TRUE(std::ranges::equal(buffer.view(), kValue));
  EXPECT_EQ(buffer.size(), kValue.size());
}

TEST(SecretBuffer, MovingLeavesItEmpty) {
  SecretBuffer from{BytesView{kValue}};

  SecretBuffer to{std::move(from)};

  EXPECT_TRUE(std::ranges::equal(to.view(), kValue));
  EXPECT_EQ(from.size(), 0u);  // NOLINT(bugprone-use-after-move): that is the promise
}

TEST(SecretBuffer, ClearingEmptiesIt) {
  SecretBuffer buffer{BytesView{kValue}};

  buffer.clear();

  EXPECT_EQ(buffer.size(), 0u);
}

TEST(SecretBuffer, AnEmptyOneCanBeClearedAndDestroyed) {
  SecretBuffer buffer;

  buffer.clear();

  EXPECT_TRUE(buffer.view().empty());
}

}  // namespace
}  // namespace signet
