// The central on a bus with an org.bluez of the test's own, which does what bluetoothd was seen to do: it reports a
// device once per start of scanning, fails to connect now and then, and reports reads as changes of the value.
#include <gtest/gtest.h>
#include <sdbus-c++/sdbus-c++.h>

#include <atomic>
#include <mutex>

#include "bluez/central/bluez_central.h"
#include "private_bus.h"

namespace signet::bluez {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using Options = std::map<std::string, sdbus::Variant>;

constexpr const char* kAddress = "00:AA:01:00:00:00";
constexpr const char* kDevicePath = "/org/bluez/hci0/dev_00_AA_01_00_00_00";
constexpr const char* kUuid = "fe2c1238-8366-4814-8eb0-01de32100bea";

sdbus::Error failure(const char* name, const std::string& message) {
  return sdbus::Error{sdbus::Error::Name{std::string{"org.bluez.Error."} + name}, message};
}

// One adapter, one device, one characteristic. Runs on a thread of its own.
class FakeBluetoothd {
 public:
  explicit FakeBluetoothd(const std::string& address) : bus_{sdbus::createSessionBusConnectionWithAddress(address)} {
    root_ = sdbus::createObject(*bus_, sdbus::ObjectPath{"/"});
    root_->addObjectManager();
    adapter_ = sdbus::createObject(*bus_, sdbus::ObjectPath{"/org/bluez/hci0"});
    adapter_
        ->addVTable(sdbus::registerProperty("Powered").withGetter([this] { return powered.load(); }),
                    sdbus::registerMethod("SetDiscoveryFilter").implementedAs([this](const Options& filter) {
                      low_energy_only = filter.at("Transport").get<std::string>() == "le";
                    }),
                    sdbus::registerMethod("StartDiscovery").implementedAs([this] { started(); }),
                    sdbus::registerMethod("StopDiscovery").implementedAs([this] { ++stops; }))
        .forInterface("org.bluez.Adapter1");
    bus_->requestName(sdbus::ServiceName{"org.bluez"});
    bus_->enterEventLoopAsync();
  }
  ~FakeBluetoothd() { bus_->leaveEventLoop(); }

  std::atomic<bool> powered = true;
  std::atomic<bool> low_energy_only = false;
  std::atomic<int> starts = 0;
  std::atomic<int> stops = 0;
  std::atomic<int> connects = 0;
  std::atomic<int> disconnects = 0;
  std::atomic<int> failing_connects = 0;
  std::atomic<bool> drops_at_write = false;
  std::atomic<bool> forgets_device = false;  // as after a connection that was lost, when the device is only temporary
  std::atomic<bool> silent_about_connection = false;  // as 5.66 at the first connection to a device

 private:
  // The first report comes before anybody listens.
  void started() {
    if (++starts == 2) add_device();
  }

  void disconnect() {
    if (forgets_device) throw sdbus::Error{sdbus::Error::Name{"org.freedesktop.DBus.Error.UnknownObject"}, "gone"};
    ++disconnects;
    set_connected(false);
  }

  void add_device() {
    device_ = sdbus::createObject(*bus_, sdbus::ObjectPath{kDevicePath});
    device_
        ->addVTable(sdbus::registerProperty("Address").withGetter([] { return std::string{kAddress}; }),
                    sdbus::registerProperty("AddressType").withGetter([] { return std::string{"random"}; }),
                    sdbus::registerProperty("RSSI").withGetter([] { return std::int16_t{-61}; }),
                    sdbus::registerProperty("ServiceData").withGetter([] {
                      return Options{{"0000feaa-0000-1000-8000-00805f9b34fb", sdbus::Variant{Bytes{0x40, 1, 2}}},
                                     {"15190001-12f4-c226-88ed-2ac5579f2a85", sdbus::Variant{Bytes{9}}}};
                    }),
                    sdbus::registerProperty("Connected").withGetter([this] { return connected_; }),
                    sdbus::registerProperty("ServicesResolved").withGetter([this] { return connected_; }),
                    sdbus::registerMethod("Connect").implementedAs([this] { connect(); }),
                    sdbus::registerMethod("Disconnect").implementedAs([this] { disconnect(); }))
        .forInterface("org.bluez.Device1");
    device_->emitInterfacesAddedSignal();
  }

  void connect() {
    ++connects;
    if (failing_connects > 0) {
      --failing_connects;
      throw failure("Failed", "le-connection-abort-by-local");
    }
    if (!characteristic_) add_characteristic();
    set_connected(true);
  }
  void set_connected(bool on) {
    connected_ = on;
    if (on && silent_about_connection) {
      device_->emitPropertiesChangedSignal("org.bluez.Device1", {sdbus::PropertyName{"ServicesResolved"}});
      return;
    }
    device_->emitPropertiesChangedSignal("org.bluez.Device1",
                                         {sdbus::PropertyName{"Connected"}, sdbus::PropertyName{"ServicesResolved"}});
  }

  void add_characteristic() {
    characteristic_ = sdbus::createObject(*bus_, sdbus::ObjectPath{std::string{kDevicePath} + "/service0001/char0002"});
    characteristic_
        ->addVTable(sdbus::registerProperty("UUID").withGetter([] { return std::string{kUuid}; }),
                    sdbus::registerProperty("Value").withGetter([this] { return value_; }),
                    sdbus::registerMethod("StartNotify").implementedAs([] {}),
                    sdbus::registerMethod("ReadValue").implementedAs([this](const Options&) {
                      change({1, ++reads_});
                      return value_;
                    }),
                    sdbus::registerMethod("WriteValue").implementedAs([this](const Bytes& value, const Options& how) {
                      write(value, how.at("type").get<std::string>());
                    }))
        .forInterface("org.bluez.GattCharacteristic1");
    characteristic_->emitInterfacesAddedSignal();
  }

  void write(const Bytes& value, const std::string& type) {
    if (type != "request") throw failure("InvalidArguments", "type");
    if (drops_at_write) return set_connected(false);
    if (value.front() >= 0x80) {
      throw failure("Failed", value.front() == 0x81 ? "Operation failed with ATT error: 0x81"
                                                    : "Operation failed with ATT error: 0x80");
    }
    Bytes answer = value;
    answer.push_back(0xaa);
    change(std::move(answer));
  }
  void change(Bytes value) {
    value_ = std::move(value);
    characteristic_->emitPropertiesChangedSignal("org.bluez.GattCharacteristic1", {sdbus::PropertyName{"Value"}});
  }

  std::unique_ptr<sdbus::IConnection> bus_;
  std::unique_ptr<sdbus::IObject> root_;
  std::unique_ptr<sdbus::IObject> adapter_;
  std::unique_ptr<sdbus::IObject> device_;
  std::unique_ptr<sdbus::IObject> characteristic_;
  bool connected_ = false;
  std::uint8_t reads_ = 0;
  Bytes value_;
};

class CentralOnBus : public ::testing::Test {
 protected:
  CentralOnBus() { ::setenv("DBUS_SYSTEM_BUS_ADDRESS", bus_.address().c_str(), 1); }

  std::unique_ptr<Link> connected() {
    central_ = open_bluez_central("").value();
    auto link = central_->connect(kAddress, seconds{20});
    EXPECT_TRUE(link) << to_string(link.error());
    if (!link) return nullptr;
    EXPECT_TRUE((*link)->subscribe(kUuid, kLimit));
    return *std::move(link);
  }

  static constexpr milliseconds kLimit{5000};
  testing::PrivateBus bus_;
  std::optional<FakeBluetoothd> bluetoothd_{bus_.address()};
  std::unique_ptr<Central> central_;
};

TEST_F(CentralOnBus, ScansAgainUntilTheDeviceIsSeen) {
  auto central = open_bluez_central("hci0").value();
  std::optional<Sighting> found;

  const auto scanned = central->scan(seconds{20}, [&](const Sighting& seen) {
    found = seen;
    return false;
  });

  ASSERT_TRUE(scanned) << to_string(scanned.error());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->address, kAddress);
  EXPECT_TRUE(found->random_address);
  EXPECT_EQ(found->rssi, -61);
  EXPECT_EQ(found->service_data, (std::map<std::uint16_t, Bytes>{{0xfeaa, {0x40, 1, 2}}}));
  EXPECT_TRUE(bluetoothd_->low_energy_only);
  EXPECT_EQ(bluetoothd_->starts, bluetoothd_->stops);
}

TEST_F(CentralOnBus, ConnectsAtTheNextTryAndDisconnectsAtTheEnd) {
  bluetoothd_->failing_connects = 1;

  auto link = connected();
  ASSERT_TRUE(link);
  EXPECT_EQ(bluetoothd_->connects, 2);
  link.reset();

  EXPECT_EQ(bluetoothd_->disconnects, 1);
}

TEST_F(CentralOnBus, EndsQuietlyWhenTheDeviceHasGone) {
  bluetoothd_->forgets_device = true;
  auto link = connected();
  ASSERT_TRUE(link);

  link.reset();  // and the process lives

  EXPECT_EQ(bluetoothd_->disconnects, 0);
}

TEST_F(CentralOnBus, SeesAConnectionThatBluetoothdDoesNotAnnounce) {
  bluetoothd_->silent_about_connection = true;

  auto link = connected();

  ASSERT_TRUE(link);
  EXPECT_EQ(link->read(kUuid, kLimit).value(), (ReadOutcome{Bytes{1, 1}}));
  EXPECT_EQ(link->next_notification(kUuid, milliseconds{50}).error().code, Errc::timeout) << "and not: lost";
}

TEST_F(CentralOnBus, AConnectionThatIsGivenUpIsNotLeftToBluetoothd) {
  bluetoothd_->failing_connects = 1000;
  auto central = open_bluez_central("").value();

  const auto link = central->connect(kAddress, seconds{4});

  ASSERT_FALSE(link);
  EXPECT_EQ(link.error().code, Errc::io);
  EXPECT_NE(link.error().context.find("le-connection-abort-by-local"), std::string::npos);
  EXPECT_EQ(bluetoothd_->disconnects, 1);
}

TEST_F(CentralOnBus, AReadIsNoNotificationAndAnAnswerIs) {
  auto link = connected();
  ASSERT_TRUE(link);
  for (std::uint8_t i = 1; i < 5; ++i) {
    EXPECT_EQ(link->read(kUuid, kLimit).value(), (ReadOutcome{Bytes{1, i}}));
    EXPECT_EQ(link->write(kUuid, Bytes{i, 7}, kLimit).value(), WriteOutcome{});

    EXPECT_EQ(link->next_notification(kUuid, kLimit).value(), (Bytes{i, 7, 0xaa}));
  }
  EXPECT_EQ(link->next_notification(kUuid, milliseconds{50}).error().code, Errc::timeout);
}

TEST_F(CentralOnBus, AnErrorOfTheDeviceIsAnOutcome) {
  auto link = connected();
  ASSERT_TRUE(link);

  EXPECT_EQ(link->write(kUuid, Bytes{0x81}, kLimit).value(), (WriteOutcome{application_error(0x81)}));
  EXPECT_EQ(link->write(kUuid, Bytes{0x80}, kLimit).value(), (WriteOutcome{application_error(0x80)}));
}

TEST_F(CentralOnBus, ACharacteristicThatIsNotThereIsNamed) {
  auto link = connected();
  ASSERT_TRUE(link);

  const auto outcome = link->read("00002a26-0000-1000-8000-00805f9b34fb", kLimit);

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::not_found);
  EXPECT_FALSE(link->has("00002a26-0000-1000-8000-00805f9b34fb"));
  EXPECT_TRUE(link->has(kUuid));
}

TEST_F(CentralOnBus, ALostConnectionEndsTheWaitAtOnce) {
  auto link = connected();
  ASSERT_TRUE(link);
  bluetoothd_->drops_at_write = true;
  ASSERT_TRUE(link->write(kUuid, Bytes{1}, kLimit));
  const auto before = std::chrono::steady_clock::now();

  const auto notification = link->next_notification(kUuid, seconds{60});

  ASSERT_FALSE(notification);
  EXPECT_EQ(notification.error().code, Errc::io);
  EXPECT_LT(std::chrono::steady_clock::now() - before, seconds{30});
}

TEST_F(CentralOnBus, SaysWhatIsMissing) {
  EXPECT_EQ(open_bluez_central("hci7").error().code, Errc::not_found);
  bluetoothd_->powered = false;
  const auto off = open_bluez_central("");
  ASSERT_FALSE(off);
  EXPECT_EQ(off.error().code, Errc::no_service);
  EXPECT_NE(off.error().context.find("hci0 is off"), std::string::npos);
  bluetoothd_.reset();

  const auto gone = open_bluez_central("");

  ASSERT_FALSE(gone);
  EXPECT_EQ(gone.error().code, Errc::no_service);
  EXPECT_NE(gone.error().context.find("systemctl start bluetooth"), std::string::npos);
}

}  // namespace
}  // namespace signet::bluez
