#include "signetctl/program.h"

#include <gtest/gtest.h>

namespace signet::ctl {
namespace {

using namespace std::chrono_literals;

TEST(RunProgram, TakesOutputErrorsAndStatus) {
  const auto output = run_program({"sh", "-c", "echo out; echo err >&2; exit 3"});

  ASSERT_TRUE(output);
  EXPECT_EQ(output->status, 3);
  EXPECT_EQ(output->text, "out\nerr\n");
}

TEST(RunProgram, GivesUpOnOneThatHangs) { EXPECT_FALSE(run_program({"sleep", "60"}, 50ms)); }

TEST(RunProgram, SaysWhenThereIsNone) { EXPECT_FALSE(run_program({"/nonexistent/program"})); }

TEST(RunProgram, TakesNoInputFromOurs) {
  const auto output = run_program({"cat"});

  ASSERT_TRUE(output);
  EXPECT_EQ(output->text, "");
}

}  // namespace
}  // namespace signet::ctl
