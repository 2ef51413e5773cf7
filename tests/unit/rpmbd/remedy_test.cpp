#include "rpmbd/remedy.h"

#include <gtest/gtest.h>

namespace signet::rpmbd {
namespace {

TEST(Remedy, ThereIsOneForEverythingAnAdministratorCanFix) {
  for (int code = 3; code < 100; ++code) {
    const auto errc = from_code(code);
    if (!errc || *errc == Errc::no_service) continue;  // that one is the client's to tell
    if (category(*errc) != Category::fix_configuration) continue;

    EXPECT_FALSE(remedy(*errc).empty()) << name(*errc);
  }
}

TEST(Remedy, FollowsTheContextAsASentence) {
  EXPECT_EQ(with_remedy({Errc::io, "read of x"}).context.substr(0, 20), "read of x. Look into");
  EXPECT_EQ(with_remedy({Errc::not_found, "no x"}).context, "no x");
}

}  // namespace
}  // namespace signet::rpmbd
