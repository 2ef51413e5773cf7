#include "unit/activation/registrar_fixture.h"

namespace signet::activation {
namespace {

class OversightTest : public RegistrarFixture {
 protected:
  OversightTest() {
    must_enrol(one_);
    must_enrol(two_);
    must_enrol(three_);
  }
  Result<std::vector<Device>> devices(const Actor& actor, const DeviceFilter& filter) {
    return await<std::vector<Device>>([&](auto done) { registrar_->devices(actor, filter, done); });
  }
  Result<DeviceHistory> device(const Actor& actor, const std::string& ueid) {
    return await<DeviceHistory>([&](auto done) { registrar_->device(actor, ueid, done); });
  }
  Result<Device> block(const Actor& actor, const std::string& ueid, const std::string& reason) {
    return await<Device>([&](auto done) { registrar_->block(actor, ueid, reason, done); });
  }
  Result<Device> unblock(const Actor& actor, const std::string& ueid) {
    return await<Device>([&](auto done) { registrar_->unblock(actor, ueid, done); });
  }
  Result<std::vector<AuditEntry>> audit_page(const Actor& actor, std::uint64_t after, std::size_t limit) {
    return await<std::vector<AuditEntry>>([&](auto done) { registrar_->audit(actor, after, limit, done); });
  }

  const Actor of_m2_{.name = "ops-2", .role = Role::operator_, .models = {"m2"}};
  TestDevice one_{1, {.model_id = "m1", .sn = "sn-1", .app_id = "app"}};
  TestDevice two_{2, {.model_id = "m2", .sn = "sn-2", .app_id = "app"}};
  TestDevice three_{3, {.model_id = "m2", .sn = "sn-3", .app_id = "app"}};
};

TEST_F(OversightTest, DevicesAreFoundByTheirIds) {
  EXPECT_EQ(devices(operator_, {})->size(), 3U);
  EXPECT_EQ(devices(operator_, {.model_id = "m2"})->size(), 2U);
  EXPECT_EQ(devices(operator_, {.model_id = "m2", .sn = "sn-3"})->size(), 1U);
  EXPECT_EQ(devices(operator_, {.sn = "sn-9"})->size(), 0U);
}

TEST_F(OversightTest, AnOperatorOfSomeModelsSeesNoOthers) {
  EXPECT_EQ(devices(of_m2_, {})->size(), 2U);
  EXPECT_EQ(devices(of_m2_, {.limit = 1})->size(), 1U);
  EXPECT_EQ(devices(of_m2_, {.model_id = "m1"}).error().code, Errc::access_denied);
  EXPECT_EQ(device(of_m2_, to_text(one_.ueid())).error().code, Errc::not_found);
  EXPECT_EQ(block(of_m2_, to_text(one_.ueid()), "x").error().code, Errc::not_found);
  EXPECT_EQ(unblock(of_m2_, to_text(one_.ueid())).error().code, Errc::not_found);
  const auto entries = audit_page(of_m2_, 0, 1000);
  ASSERT_TRUE(entries);
  EXPECT_FALSE(entries->empty());
  for (const AuditEntry& entry : *entries) EXPECT_EQ(entry.model_id, "m2");
  EXPECT_EQ(audit_page(of_m2_, 0, 2)->size(), 2U) << "a page is filled up from the next";
}

TEST_F(OversightTest, AllOfItIsForOperators) {
  const std::string ueid = to_text(one_.ueid());
  for (const Actor& actor : {vendor_, verifier_}) {
    EXPECT_EQ(devices(actor, {}).error().code, Errc::access_denied);
    EXPECT_EQ(device(actor, ueid).error().code, Errc::access_denied);
    EXPECT_EQ(block(actor, ueid, "x").error().code, Errc::access_denied);
    EXPECT_EQ(unblock(actor, ueid).error().code, Errc::access_denied);
    EXPECT_EQ(audit_page(actor, 0, 1).error().code, Errc::access_denied);
  }
}

TEST_F(OversightTest, BadInputNamesTheField) {
  const auto words = [](const auto& result) { return result ? std::string{} : result.error().context; };

  EXPECT_TRUE(words(devices(operator_, {.model_id = "m*"})).starts_with("model_id"));
  EXPECT_TRUE(words(devices(operator_, {.sn = "*"})).starts_with("sn"));
  EXPECT_TRUE(words(devices(operator_, {.after = "*"})).starts_with("ueid: "));
  EXPECT_TRUE(words(devices(operator_, {.limit = 0})).starts_with("limit: "));
  EXPECT_TRUE(words(devices(operator_, {.limit = 1001})).starts_with("limit: "));
  EXPECT_TRUE(words(device(operator_, "x")).starts_with("ueid: "));
  EXPECT_TRUE(words(audit_page(operator_, 0, 0)).starts_with("limit: "));
  EXPECT_TRUE(words(audit_page(operator_, std::uint64_t{1} << 63, 1)).starts_with("after: "));
  for (const std::string& reason : {std::string{}, std::string(257, 'x'), std::string{"a\nb"}}) {
    EXPECT_TRUE(words(block(operator_, to_text(one_.ueid()), reason)).starts_with("reason: ")) << reason;
  }
  EXPECT_EQ(device(operator_, to_text(one_.ueid()))->device.blocked, "");
}

TEST_F(OversightTest, ADeviceThatIsNotThereIsNotFound) {
  Ueid nobody = one_.ueid();
  nobody[9] ^= 1;

  EXPECT_EQ(device(operator_, to_text(nobody)).error().code, Errc::not_found);
  EXPECT_EQ(block(operator_, to_text(nobody), "x").error().code, Errc::not_found);
}

TEST_F(OversightTest, BlockingAndUnblockingAreOnRecordWithWhoAndWhy) {
  const auto blocked = block(operator_, to_text(one_.ueid()), "reported stolen");
  ASSERT_TRUE(blocked);
  EXPECT_EQ(blocked->blocked, "blocked_by_operator");
  EXPECT_EQ(blocked->blocked_note, "reported stolen");
  EXPECT_EQ(block(operator_, to_text(one_.ueid()), "again").error().code, Errc::already_exists);

  const auto unblocked = unblock(operator_, to_text(one_.ueid()));
  ASSERT_TRUE(unblocked);
  EXPECT_EQ(unblocked->blocked, "");
  EXPECT_EQ(unblock(operator_, to_text(one_.ueid())).error().code, Errc::already_exists);

  const auto entries = history(one_).entries;
  ASSERT_EQ(entries.size(), 4U);
  EXPECT_EQ(entries[2].action, "block");
  EXPECT_EQ(entries[2].actor, "ops");
  EXPECT_EQ(entries[2].detail, "reported stolen");
  EXPECT_EQ(entries[3].action, "unblock");
}

TEST_F(OversightTest, ADeviceIsNotUnblockedWhileAnotherHasItsSerialNumber) {
  one_.begin();
  ASSERT_TRUE(reserve(one_));  // a refresh that is open does not keep the serial number
  ASSERT_TRUE(block(operator_, to_text(one_.ueid()), "broken"));
  TestDevice successor{9, one_.ids};
  must_enrol(successor);

  EXPECT_EQ(unblock(operator_, to_text(one_.ueid())).error().code, Errc::already_exists);
  ASSERT_TRUE(block(operator_, to_text(successor.ueid()), "broken, too"));

  EXPECT_TRUE(unblock(operator_, to_text(one_.ueid())));
}

TEST_F(OversightTest, TheAuditLogIsReadPageByPage) {
  const auto all = audit_page(operator_, 0, 1000);
  ASSERT_TRUE(all);
  std::vector<std::uint64_t> numbers;
  for (std::uint64_t after = 0;;) {
    const auto page = audit_page(operator_, after, 4);
    ASSERT_TRUE(page);
    for (const AuditEntry& entry : *page) numbers.push_back(entry.number);
    if (page->size() < 4) break;
    after = page->back().number;
  }

  ASSERT_EQ(numbers.size(), all->size());
  for (std::size_t i = 0; i < numbers.size(); ++i) EXPECT_EQ(numbers[i], i + 1);
}

TEST_F(OversightTest, CountsAreOfWhatThereIs) {
  ASSERT_TRUE(block(operator_, to_text(one_.ueid()), "x"));
  two_.begin();
  ASSERT_TRUE(reserve(two_));
  nonce();

  const auto counts = await<Counts>([&](auto done) { registrar_->counts(done); });

  ASSERT_TRUE(counts);
  EXPECT_EQ(counts->records.devices, 3U);
  EXPECT_EQ(counts->records.devices_blocked, 1U);
  EXPECT_EQ(counts->records.reservations, 1U);
  EXPECT_EQ(counts->records.certificates_valid, 3U);
  EXPECT_EQ(counts->records.certificates_revoked, 0U);
  EXPECT_EQ(counts->records.nonces, 1U);
  EXPECT_EQ(counts->records.sn_tickets, 4U);
  EXPECT_EQ(counts->records.audit_entries, audit().size());
  EXPECT_GT(counts->commits.commits, 0U);
}

TEST_F(OversightTest, ACheckIsAWriteThatIsKept) {
  const auto before = store_->commits().commits;

  EXPECT_TRUE(await<void>([&](auto done) { registrar_->check(done); }));

  EXPECT_EQ(store_->commits().commits, before + 1);
}

}  // namespace
}  // namespace signet::activation
