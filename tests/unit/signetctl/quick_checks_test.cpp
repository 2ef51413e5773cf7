#include "signetctl/quick_checks.h"

#include <gtest/gtest.h>

namespace signet::ctl {
namespace {

TEST(QuickChecks, AllPassHere) {
  const auto checks = run_quick_checks();

  EXPECT_EQ(checks.size(), 8u);
  for (const auto& check : checks) EXPECT_EQ(check.reason, "") << check.name;
}

}  // namespace
}  // namespace signet::ctl
