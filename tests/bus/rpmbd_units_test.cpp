// Rules that ask for the caller's unit, and a systemd that is not there, silent, or back again.
#include <gtest/gtest.h>
#include <systemd/sd-bus.h>

#include <atomic>
#include <cstdlib>

#include "tests/bus/rpmbd_process.h"

namespace signet::testing {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kSystemd = "org.freedesktop.systemd1";

// What the daemon asks systemd; answers only when told to.
class FakeSystemd {
 public:
  explicit FakeSystemd(const std::string& address)
      : bus_{sdbus::createSessionBusConnectionWithAddress(address)},
        object_{sdbus::createObject(*bus_, sdbus::ObjectPath{"/org/freedesktop/systemd1"})} {
    object_
        ->addVTable(sdbus::registerMethod("GetUnitByPID")
                        .implementedAs([this](sdbus::Result<sdbus::ObjectPath>&& to, std::uint32_t /*pid*/) {
                          ++asked;
                          if (answers) to.returnResults(sdbus::ObjectPath{path_of("shop.service")});
                        }))
        .forInterface("org.freedesktop.systemd1.Manager");
    bus_->requestName(sdbus::ServiceName{kSystemd});
    bus_->enterEventLoopAsync();
  }
  ~FakeSystemd() { bus_->leaveEventLoop(); }

  std::atomic<bool> answers = false;
  std::atomic<int> asked = 0;

 private:
  static std::string path_of(const char* unit) {
    char* path = nullptr;
    ::sd_bus_path_encode("/org/freedesktop/systemd1/unit", unit, &path);
    std::string result{path};
    std::free(path);
    return result;
  }
  std::unique_ptr<sdbus::IConnection> bus_;
  std::unique_ptr<sdbus::IObject> object_;
};

// One user gets in from his unit only; the test's own needs none.
class RpmbdUnits : public RpmbdTest {
 protected:
  void SetUp() override {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root, to connect to the bus as another user";
    configure(R"(
[[client]]
user = "daemon"
namespace = "shop"
unit = "shop.service"
rights = ["store"]
)");
    start_ready();
  }
  [[nodiscard]] Client shop() const { return client(uid_of("daemon")); }
};

TEST_F(RpmbdUnits, WithoutSystemdTheCallerIsToldToTryAgain) {
  EXPECT_EQ(error_of([&] { shop().put("x", {1}); }), "Busy");
}

TEST_F(RpmbdUnits, ASilentSystemdHoldsUpNobodyForLongAndIsBelievedWhenItIsBack) {
  FakeSystemd systemd{bus_.address()};
  const auto begin = Clock::now();
  for (int i = 0; i < 5; ++i) EXPECT_EQ(error_of([&] { shop().put("x", {1}); }), "Busy");
  client().put("x", {1});  // whose rule names no unit
  EXPECT_LT(Clock::now() - begin, std::chrono::seconds{4});
  EXPECT_EQ(systemd.asked, 1);

  systemd.answers = true;
  auto user = shop();
  std::string refused = "Busy";
  while (refused == "Busy" && Clock::now() - begin < std::chrono::seconds{60}) {
    ::usleep(100'000);
    refused = error_of([&] { user.put("x", {2}); });
  }

  EXPECT_EQ(refused, "");
  EXPECT_EQ(user.get("x"), Bytes{2});
  EXPECT_EQ(client().get("x"), Bytes{1});
}

}  // namespace
}  // namespace signet::testing
