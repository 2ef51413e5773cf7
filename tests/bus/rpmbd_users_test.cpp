// Users of one machine who do not trust each other, on one daemon.
#include "tests/bus/rpmbd_process.h"

namespace signet::testing {
namespace {

using Objects = std::vector<sdbus::Struct<std::string, std::uint32_t>>;

// alice and bob are two ordinary users that every Debian has; a third one has no entry in the policy.
class RpmbdUsers : public RpmbdTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to connect to the bus as several users";
    configure(R"(
[[client]]
user = "daemon"
namespace = "alice"
rights = ["store", "keys", "counters", "evidence"]
objects = 4
bytes = 8192
keys = 2
writes_per_day = 64
[[client]]
user = "bin"
namespace = "bob"
rights = ["store", "keys", "counters"]
objects = 4
bytes = 8192
writes_per_day = 64
)");
    start_ready();
  }
  [[nodiscard]] Client alice() const { return client(uid_of("daemon")); }
  [[nodiscard]] Client bob() const { return client(uid_of("bin")); }
  [[nodiscard]] Client stranger() const { return client(uid_of("nobody")); }
};

TEST_F(RpmbdUsers, CannotSeeOrGuessEachOthersObjectsKeysAndCounters) {
  auto one = alice();
  auto other = bob();
  const std::string name{"same-name"};
  one.put(name, {1});
  one.run(kKeys, "Generate", name, std::string{"hmac-sha256"});
  one.call<std::uint64_t>(kCounters, "Create", name);
  const auto signature = one.call<Bytes>(kKeys, "Sign", name, Bytes{7});

  EXPECT_EQ(error_of([&] { other.get(name); }), "NotFound");
  EXPECT_EQ(error_of([&] { other.get("alice/" + name); }), "InvalidArgument");
  EXPECT_TRUE(other.call<Objects>(kStore, "List", std::string{}).empty());
  EXPECT_EQ(error_of([&] { other.call<Bytes>(kKeys, "Sign", name, Bytes{7}); }), "NotFound");
  EXPECT_EQ(error_of([&] { other.call<std::uint64_t>(kCounters, "Read", name); }), "NotFound");
  EXPECT_EQ(error_of([&] { other.run(kStore, "Delete", name); }), "NotFound");
  EXPECT_EQ(error_of([&] { other.run(kKeys, "Delete", name); }), "NotFound");

  other.run(kKeys, "Generate", name, std::string{"hmac-sha256"});
  EXPECT_NE(other.call<Bytes>(kKeys, "Sign", name, Bytes{7}), signature);
  EXPECT_FALSE(other.call<bool>(kKeys, "Verify", name, Bytes{7}, signature));
}

TEST_F(RpmbdUsers, CannotDisturbEachOthersObjects) {
  auto one = alice();
  auto other = bob();
  one.put("x", {1});

  other.put("x", {2});
  other.run(kStore, "Delete", std::string{"x"});

  EXPECT_EQ(one.get("x"), Bytes{1});
}

TEST_F(RpmbdUsers, CannotExhaustEachOthersQuotas) {
  auto greedy = alice();
  auto other = bob();
  std::string refused;
  for (int i = 0; i < 200 && refused.empty(); ++i) {
    refused = error_of([&] { greedy.put("x", Bytes(static_cast<std::size_t>(i) + 1)); });
  }
  EXPECT_EQ(refused, "WearLimited");
  EXPECT_EQ(error_of([&] { greedy.put("y", Bytes(9000)); }), "QuotaExceeded");

  EXPECT_EQ(error_of([&] { other.put("x", {1}); }), "");
  EXPECT_EQ(other.get("x"), Bytes{1});
}

TEST_F(RpmbdUsers, AQueueFullOfOneUsersCallsDoesNotHoldUpAnother) {
  auto busy = alice();
  auto other = bob();
  set_faults("write * delay 50\n");
  int answered = 0;
  int refused = 0;
  for (int i = 0; i < 40; ++i) {
    const auto count = [&](const std::string& error) {
      ++answered;
      if (error == "org.signet.Error.Busy") ++refused;
    };
    busy.post(count, kStore, "Put", std::string{"x"}, Bytes{static_cast<std::uint8_t>(i)});
  }
  busy.process_until([&] { return refused >= 1; });

  other.put("x", {1});  // two writes of the other namespace at most are before this one
  const int before = answered - refused;

  EXPECT_LT(before, 8);
  busy.process_until([&] { return answered == 40; });
  EXPECT_GE(refused, 40 - 17 - before);
}

TEST_F(RpmbdUsers, AUserWithoutAnEntryGetsNothing) {
  auto nobody = stranger();

  EXPECT_EQ(error_of([&] { nobody.get("x"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.put("x", {1}); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.call<Objects>(kStore, "List", std::string{}); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.call<Bytes>(kKeys, "Sign", std::string{"k"}, Bytes{}); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.call<Bytes>(kEvidence, "Get", Bytes{1}); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.call<Dictionary>(kName, "WhoAmI"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.call<std::string>(kName, "GetMetrics"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.run(kName, "Refresh"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.property<Dictionary>("Chip"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.property<Dictionary>("Health"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { nobody.property<std::string>("State"); }), "AccessDenied");
}

TEST_F(RpmbdUsers, ARightThatWasNotGivenIsDeniedByName) {
  auto one = alice();
  auto other = bob();

  EXPECT_EQ(error_of([&] { one.call<std::uint32_t>(kChip, "ReadCounter"); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { one.run(kChip, "Format", std::string(32, '0'), Dictionary{}); }), "AccessDenied");
  EXPECT_EQ(error_of([&] { one.run(kName, "Refresh"); }), "AccessDenied");
  try {
    other.call<Bytes>(kEvidence, "Get", Bytes{1});
    FAIL();
  } catch (const sdbus::Error& error) {
    EXPECT_EQ(error.getMessage(),
              "namespace 'bob' does not have the right 'evidence' (Evidence.Get): add it to `rights` of its [[client]] "
              "entry and reload rpmbd");
  }
}

TEST_F(RpmbdUsers, EvidenceOfOneNamespaceIsNoEvidenceOfAnother) {
  auto one = alice();
  auto admin = client();
  const auto frames = one.call<Bytes>(kEvidence, "Get", Bytes{1});

  std::string verdict;
  Dictionary facts;
  admin.proxy()
      .callMethod("Verify")
      .onInterface(kEvidence)
      .withArguments(Bytes{1}, frames)
      .storeResultsTo(verdict, facts);

  EXPECT_EQ(verdict, "data: nonce_mismatch");
}

TEST_F(RpmbdUsers, EveryConnectionOfAUserIsTheSameUserAndEveryUserIsJudgedAnew) {
  for (int round = 0; round < 20; ++round) {
    EXPECT_EQ(alice().call<Dictionary>(kName, "WhoAmI").at("namespace").get<std::string>(), "alice");
    EXPECT_EQ(error_of([&] { stranger().call<Dictionary>(kName, "WhoAmI"); }), "AccessDenied");
    EXPECT_EQ(bob().call<Dictionary>(kName, "WhoAmI").at("namespace").get<std::string>(), "bob");
  }
}

}  // namespace
}  // namespace signet::testing
