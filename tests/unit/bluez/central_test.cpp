// What a central makes of bluetoothd's changes and errors, without a bus.
#include <gtest/gtest.h>

#include "bluez/central/bus_error.h"
#include "bluez/central/serve.h"
#include "bluez/central/value_changes.h"

namespace signet::bluez {
namespace {

const Bytes kNonce{1, 2, 3};
const Bytes kAnswer{4, 5, 6, 7};

TEST(ValueChanges, AReadsOwnChangeIsNoNotificationWhetherItComesBeforeOrAfter) {
  ValueChanges values;

  values.read_begins();
  values.changed(kNonce);
  values.read_ends(kNonce);
  EXPECT_EQ(values.take(), std::nullopt);

  values.read_begins();
  values.read_ends(kNonce);
  values.changed(kNonce);
  EXPECT_EQ(values.take(), std::nullopt);
}

TEST(ValueChanges, NotificationsKeepTheirOrderAroundARead) {
  ValueChanges values;
  values.changed(kAnswer);
  values.read_begins();
  values.changed({9});
  values.changed(kNonce);
  values.read_ends(kNonce);

  EXPECT_EQ(values.take(), kAnswer);
  EXPECT_EQ(values.take(), Bytes{9});
  EXPECT_EQ(values.take(), std::nullopt);
}

TEST(ValueChanges, ANotificationOfTheSameOctetsAsAnEarlierReadIsOne) {
  ValueChanges values;
  values.read_begins();
  values.read_ends(kNonce);
  values.changed(kNonce);

  values.changed(kNonce);

  EXPECT_EQ(values.take(), kNonce);
}

TEST(ValueChanges, AFailedReadHasNoChange) {
  ValueChanges values;
  values.read_begins();
  values.read_fails();

  values.changed(kNonce);

  EXPECT_EQ(values.take(), kNonce);
}

TEST(ValueChanges, ADeviceThatNotifiesWithoutEndTakesNoMoreThanSomeMemory) {
  ValueChanges values;
  for (int i = 0; i < 1000; ++i) values.changed({static_cast<std::uint8_t>(i)});
  int left = 0;

  while (values.take()) ++left;

  EXPECT_EQ(left, 256);
}

TEST(BusError, AnErrorOfTheDeviceIsItsNumber) {
  const auto failed = [](const char* message) { return att_error("org.bluez.Error.Failed", message); };

  EXPECT_EQ(failed("Operation failed with ATT error: 0x80"), application_error(0x80));
  EXPECT_EQ(failed("Operation failed with ATT error: 0x0e"), AttError::unlikely);
  EXPECT_EQ(att_error("org.bluez.Error.NotAuthorized", ""), AttError::insufficient_authorization);
  EXPECT_EQ(att_error("org.bluez.Error.InvalidArguments", "Invalid Length"), AttError::invalid_length);
  for (const char* other : {"", "Not connected", "Operation failed with ATT error: 0x", "le-connection-abort-by-local",
                            "Operation failed with ATT error: 0x8x", "Operation failed with ATT error: 0x1ff"}) {
    EXPECT_EQ(failed(other), std::nullopt) << other;
  }
}

// ---- Serving

TEST(Serve, ABusThatAlwaysHasAnEventDoesNotOutlastTheDeadline) {
  std::size_t served = 0;
  const auto endless = [&] { return ++served > 0; };
  const auto idle = [](std::chrono::milliseconds) { FAIL() << "there is always an event"; };

  const auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds{100};
  EXPECT_FALSE(serve(until, endless, idle, [] { return false; }));

  EXPECT_GT(served, 1u);
}

TEST(Serve, OneEventIsServedAfterTheDeadlineAndNotTwo) {
  std::size_t served = 0;

  EXPECT_FALSE(serve(
      std::chrono::steady_clock::now(), [&] { return ++served > 0; }, [](auto) {}, [] { return false; }));

  EXPECT_EQ(served, 1u);
}

TEST(Serve, EndsWithTheEventThatWasWaitedFor) {
  int waiting = 2;
  int served = 0;
  const auto one_event = [&] {
    if (waiting == 0) return false;
    --waiting;
    ++served;
    return true;
  };
  const auto idle = [&](std::chrono::milliseconds left) {
    EXPECT_GT(left.count(), 0);
    waiting = 2;
  };

  const auto until = std::chrono::steady_clock::now() + std::chrono::hours{1};
  EXPECT_TRUE(serve(until, one_event, idle, [&] { return served == 3; }));

  EXPECT_EQ(waiting, 1);
}

TEST(BusError, AnythingElseSaysWhatToDo) {
  const auto gone = central_error("org.freedesktop.DBus.Error.ServiceUnknown", "The name is not activatable", "x");
  EXPECT_EQ(gone.code, Errc::no_service);
  EXPECT_NE(gone.context.find("systemctl start bluetooth"), std::string::npos);

  const auto no_bus = central_error("org.freedesktop.DBus.Error.FileNotFound", "Failed to open bus", "x");
  EXPECT_EQ(no_bus.code, Errc::no_service);
  EXPECT_NE(no_bus.context.find("no system bus"), std::string::npos);
  EXPECT_EQ(central_error("org.freedesktop.DBus.Error.AccessDenied", "", "x").code, Errc::access_denied);
  EXPECT_EQ(central_error("org.freedesktop.DBus.Error.NoReply", "", "x").code, Errc::timeout);
  EXPECT_EQ(central_error("org.bluez.Error.NotReady", "", "x").code, Errc::no_service);
  EXPECT_EQ(central_error("org.bluez.Error.Failed", "Not connected", "writing").context, "writing: Not connected");
}

}  // namespace
}  // namespace signet::bluez
