#include "service/options.h"

#include <gtest/gtest.h>

#include <vector>

namespace signet::service {
namespace {

const Program kProgram{.name = "testd",
                       .version = "9.8",
                       .purpose = "Tests.",
                       .default_config = "/etc/testd.toml",
                       .default_state_dir = "/var/lib/testd"};

Options parse(std::vector<std::string> words) {
  std::vector<char*> argv;
  for (auto& word : words) argv.push_back(word.data());
  return parse_options(kProgram, static_cast<int>(argv.size()), argv.data());
}

TEST(Options, AreTheDefaultsWithoutACommandLine) {
  const auto options = parse({"testd"});

  EXPECT_EQ(options.config, "/etc/testd.toml");
  EXPECT_EQ(options.state_dir, "/var/lib/testd");
  EXPECT_FALSE(options.check_config);
  EXPECT_FALSE(options.verbose);
}

TEST(Options, TakeFileDirectoryAndFlags) {
  const auto options = parse({"testd", "--config", "a.toml", "--state-dir=b", "--check-config", "--verbose"});

  EXPECT_EQ(options.config, "a.toml");
  EXPECT_EQ(options.state_dir, "b");
  EXPECT_TRUE(options.check_config);
  EXPECT_TRUE(options.verbose);
}

TEST(OptionsDeathTest, VersionAndHelpEndWithSuccess) {
  EXPECT_EXIT(parse({"testd", "--version"}), testing::ExitedWithCode(0), "");
  EXPECT_EXIT(parse({"testd", "--help"}), testing::ExitedWithCode(0), "");
}

TEST(OptionsDeathTest, WhatIsNotUnderstoodIsAUsageErrorThatNamesIt) {
  EXPECT_EXIT(parse({"testd", "--colour"}), testing::ExitedWithCode(2), "^testd: .*--colour");
  EXPECT_EXIT(parse({"testd", "--config"}), testing::ExitedWithCode(2), "--config");
}

}  // namespace
}  // namespace signet::service
