// A registrar and a device that registers with it, for those who look at the answers.
#pragma once

#include "unit/activation/registrar_fixture.h"

namespace signet::activation {

class RegistrationTest : public RegistrarFixture {
 protected:
  template <class T>
  static void expect_error(const Result<T>& result, Errc code, const std::string& words = "") {
    ASSERT_FALSE(result);
    EXPECT_EQ(result.error().code, code) << to_string(result.error());
    EXPECT_NE(result.error().context.find(words), std::string::npos) << to_string(result.error());
  }
  template <class T>
  static void expect_refused(const Result<T>& result, Reason reason) {
    ASSERT_FALSE(result);
    EXPECT_EQ(reason_of(result.error()), reason) << to_string(result.error());
  }
  void allow(Reason reason) {
    config_.policy.blocking.erase(reason);
    start();
  }
  std::size_t device_count() {
    auto counts = await<Counts>([&](auto done) { registrar_->counts(done); });
    return counts ? counts->records.devices : 999;
  }
  Result<void> cancel(const TestDevice& device) {
    return await<void>([&](auto done) { registrar_->cancel(operator_, device.id_text(), done); });
  }
  Result<Device> block(const TestDevice& device) {
    return await<Device>([&](auto done) { registrar_->block(operator_, to_text(device.ueid()), "stolen", done); });
  }

  const identity::Ids ids_{.model_id = "m1", .sn = "sn-1", .app_id = "app"};
  const identity::Ids other_ids_{.model_id = "m1", .sn = "sn-2", .app_id = "app"};
  TestDevice device_{1, ids_};
};

}  // namespace signet::activation
