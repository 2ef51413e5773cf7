#include "activation/credentials.h"

#include "base/base64.h"
#include "unit/activation/registrar_fixture.h"

namespace signet::activation {
namespace {

class CredentialsTest : public RegistrarFixture {
 protected:
  Credentials& credentials() { return registrar_->credentials(); }
  std::string add(const Actor& actor) {
    auto added = credentials().add(actor, "root");
    EXPECT_TRUE(added) << to_string(added.error());
    return added.value_or("");
  }
};

TEST_F(CredentialsTest, SayWhoItIs) {
  const std::string credential = add({.name = "acme", .role = Role::vendor, .models = {"m1", "m2"}});

  const auto actor = credentials().authenticate(credential);

  ASSERT_TRUE(actor);
  EXPECT_EQ(actor->name, "acme");
  EXPECT_EQ(actor->role, Role::vendor);
  EXPECT_EQ(actor->models, (std::vector<std::string>{"m1", "m2"}));
}

TEST_F(CredentialsTest, OnlyTheHashOfTheSecretIsKept) {
  const std::string credential = add({.name = "acme", .role = Role::vendor});
  const std::string secret = credential.substr(credential.find('.') + 1);
  const auto octets = from_base64url(secret).value();
  ASSERT_EQ(octets.size(), 32U);

  const auto records = credentials().list().value();

  ASSERT_EQ(records.size(), 1U);
  EXPECT_EQ(records.front().secret_hash, crypto::sha256(octets));
}

TEST_F(CredentialsTest, ThatAreWrongAreRefusedInTheSameWords) {
  const std::string credential = add({.name = "acme", .role = Role::vendor});
  std::string altered = credential;
  altered[altered.size() - 2] = altered[altered.size() - 2] == 'A' ? 'B' : 'A';
  const std::string secret = credential.substr(credential.find('.'));

  for (const std::string& wrong :
       {std::string{}, std::string{"acme"}, std::string{"acme."}, altered, "other" + secret, credential + "A"}) {
    const auto actor = credentials().authenticate(wrong);
    ASSERT_FALSE(actor) << wrong;
    EXPECT_EQ(actor.error().code, Errc::access_denied);
    EXPECT_EQ(actor.error().context, "the credential is not known");
  }
}

TEST_F(CredentialsTest, OnceRemovedAreNoLongerTaken) {
  const std::string credential = add({.name = "acme", .role = Role::vendor});
  ASSERT_TRUE(credentials().authenticate(credential));

  ASSERT_TRUE(credentials().remove("acme", "root"));

  EXPECT_FALSE(credentials().authenticate(credential));
  EXPECT_EQ(credentials().remove("acme", "root").error().code, Errc::not_found);
}

TEST_F(CredentialsTest, RemovedByAnotherProcessAreTakenFiveSecondsAtMost) {
  const std::string credential = add({.name = "acme", .role = Role::vendor});
  ASSERT_TRUE(credentials().authenticate(credential));
  Credentials elsewhere{*store_, clock_, random_};
  ASSERT_TRUE(elsewhere.remove("acme", "root"));

  EXPECT_TRUE(credentials().authenticate(credential));
  clock_.advance(Credentials::kFresh);

  EXPECT_FALSE(credentials().authenticate(credential));
}

TEST_F(CredentialsTest, HaveANameOfTheirOwn) {
  add({.name = "acme", .role = Role::vendor});

  const auto again = credentials().add({.name = "acme", .role = Role::operator_}, "root");

  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, Errc::already_exists);
}

TEST_F(CredentialsTest, NamesAndModelsThatDoNotFitAreRefused) {
  for (const Actor& actor :
       {Actor{.name = ""}, Actor{.name = "Acme"}, Actor{.name = "a.b"}, Actor{.name = std::string(65, 'a')},
        Actor{.name = "a", .models = {"m 1"}}, Actor{.name = "a", .models = std::vector<std::string>(101, "m")}}) {
    const auto added = credentials().add(actor, "root");
    ASSERT_FALSE(added) << actor.name;
    EXPECT_EQ(added.error().code, Errc::invalid_argument);
  }
}

TEST_F(CredentialsTest, ComingAndGoingAreOnRecordWithoutTheSecret) {
  const std::string credential = add({.name = "acme", .role = Role::vendor});
  ASSERT_TRUE(credentials().remove("acme", "boss"));

  std::vector<std::string> actions;
  for (const AuditEntry& entry : audit()) {
    actions.push_back(entry.action);
    EXPECT_EQ(entry.detail.find(credential.substr(5)), std::string::npos);
  }

  EXPECT_EQ(actions.at(actions.size() - 2), "add_credential");
  EXPECT_EQ(actions.back(), "remove_credential");
  EXPECT_EQ(audit().back().actor, "boss");
}

}  // namespace
}  // namespace signet::activation
