// What an operator lets go, and what that makes possible.
#include <gmock/gmock.h>

#include "jose/jose.h"
#include "unit/activation/registrar_fixture.h"

namespace signet::activation {
namespace {

class ReleaseTest : public RegistrarFixture {
 protected:
  ReleaseTest() { must_enrol(device_); }

  Result<Release> release(const Actor& actor) {
    return await<Release>([&](auto done) { registrar_->release(actor, to_text(device_.ueid()), done); });
  }

  TestDevice device_{1, {.model_id = "m1", .sn = "sn-1", .app_id = "app"}};
};

TEST_F(ReleaseTest, IsSignedForThisDeviceAndGeneration) {
  const auto released = release(operator_);
  ASSERT_TRUE(released) << to_string(released.error());

  const auto payload = payload_of(released->release);
  EXPECT_EQ(payload.at("profile").as_string(), "tag:signet,2026:release-1");
  EXPECT_EQ(payload.at("ueid").as_string(), to_text(device_.ueid()));
  EXPECT_EQ(payload.at("generation").as_int64(), 1);
  EXPECT_EQ(payload.at("aud").as_string(), kBaseUrl);
  EXPECT_EQ(payload.at("exp").as_int64(), released->expires_at.time_since_epoch().count());
  const auto key = keys_->current(KeyPurpose::registrar, clock_.now()).private_key.public_der();
  EXPECT_TRUE(jose::verify_jws(released->release, key).value());
}

TEST_F(ReleaseTest, TicketsOfTheDeviceAreRefusedFromThenOn) {
  ASSERT_TRUE(bearer(device_).accepted);

  ASSERT_TRUE(release(operator_));

  const auto verdict = bearer(device_);
  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.signature.reason, "certificate: revoked");
  EXPECT_TRUE(history(device_).certificates.front().revoked_at);
}

TEST_F(ReleaseTest, TheChipMayHaveAnotherSerialNumberAfterwards) {
  device_.begin({.model_id = "m1", .sn = "sn-2", .app_id = "app"});
  EXPECT_EQ(reserve(device_).error().code, Errc::identity_mismatch);
  ASSERT_TRUE(release(operator_));

  const auto confirmation = enrol(device_);

  ASSERT_TRUE(confirmation) << to_string(confirmation.error());
  EXPECT_EQ(confirmation->generation, 2U);
  EXPECT_TRUE(bearer(device_).accepted);
  EXPECT_FALSE(history(device_).device.released_at);
}

TEST_F(ReleaseTest, TheSerialNumberMayBeAnotherChips) {
  TestDevice other{2, device_.ids};
  EXPECT_EQ(reserve(other).error().code, Errc::blocked);
  ASSERT_TRUE(release(operator_));

  EXPECT_TRUE(enrol(other));
}

TEST_F(ReleaseTest, ARefreshUnderWayDoesNotBringTheDeviceBack) {
  device_.begin();
  const auto refresh = reserve(device_);
  ASSERT_TRUE(refresh);
  const std::string proof = device_.proof(refresh->challenge, clock_.now());

  ASSERT_TRUE(release(operator_));

  EXPECT_EQ(confirm(device_.id_text(), proof).error().code, Errc::not_found);
  TestDevice other{2, device_.ids};
  EXPECT_TRUE(enrol(other));
}

TEST_F(ReleaseTest, MayBeRepeatedAndIsOnRecordOnce) {
  ASSERT_TRUE(release(operator_));
  ASSERT_TRUE(release(operator_));

  const auto entries = history(device_).entries;
  EXPECT_EQ(std::count_if(entries.begin(), entries.end(), [](const auto& entry) { return entry.action == "release"; }),
            1);
}

TEST_F(ReleaseTest, IsForOperatorsOfTheModelOnly) {
  EXPECT_EQ(release(vendor_).error().code, Errc::access_denied);
  EXPECT_EQ(release(verifier_).error().code, Errc::access_denied);
  EXPECT_EQ(release({.name = "other", .role = Role::operator_, .models = {"m2"}}).error().code, Errc::not_found);
  EXPECT_TRUE(bearer(device_).accepted);
}

}  // namespace
}  // namespace signet::activation
