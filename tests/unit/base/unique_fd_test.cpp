#include "base/unique_fd.h"

#include <fcntl.h>
#include <gtest/gtest.h>

namespace signet {
namespace {

bool is_open(int fd) { return ::fcntl(fd, F_GETFD) != -1; }
UniqueFd open_null() { return UniqueFd{::open("/dev/null", O_RDONLY | O_CLOEXEC)}; }

TEST(UniqueFd, ClosesWhenItEnds) {
  int number = -1;
  {
    UniqueFd fd = open_null();
    number = fd.get();
    ASSERT_TRUE(is_open(number));
  }

  EXPECT_FALSE(is_open(number));
}

TEST(UniqueFd, MovingHandsTheDescriptorOn) {
  UniqueFd from = open_null();
  int number = from.get();

  UniqueFd to{std::move(from)};

  EXPECT_EQ(to.get(), number);
  EXPECT_FALSE(from);  // NOLINT(bugprone-use-after-move): that is the promise
  EXPECT_TRUE(is_open(number));
}

TEST(UniqueFd, WhatIsReleasedStaysOpen) {
  UniqueFd from = open_null();
  const UniqueFd to{from.release()};

  EXPECT_FALSE(from);
  EXPECT_TRUE(is_open(to.get()));
}

TEST(UniqueFd, AFailedOpenOwnsNothing) { EXPECT_FALSE(UniqueFd{::open("/nonexistent/file", O_RDONLY | O_CLOEXEC)}); }

}  // namespace
}  // namespace signet
