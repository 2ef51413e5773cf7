#include "rpmbd/metrics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <regex>
#include <sstream>

namespace signet::rpmbd {
namespace {

using testing::HasSubstr;
using testing::Not;

Status ready() {
  Status status{.state = State::ready};
  status.write_counter = 42;
  status.store = rpmb::StoreFacts{.slots = 10, .slots_used = 3, .objects = 3};
  return status;
}

TEST(Metrics, ShowCounterWearSlotsAndNamespaces) {
  const SpaceUsage spaces{{std::make_shared<const Grant>(Grant{.space = "alice", .quota = {.keys = 9}}),
                           Usage{.objects = 1, .bytes = 2, .keys = 3, .writes_today = 4}}};

  const auto text = metrics_text(ready(), spaces, {.wear_budget = 1000, .waiting_calls = 5});

  for (const auto* line :
       {"\nsignet_rpmb_write_counter 42\n", "\nsignet_rpmb_wear_budget 1000\n", "\nsignet_rpmb_slots 10\n",
        "\nsignet_rpmb_slots_used 3\n", "\nsignet_rpmb_waiting_calls 5\n", "\nsignet_rpmb_state{state=\"ready\"} 1\n",
        "\nsignet_rpmb_state{state=\"unavailable\"} 0\n", "\nsignet_rpmb_namespace_bytes{namespace=\"alice\"} 2\n",
        "\nsignet_rpmb_namespace_keys_quota{namespace=\"alice\"} 9\n",
        "\nsignet_rpmb_namespace_writes_today{namespace=\"alice\"} 4\n"}) {
    EXPECT_THAT(text, HasSubstr(line));
  }
}

TEST(Metrics, NameTheProblem) {
  Status status{.state = State::unavailable, .problem = Error{Errc::no_chip, "x"}};

  const auto text = metrics_text(status, {}, {});

  EXPECT_THAT(text, HasSubstr("signet_rpmb_problem{error=\"no_chip\"} 1\n"));
  EXPECT_THAT(text, Not(HasSubstr("write_counter 0")));
}

TEST(Metrics, AreInTheTextFormatLineByLine) {
  const std::regex comment{"# (HELP|TYPE) signet_rpmb_[a-z_]+ .+"};
  const std::regex sample{R"(signet_rpmb_[a-z_]+(\{[a-z]+="[A-Za-z0-9._-]+"\})? [0-9]+)"};
  std::istringstream lines{
      metrics_text(ready(), {{std::make_shared<const Grant>(Grant{.space = "a.b"}), Usage{}}}, {})};
  for (std::string line; std::getline(lines, line);) {
    EXPECT_TRUE(std::regex_match(line, comment) || std::regex_match(line, sample)) << line;
  }
}

}  // namespace
}  // namespace signet::rpmbd
