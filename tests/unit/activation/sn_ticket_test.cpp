#include <set>

#include "unit/activation/registrar_fixture.h"

namespace signet::activation {
namespace {

class SnTicketTest : public RegistrarFixture {
 protected:
  Result<std::vector<SnTicket>> issue(const Actor& actor, const std::string& model,
                                      const std::vector<std::string>& sns) {
    return await<std::vector<SnTicket>>([&](auto done) { registrar_->issue_sn_tickets(actor, model, sns, done); });
  }
  Errc error_of(const Actor& actor, const std::string& model, const std::vector<std::string>& sns) {
    auto issued = issue(actor, model, sns);
    EXPECT_FALSE(issued);
    return issued ? Errc::internal : issued.error().code;
  }
};

TEST_F(SnTicketTest, Are32LettersAndDigitsOneForEachSerialNumberForFiveMinutes) {
  std::vector<std::string> sns;
  for (int i = 0; i < 1000; ++i) sns.push_back("sn" + std::to_string(i));

  const auto issued = issue(vendor_, "m1", sns);

  ASSERT_TRUE(issued);
  ASSERT_EQ(issued->size(), 1000U);
  std::set<std::string> different;
  for (std::size_t i = 0; i < sns.size(); ++i) {
    EXPECT_EQ((*issued)[i].sn, sns[i]);
    EXPECT_TRUE(identity::check_sn_ticket((*issued)[i].ticket)) << (*issued)[i].ticket;
    EXPECT_EQ((*issued)[i].expires_at, clock_.now() + std::chrono::minutes{5});
    different.insert((*issued)[i].ticket);
  }
  EXPECT_EQ(different.size(), 1000U);
}

TEST_F(SnTicketTest, ManyAreOneEntryOfTheAuditLog) {
  const auto before = audit().size();

  ASSERT_TRUE(issue(vendor_, "m1", {"a", "b", "c"}));

  EXPECT_EQ(audit().size(), before + 1);
  EXPECT_EQ(audit().back().detail, "3");
}

TEST_F(SnTicketTest, AreForVendorsOfTheModel) {
  EXPECT_EQ(error_of(verifier_, "m1", {"a"}), Errc::access_denied);
  EXPECT_EQ(error_of(operator_, "m1", {"a"}), Errc::access_denied);
  EXPECT_EQ(error_of({.name = "acme", .role = Role::vendor, .models = {"m2"}}, "m1", {"a"}), Errc::access_denied);
  EXPECT_TRUE(issue({.name = "acme", .role = Role::vendor, .models = {"m2"}}, "m2", {"a"}));
}

TEST_F(SnTicketTest, BadInputIsNamedAndNothingIsIssued) {
  EXPECT_EQ(error_of(vendor_, "m 1", {"a"}), Errc::invalid_argument);
  EXPECT_EQ(error_of(vendor_, "m1", {}), Errc::invalid_argument);
  EXPECT_EQ(error_of(vendor_, "m1", std::vector<std::string>(1001, "a")), Errc::invalid_argument);
  EXPECT_EQ(error_of(vendor_, "m1", {"a", "b", "a"}), Errc::invalid_argument);
  const auto starred = issue(vendor_, "m1", {"good", "sn*"});
  ASSERT_FALSE(starred);
  EXPECT_TRUE(starred.error().context.starts_with("sns[1]: ")) << starred.error().context;

  const auto counts = await<Counts>([&](auto done) { registrar_->counts(done); });
  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->records.sn_tickets, 0U);
}

}  // namespace
}  // namespace signet::activation
