#include "service/log.h"

#include <gtest/gtest.h>

#include <cstdlib>

namespace signet::service {
namespace {

class Log : public testing::Test {
 protected:
  void SetUp() override { ::unsetenv("JOURNAL_STREAM"); }

  template <class Call>
  std::string captured(bool verbose, Call call) {
    testing::internal::CaptureStderr();
    start_logging("testd", verbose);
    call();
    return testing::internal::GetCapturedStderr();
  }
};

TEST_F(Log, WritesTheMessageWithItsFieldsWhenStandardErrorIsNotTheJournal) {
  const auto text = captured(false, [] {
    log_event(Severity::warning, "worn", {{"SIGNET_CID", "ab"}, {"SIGNET_NAMESPACE", "alice"}});
  });

  EXPECT_NE(text.find("testd warning: worn SIGNET_CID=ab SIGNET_NAMESPACE=alice\n"), std::string::npos) << text;
}

TEST_F(Log, AnErrorBringsItsNameAsAField) {
  const auto text = captured(false, [] { log_error({Errc::wrong_key, "counter read"}, "unavailable"); });

  EXPECT_NE(text.find("unavailable: the chip holds another key: counter read SIGNET_ERROR=wrong_key"),
            std::string::npos)
      << text;
}

TEST_F(Log, DebugMessagesAppearOnlyWhenAskedFor) {
  const auto quiet = captured(false, [] { log_event(Severity::debug, "detail"); });
  const auto verbose = captured(true, [] { log_event(Severity::debug, "detail"); });

  EXPECT_EQ(quiet, "");
  EXPECT_NE(verbose.find("detail"), std::string::npos);
}

// The variable outlives a redirection of standard error; only the device and inode tell.
TEST_F(Log, AJournalStreamOfSomebodyElseIsNotOurs) {
  ::setenv("JOURNAL_STREAM", "1:2", 1);

  const auto text = captured(false, [] { log_event(Severity::info, "plain"); });

  EXPECT_NE(text.find("plain"), std::string::npos);
  ::unsetenv("JOURNAL_STREAM");
}

}  // namespace
}  // namespace signet::service
