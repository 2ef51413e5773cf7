#include "rpmbd/policy.h"

#include <gtest/gtest.h>

#include <map>

namespace signet::rpmbd {
namespace {

// The user database of a machine, which an administrator may change while the daemon runs.
class FakeUsers final : public UserDatabase {
 public:
  std::optional<std::string> name_of(uid_t uid) const override {
    const auto found = names.find(uid);
    return found == names.end() ? std::nullopt : std::optional{found->second};
  }
  std::optional<uid_t> uid_of(const std::string& name) const override {
    for (const auto& [uid, user] : names) {
      if (user == name) return uid;
    }
    return std::nullopt;
  }
  std::map<uid_t, std::string> names;
};

ClientRule rule(std::string user, std::string space, std::string unit = "", std::string selinux = "") {
  return {std::move(user),
          std::move(unit),
          std::move(selinux),
          {.space = std::move(space), .rights = static_cast<std::uint8_t>(Right::store)}};
}

std::function<Result<std::string>()> in(std::string unit) {
  return [unit = std::move(unit)] { return unit; };
}

class PolicyTest : public testing::Test {
 protected:
  PolicyTest() { users_.names = {{1000, "alice"}, {1001, "bob"}}; }

  std::string space_of(const Policy& policy, const Caller& caller) {
    const auto grant = policy.grant(caller);
    return grant ? (*grant)->space : "error: " + std::string{name(grant.error().code)};
  }

  FakeUsers users_;
};

TEST_F(PolicyTest, MapsAUserToItsNamespace) {
  const Policy policy{{rule("alice", "a"), rule("bob", "b")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1000}), "a");
  EXPECT_EQ(space_of(policy, {.uid = 1001}), "b");
}

TEST_F(PolicyTest, AUserWithoutAnEntryGetsNothing) {
  const Policy policy{{rule("alice", "a")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1001}), "error: access_denied");
  EXPECT_EQ(space_of(policy, {.uid = 0}), "error: access_denied");  // root is a user like any other
}

TEST_F(PolicyTest, AUidThatGoesToAnotherUserCarriesNothingOver) {
  const Policy policy{{rule("alice", "a"), rule("bob", "b")}, users_};
  ASSERT_EQ(space_of(policy, {.uid = 1000}), "a");

  users_.names = {{1000, "mallory"}, {1001, "bob"}};

  EXPECT_EQ(space_of(policy, {.uid = 1000}), "error: access_denied");
}

TEST_F(PolicyTest, AUserWhoGetsAnotherUidKeepsItsNamespace) {
  const Policy policy{{rule("alice", "a")}, users_};

  users_.names = {{2000, "alice"}};

  EXPECT_EQ(space_of(policy, {.uid = 2000}), "a");
  EXPECT_EQ(space_of(policy, {.uid = 1000}), "error: access_denied");
}

TEST_F(PolicyTest, AUidWithoutANameGetsNothing) {
  users_.names.clear();
  const Policy policy{{rule("alice", "a"), rule("1000", "number")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1000}), "error: access_denied");
}

TEST_F(PolicyTest, ASecondUidOfTheSameNameGetsNothing) {
  users_.names = {{1000, "alice"}, {3000, "alice"}};
  const Policy policy{{rule("alice", "a")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1000}), "a");
  EXPECT_EQ(space_of(policy, {.uid = 3000}), "error: access_denied");
}

TEST_F(PolicyTest, AConditionOnTheUnitMustHold) {
  const Policy policy{{rule("alice", "service", "shop.service")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1000, .unit = in("shop.service")}), "service");
  EXPECT_EQ(space_of(policy, {.uid = 1000, .unit = in("other.service")}), "error: access_denied");
  EXPECT_EQ(space_of(policy, {.uid = 1000}), "error: access_denied");
  EXPECT_EQ(space_of(policy, {.uid = 1001, .unit = in("shop.service")}), "error: access_denied");
}

TEST_F(PolicyTest, AUnitThatNobodyCanTellIsNoReasonToFallBackToAnotherRule) {
  const Policy policy{{rule("alice", "plain"), rule("alice", "service", "shop.service"), rule("bob", "b")}, users_};
  const auto silent = [] { return Result<std::string>{fail(Errc::busy, "systemd is silent")}; };

  EXPECT_EQ(space_of(policy, {.uid = 1000, .unit = silent}), "error: busy");
  EXPECT_EQ(space_of(policy, {.uid = 1001, .unit = silent}), "b");  // not asked for
}

TEST_F(PolicyTest, AConditionOnTheSelinuxLabelMustHold) {
  const Policy policy{{rule("alice", "labelled", "", "u:r:shop:s0")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1000, .selinux = "u:r:shop:s0"}), "labelled");
  EXPECT_EQ(space_of(policy, {.uid = 1000, .selinux = "u:r:shop:s1"}), "error: access_denied");
}

TEST_F(PolicyTest, TheRuleWithTheMostConditionsDecides) {
  const Policy policy{
      {rule("alice", "plain"), rule("alice", "unit", "x.service"), rule("alice", "both", "x.service", "l")}, users_};

  EXPECT_EQ(space_of(policy, {.uid = 1000}), "plain");
  EXPECT_EQ(space_of(policy, {.uid = 1000, .unit = in("x.service")}), "unit");
  EXPECT_EQ(space_of(policy, {.uid = 1000, .unit = in("x.service"), .selinux = "l"}), "both");
}

TEST_F(PolicyTest, ReplacingTheRulesLeavesGrantsInUseAlone) {
  Policy policy{{rule("alice", "a")}, users_};
  const auto held = *policy.grant({.uid = 1000});

  policy.replace({rule("bob", "b")});

  EXPECT_EQ(held->space, "a");
  EXPECT_EQ(space_of(policy, {.uid = 1000}), "error: access_denied");
  EXPECT_EQ(space_of(policy, {.uid = 1001}), "b");
}

TEST_F(PolicyTest, ListsEveryNamespaceOnce) {
  const Policy policy{{rule("bob", "b"), rule("alice", "shared"), rule("bob", "shared", "x.service")}, users_};

  const auto grants = policy.grants();

  ASSERT_EQ(grants.size(), 2U);
  EXPECT_EQ(grants[0]->space, "b");
  EXPECT_EQ(grants[1]->space, "shared");
}

TEST(SystemUsers, KnowsRootAndNotEverybody) {
  const SystemUsers users;

  EXPECT_EQ(users.name_of(0), "root");
  EXPECT_EQ(users.uid_of("root"), 0U);
  EXPECT_EQ(users.uid_of("no such user"), std::nullopt);
}

}  // namespace
}  // namespace signet::rpmbd
