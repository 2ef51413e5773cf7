// What an ordinary client sees: every interface once, end to end.
#include <gmock/gmock.h>
#include <sys/wait.h>

#include <csignal>
#include <fstream>

#include "tests/bus/rpmbd_process.h"

namespace signet::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

using Objects = std::vector<sdbus::Struct<std::string, std::uint32_t>>;
using Change = sdbus::Struct<std::string, bool, Bytes>;

class Rpmbd : public RpmbdTest {};

TEST_F(Rpmbd, ProvisionsAChipAfterADryRunAndIsReady) {
  start();
  wait_for_problem("not_provisioned");
  auto admin = client();
  EXPECT_EQ(admin.property<std::string>("State"), "unavailable");
  EXPECT_THAT(admin.property<std::string>("Remedy"), HasSubstr("signetctl chip provision"));

  const auto plan = admin.call<Dictionary>(kChip, "PlanProvisioning");
  EXPECT_TRUE(plan.at("refusals").get<std::vector<std::string>>().empty());
  admin.run(kChip, "Provision", plan.at("cid").get<std::string>(),
            Dictionary{{"root_backup", sdbus::Variant{"none-accepted"}}});

  EXPECT_EQ(admin.property<std::string>("State"), "ready");
  EXPECT_EQ(admin.property<std::string>("Problem"), "");
  EXPECT_TRUE(admin.property<Dictionary>("Chip").at("emulated").get<bool>());
  EXPECT_EQ(admin.property<std::uint32_t>("InterfaceVersion"), 1U);
  EXPECT_GT(admin.call<std::uint32_t>(kChip, "ReadCounter"), 0U);
}

TEST_F(Rpmbd, KeepsObjects) {
  start_ready();
  auto user = client();

  user.put("one", {1, 2, 3});
  user.run(kStore, "Apply", std::vector<Change>{{"two", false, Bytes{2}}, {"three", false, Bytes(4096, 3)}});
  user.run(kStore, "Delete", std::string{"two"});

  EXPECT_EQ(user.get("one"), (Bytes{1, 2, 3}));
  EXPECT_EQ(user.get("three"), Bytes(4096, 3));
  const auto objects = user.call<Objects>(kStore, "List", std::string{""});
  ASSERT_EQ(objects.size(), 2U);
  EXPECT_EQ(objects[0].get<0>(), "one");
  EXPECT_EQ(objects[1].get<1>(), 4096U);
  EXPECT_EQ(user.call<Objects>(kStore, "List", std::string{"th"}).size(), 1U);
  EXPECT_EQ(user.call<Dictionary>(kStore, "Usage").at("bytes").get<std::uint32_t>(), 4099U);
  EXPECT_EQ(error_of([&] { user.get("two"); }), "NotFound");
}

TEST_F(Rpmbd, SignsAndVerifiesWithKeysThatStayInside) {
  start_ready();
  auto user = client();
  const Bytes data{1, 2, 3};
  for (const std::string algorithm : {"ecdsa-p256", "hmac-sha256"}) {
    user.run(kKeys, "Generate", algorithm, algorithm);

    const auto signature = user.call<Bytes>(kKeys, "Sign", algorithm, data);

    EXPECT_EQ(signature.size(), algorithm == "ecdsa-p256" ? 64U : 32U);
    EXPECT_TRUE(user.call<bool>(kKeys, "Verify", algorithm, data, signature));
    EXPECT_FALSE(user.call<bool>(kKeys, "Verify", algorithm, Bytes{9}, signature));
    EXPECT_FALSE(user.call<bool>(kKeys, "Verify", algorithm, data, Bytes{}));
  }
  EXPECT_FALSE(user.call<Bytes>(kKeys, "PublicKey", std::string{"ecdsa-p256"}).empty());
  EXPECT_EQ(error_of([&] { user.call<Bytes>(kKeys, "PublicKey", std::string{"hmac-sha256"}); }), "Unsupported");
  EXPECT_EQ(error_of([&] { user.run(kKeys, "Generate", std::string{"x"}, std::string{"rot13"}); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { user.run(kKeys, "Generate", std::string{"ecdsa-p256"}, std::string{"ecdsa-p256"}); }),
            "AlreadyExists");
}

TEST_F(Rpmbd, CountsUpwards) {
  start_ready();
  auto user = client();
  const std::string name{"boots"};

  const auto first = user.call<std::uint64_t>(kCounters, "Create", name);
  const auto second = user.call<std::uint64_t>(kCounters, "Increment", name);

  EXPECT_GT(second, first);
  EXPECT_EQ(user.call<std::uint64_t>(kCounters, "Read", name), second);
  user.run(kCounters, "Delete", name);
  EXPECT_GT(user.call<std::uint64_t>(kCounters, "Create", name), second);
}

TEST_F(Rpmbd, GivesEvidenceThatItCanJudge) {
  start_ready();
  auto user = client();
  const Bytes data{4, 5, 6};

  const auto frames = user.call<Bytes>(kEvidence, "Get", data);

  EXPECT_EQ(frames.size(), 2560U);
  std::string verdict;
  Dictionary facts;
  user.proxy().callMethod("Verify").onInterface(kEvidence).withArguments(data, frames).storeResultsTo(verdict, facts);
  EXPECT_EQ(verdict, "ok");
  EXPECT_EQ(facts.at("ueid").get<std::string>(), user.property<Dictionary>("Chip").at("ueid").get<std::string>());
}

TEST_F(Rpmbd, ShowsMetricsAndWhoTheCallerIs) {
  start_ready();
  auto user = client();

  const auto me = user.call<Dictionary>(kName, "WhoAmI");

  EXPECT_EQ(me.at("namespace").get<std::string>(), "admin");
  EXPECT_THAT(me.at("rights").get<std::vector<std::string>>(), Contains("admin"));
  const auto metrics = user.call<std::string>(kName, "GetMetrics");
  EXPECT_THAT(metrics, HasSubstr("signet_rpmb_state{state=\"ready\"} 1"));
  EXPECT_THAT(metrics, HasSubstr("signet_rpmb_namespace_objects{namespace=\"admin\"} 0"));
}

TEST_F(Rpmbd, TellsEverybodyThatSomethingChangedButNotWhat) {
  start_ready();
  auto user = client();
  std::vector<std::string> invalidated;
  Dictionary values;
  user.proxy()
      .uponSignal("PropertiesChanged")
      .onInterface("org.freedesktop.DBus.Properties")
      .call([&](const std::string&, const Dictionary& changed, const std::vector<std::string>& names) {
        values.insert(changed.begin(), changed.end());
        invalidated.insert(invalidated.end(), names.begin(), names.end());
      });

  user.put("x", {1});
  user.process_until([&] { return !invalidated.empty(); });

  EXPECT_THAT(invalidated, Contains("Health"));
  EXPECT_TRUE(values.empty());
}

TEST_F(Rpmbd, RefusesOversizedAndMalformedArgumentsAndGoesOn) {
  start_ready();
  auto user = client();
  user.run(kKeys, "Generate", std::string{"k"}, std::string{"hmac-sha256"});
  std::vector<Change> many(65, Change{"x", true, Bytes{}});

  EXPECT_EQ(error_of([&] { user.put("x", Bytes(40'000)); }), "TooLarge");
  EXPECT_EQ(error_of([&] { user.put("x", Bytes(5 * 1024 * 1024)); }), "TooLarge");
  EXPECT_EQ(error_of([&] { user.call<Bytes>(kKeys, "Sign", std::string{"k"}, Bytes(1024 * 1024 + 1)); }), "TooLarge");
  EXPECT_EQ(error_of([&] { user.run(kStore, "Apply", many); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { user.call<Bytes>(kEvidence, "Get", Bytes(1025)); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { user.put(std::string(65, 'a'), {}); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { user.put("../../etc/passwd", {}); }), "InvalidArgument");
  EXPECT_EQ(error_of([&] { user.run(kStore, "Put", std::uint32_t{1}); }), "org.freedesktop.DBus.Error.InvalidArgs");
  EXPECT_EQ(error_of([&] { user.run(kStore, "Nonsense"); }), "org.freedesktop.DBus.Error.UnknownMethod");

  user.put("x", {1});
  EXPECT_EQ(user.get("x"), Bytes{1});
}

TEST_F(Rpmbd, NamesTheOptionThatIsWrong) {
  start();
  wait_for_problem("not_provisioned");
  auto admin = client();
  const auto cid = admin.property<Dictionary>("Chip").at("cid").get<std::string>();
  const auto text_of = [&](const std::string& chip, const Dictionary& options) -> std::string {
    try {
      admin.run(kChip, "Provision", chip, options);
    } catch (const sdbus::Error& error) {
      return error.getMessage();
    }
    return "no error";
  };

  EXPECT_THAT(text_of(cid, {}), HasSubstr("root_backup: must be"));
  EXPECT_THAT(text_of(cid, {{"root_backup", sdbus::Variant{true}}}), HasSubstr("root_backup: must be a string"));
  EXPECT_THAT(text_of(cid, {{"force", sdbus::Variant{true}}}), HasSubstr("force: unknown"));
  EXPECT_THAT(text_of(std::string(32, '0'), {{"root_backup", sdbus::Variant{"none-accepted"}}}),
              HasSubstr("cid: the chip behind"));
  EXPECT_EQ(admin.property<std::string>("Problem"), "not_provisioned");
}

TEST_F(Rpmbd, CheckConfigNamesFileLineAndKey) {
  configure("\n[wear]\nbugdet = 1\n");
  auto words = command();
  words.emplace_back("--check-config");
  Child check{words, path("check.log")};

  EXPECT_EQ(check.wait(), 1);

  std::ifstream stream{path("check.log")};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  EXPECT_THAT(text, HasSubstr("rpmbd.toml:17: wear.bugdet: unknown key"));
}

TEST_F(Rpmbd, AReloadReadsThePolicyAgainAndABrokenOneChangesNothing) {
  start_ready();
  auto user = client();
  user.put("x", {1});
  std::ofstream{path("rpmbd.toml")} << "[[client]]\nuser = 1\n";
  daemon_.signal(SIGHUP);
  while (log().find("policy not changed") == std::string::npos) ::usleep(10'000);
  EXPECT_EQ(user.get("x"), Bytes{1});

  std::ofstream{path("rpmbd.toml")} << "";
  daemon_.signal(SIGHUP);
  while (log().find("policy read again") == std::string::npos) ::usleep(10'000);

  EXPECT_EQ(error_of([&] { user.get("x"); }), "AccessDenied");
}

TEST_F(Rpmbd, EndsWithSuccessWhenItIsTold) {
  start_ready();

  daemon_.signal(SIGTERM);

  EXPECT_EQ(daemon_.wait(), 0) << log();
}

}  // namespace
}  // namespace signet::testing
