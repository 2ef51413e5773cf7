#include "rpmbd/overcommit.h"

#include <gmock/gmock.h>

namespace signet::rpmbd {
namespace {

using ::testing::HasSubstr;

std::vector<std::shared_ptr<const Grant>> promising(std::initializer_list<std::uint32_t> quotas) {
  std::vector<std::shared_ptr<const Grant>> grants;
  for (const auto bytes : quotas) grants.push_back(std::make_shared<const Grant>(Grant{.quota = {.bytes = bytes}}));
  return grants;
}

rpmb::StoreFacts store_of_4_kib() {
  rpmb::StoreFacts facts;
  facts.slots = 8;
  facts.slot_blocks = 2;
  return facts;
}

TEST(Overcommit, QuotasThatFitAreNoMatter) {
  EXPECT_EQ(overcommitted(promising({2048, 2048}), store_of_4_kib()), std::nullopt);
}

TEST(Overcommit, QuotasThatDoNotFitTogetherAreNamedWithBothSums) {
  const auto warning = overcommitted(promising({2048, 2049}), store_of_4_kib());

  ASSERT_TRUE(warning);
  EXPECT_THAT(*warning, HasSubstr("2 namespaces promise 4097 octets together, and the store has 4096"));
}

TEST(Overcommit, ManyLargeQuotasDoNotOverflowTheSum) {
  EXPECT_TRUE(overcommitted(promising({0xffffffff, 0xffffffff}), store_of_4_kib()));
}

}  // namespace
}  // namespace signet::rpmbd
