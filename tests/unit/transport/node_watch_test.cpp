#include "rpmb/transport/node/node_watch.h"

#include <gtest/gtest.h>

#include "fake_sysfs.h"

namespace signet::rpmb {
namespace {

TEST(NodeWatch, SeesANodeThatAppears) {
  TemporaryDirectory devices;
  auto watch = NodeWatch::open(devices.path());
  ASSERT_TRUE(watch);
  ASSERT_FALSE(watch->drain());

  write_file(devices.path() / "mmcblk0rpmb", "");

  EXPECT_TRUE(watch->drain());
  EXPECT_FALSE(watch->drain());
}

TEST(NodeWatch, SeesPermissionsThatChange) {
  TemporaryDirectory devices;
  write_file(devices.path() / "mmcblk0rpmb", "");
  auto watch = NodeWatch::open(devices.path());
  ASSERT_TRUE(watch);

  std::filesystem::permissions(devices.path() / "mmcblk0rpmb", std::filesystem::perms::owner_all);

  EXPECT_TRUE(watch->drain());
}

TEST(NodeWatch, WantsADirectory) {
  TemporaryDirectory devices;

  EXPECT_EQ(NodeWatch::open(devices.path() / "missing").error().code, Errc::config_invalid);
}

}  // namespace
}  // namespace signet::rpmb
