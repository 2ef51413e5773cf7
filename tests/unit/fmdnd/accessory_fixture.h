// The whole accessory without bus and radio, and a client that speaks to it as a phone does.
#pragma once

#include <gtest/gtest.h>

#include <boost/asio/io_context.hpp>
#include <map>
#include <optional>

#include "bluez/simulated/air.h"
#include "fmdnd/accessory.h"
#include "fmdnd/file_vault.h"
#include "tests/unit/fmdnd/fakes.h"
#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {

struct Written {
  std::optional<bluez::AttError> error;  // nothing: success
  std::vector<Bytes> notifications;      // that came before the answer, of that characteristic
};

class AccessoryFixture : public ::testing::Test, public bluez::Notifier {
 protected:
  AccessoryFixture() { config_.sound.components = 1; }

  // What the steady clock of the kernel, with its rpa_timeout, says is the uptime, too.
  struct UptimeClock final : Clock {
    explicit UptimeClock(const std::chrono::seconds& of) : uptime{of} {}
    [[nodiscard]] std::chrono::steady_clock::time_point monotonic() const override {
      return std::chrono::steady_clock::time_point{uptime};
    }
    [[nodiscard]] std::chrono::system_clock::time_point wall() const override { return {}; }
    const std::chrono::seconds& uptime;
  };

  void start();                                                         // as after a boot
  void stop();                                                          // cleanly: the clock is written down
  void restart(std::chrono::seconds uptime = std::chrono::seconds{5});  // what is not in vault and file is gone
  virtual Vault& vault() { return vault_; }
  virtual void settle() { run_for(); }
  virtual void answered() {}  // a write, with success
  void run_for(std::chrono::milliseconds time = std::chrono::milliseconds{60}) {
    loop_.restart();
    loop_.run_for(time);
  }

  // So much uptime passes, and what falls due within it happens; takes no real time.
  void pass(std::chrono::seconds time);
  void rotate_once() { pass(alarm_.due - uptime_); }

  void notify(std::string_view uuid, BytesView value) override {
    notified_[std::string{uuid}].emplace_back(value.begin(), value.end());
  }
  Result<Bytes> read(const std::string& uuid, const std::string& device = "/phone");
  Written write(const std::string& uuid, Bytes octets, const std::string& device = "/phone");
  std::vector<Bytes> take_notifications(const std::string& uuid) { return std::exchange(notified_[uuid], {}); }

  // What a scanner sees.
  [[nodiscard]] std::optional<Bytes> on_air(bluez::Slot slot) const;
  [[nodiscard]] std::optional<bluez::DeviceAddress> address(bluez::Slot slot) const;

  boost::asio::io_context loop_;
  identity::TemporaryDirectory directory_;
  std::string clock_path_ = directory_.path("clock");
  Config config_{
      .device = {.model_id = {0x92, 0x66, 0xe8}, .name = "Tag", .manufacturer = "Acme", .locator_tag = true}};
  FakeVault vault_{loop_};
  std::chrono::seconds uptime_{1000};
  std::chrono::sys_seconds wall_{std::chrono::seconds{1'900'000'000}};
  std::optional<ClockKeeper> clock_;
  FakeAlarm alarm_{uptime_};
  const UptimeClock steady_{uptime_};
  bluez::simulated::Radio radio_;
  std::optional<bluez::simulated::Air> air_;
  std::optional<FakeConnections> connections_;
  FakeSound sound_;
  const crypto::P256PrivateKey anti_spoofing_ = crypto::P256PrivateKey::generate();
  crypto::SystemRandom random_;
  std::optional<Accessory> accessory_;

 private:
  [[nodiscard]] const bluez::Characteristic& find(const std::string& uuid) const;
  std::vector<bluez::Service> services_;
  std::map<std::string, std::vector<Bytes>> notified_;
};

}  // namespace signet::fmdnd
