#include "fmdnd/arrivals.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <optional>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

struct ArrivalsTest : testing::Test {
  void wait_for(const std::string& path) {
    arrivals.emplace(loop, path, [this] { ++changes; });
  }
  // Whether anything was told since it was asked before.
  bool told() {
    loop.restart();
    while (loop.run_one_for(std::chrono::milliseconds{20}) > 0) {
    }
    return std::exchange(changes, 0) > 0;
  }

  identity::TemporaryDirectory directory;
  boost::asio::io_context loop;
  std::optional<Arrivals> arrivals;
  int changes = 0;
};

TEST_F(ArrivalsTest, WhatComesAndGoesIsTold) {
  wait_for(directory.path("event0"));
  EXPECT_FALSE(told()) << "nothing yet";

  directory.write("event0", "");
  EXPECT_TRUE(told());
  std::filesystem::remove(directory.path("event0"));

  EXPECT_TRUE(told());
}

TEST_F(ArrivalsTest, RightsThatAreGivenAfterwardsAreTold) {
  directory.write("event0", "", 0);
  wait_for(directory.path("event0"));

  std::filesystem::permissions(directory.path("event0"), std::filesystem::perms::owner_read);

  EXPECT_TRUE(told());
}

TEST_F(ArrivalsTest, DirectoriesMayComeLater) {
  wait_for(directory.path("input/by-path/button"));

  std::filesystem::create_directories(directory.path("input/by-path"));
  EXPECT_TRUE(told());
  directory.write("input/by-path/button", "");
  EXPECT_TRUE(told());
  std::filesystem::remove_all(directory.path("input"));
  EXPECT_TRUE(told());
  std::filesystem::create_directories(directory.path("input"));
  EXPECT_TRUE(told()) << "and come again";
  std::filesystem::create_directories(directory.path("input/by-path"));

  EXPECT_TRUE(told());
}

TEST_F(ArrivalsTest, BehindALinkADeviceIsSeenAsWell) {
  std::filesystem::create_directories(directory.path("input/by-path"));
  std::filesystem::create_symlink("../event0", directory.path("input/by-path/button"));
  wait_for(directory.path("input/by-path/button"));

  directory.write("input/event0", "");

  EXPECT_TRUE(told());
}

TEST_F(ArrivalsTest, LinksInACircleDoNoHarm) {
  std::filesystem::create_symlink("b", directory.path("a"));
  std::filesystem::create_symlink("a", directory.path("b"));

  wait_for(directory.path("a"));

  EXPECT_FALSE(told());
}

}  // namespace
}  // namespace signet::fmdnd
