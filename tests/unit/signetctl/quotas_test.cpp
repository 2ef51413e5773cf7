#include "signetctl/doctor/quotas.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::ctl {
namespace {

constexpr const char* kMetrics = R"(# HELP signet_rpmb_slots Slots of the store
# TYPE signet_rpmb_slots gauge
signet_rpmb_slots 100
# HELP signet_rpmb_namespace_objects Objects and counters of a namespace
# TYPE signet_rpmb_namespace_objects gauge
signet_rpmb_namespace_objects{namespace="alice"} 3
signet_rpmb_namespace_objects{namespace="bob"} 64
# HELP signet_rpmb_namespace_objects_quota The quota of it
# TYPE signet_rpmb_namespace_objects_quota gauge
signet_rpmb_namespace_objects_quota{namespace="alice"} 32
signet_rpmb_namespace_objects_quota{namespace="bob"} 64
signet_rpmb_namespace_writes_today{namespace="alice"} 7
signet_rpmb_namespace_writes_today_quota{namespace="alice"} 200
)";

TEST(Quotas, AreThoseOfEveryNamespaceInTheMetrics) {
  const auto quotas = quotas_in(kMetrics);

  ASSERT_EQ(quotas.size(), 3u);
  EXPECT_EQ(quotas[0].what, "objects of namespace alice");
  EXPECT_EQ(quotas[0].used, 3u);
  EXPECT_EQ(quotas[0].most, 32u);
  EXPECT_EQ(quotas[1].what, "objects of namespace bob");
  EXPECT_EQ(quotas[1].used, 64u);
  EXPECT_EQ(quotas[2].what, "writes a day of namespace alice");
  EXPECT_EQ(quotas[2].used, 7u);
  EXPECT_EQ(quotas[2].most, 200u);
}

TEST(Quotas, AreNotGuessedFromHalfOfThem) {
  EXPECT_TRUE(quotas_in("").empty());
  EXPECT_TRUE(quotas_in("signet_rpmb_namespace_keys_quota{namespace=\"a\"} 16\n").empty());
  EXPECT_TRUE(quotas_in("signet_rpmb_namespace_keys{namespace=\"a\"} many\n"
                        "signet_rpmb_namespace_keys_quota{namespace=\"a\"} 16")
                  .empty());
}

TEST(Quotas, SurviveDamagedMetrics) {
  RandomOctets random{1};

  EXPECT_TRUE(quotas_in(random.exactly(10'000)).empty());
  for (int i = 0; i < kRandomStrings; ++i) EXPECT_LE(quotas_in(random.damaged(kMetrics)).size(), 3u);
}

}  // namespace
}  // namespace signet::ctl
