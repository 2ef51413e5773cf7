// The program itself: what it prints, and its exit status.
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>

#include <array>
#include <boost/json.hpp>
#include <cstdio>

#include "base/hex.h"
#include "machine.h"

namespace signet::provision {
namespace {

using testing::HasSubstr;
using testing::Not;

struct Outcome {
  int status = -1;
  std::string output;  // of either kind
};

class ProgramTest : public Machine {
 protected:
  Outcome run(const std::string& arguments) {
    std::string command = std::string{RPMBD_PROVISION} + " --root=" + root() + " " + arguments + " 2>&1";
    FILE* pipe = ::popen(command.c_str(), "r");
    Outcome outcome;
    std::array<char, 4096> buffer{};
    while (std::size_t n = std::fread(buffer.data(), 1, buffer.size(), pipe)) outcome.output.append(buffer.data(), n);
    outcome.status = WEXITSTATUS(::pclose(pipe));
    return outcome;
  }
  boost::json::object run_json(const std::string& arguments) {
    return boost::json::parse(run("--json " + arguments).output).as_object();
  }
};

TEST_F(ProgramTest, TellsTheWholeStoryWithoutTheSecret) {
  Outcome created = run("create --to file");
  std::string secret = to_hex(as_bytes(scratch_.read("root/etc/signet/root-secret")));
  Outcome found = run("status");
  Outcome copied = run("backup " + scratch_.path("backup"));

  EXPECT_EQ(created.status, 0);
  EXPECT_THAT(created.output, HasSubstr("rpmbd-provision backup"));
  EXPECT_EQ(found.status, 0);
  EXPECT_THAT(found.output, HasSubstr("/etc/signet/root-secret"));
  EXPECT_EQ(copied.status, 0);
  for (const Outcome& outcome : {created, found, copied}) EXPECT_THAT(outcome.output, Not(HasSubstr(secret)));
  EXPECT_THAT(scratch_.read("backup"), HasSubstr(secret));
}

TEST_F(ProgramTest, SpeaksJson) {
  boost::json::object created = run_json("create --to file");
  boost::json::object found = run_json("status");

  EXPECT_EQ(created, found);
  EXPECT_EQ(found.at("kind"), "file");
  EXPECT_EQ(found.at("path").as_string(), on_machine("/etc/signet/root-secret"));
  EXPECT_EQ(found.at("root_check").as_string().size(), 16U);
  EXPECT_TRUE(found.at("shadowed").as_array().empty());
}

TEST_F(ProgramTest, ReportsErrorsInJsonAndByItsStatus) {
  Outcome missing = run("--json status");

  EXPECT_EQ(missing.status, 22);
  boost::json::value error = boost::json::parse(missing.output).at("error");
  EXPECT_EQ(error.at("name"), "root_secret_missing");
  EXPECT_EQ(error.at("code"), 22);
  EXPECT_EQ(error.at("category"), "fix_configuration");
}

TEST_F(ProgramTest, SecondCreateEndsWithAlreadyExists) {
  ASSERT_EQ(run("create --to file").status, 0);

  Outcome again = run("create");

  EXPECT_EQ(again.status, 5);
  EXPECT_THAT(again.output, HasSubstr("already_exists"));
}

TEST_F(ProgramTest, MisuseEndsWithTwo) {
  EXPECT_EQ(run("").status, 2);
  EXPECT_EQ(run("destroy").status, 2);
  EXPECT_EQ(run("backup").status, 2);
  EXPECT_EQ(run("create --to attic").status, 2);
  EXPECT_EQ(run("status --to file").status, 2);
}

TEST_F(ProgramTest, ExplainsItself) {
  Outcome help = run("--help");

  EXPECT_EQ(help.status, 0);
  for (const char* command : {"create", "backup", "restore", "status"}) EXPECT_THAT(help.output, HasSubstr(command));
}

}  // namespace
}  // namespace signet::provision
