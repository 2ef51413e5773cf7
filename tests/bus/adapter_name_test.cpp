// What an adapter tells anybody of its name, with an org.bluez of the test's own.
#include "bluez/adapter_name.h"

#include <gtest/gtest.h>

#include "bluez/testing/fake_bluez.h"
#include "tests/bus/private_bus.h"
#include "tests/unit/becomes.h"

namespace signet::bluez {
namespace {

class AdapterNameTest : public ::testing::Test {
 protected:
  AdapterNameTest() : own_{sdbus::createSessionBusConnectionWithAddress(bus_.address())}, fake_{loop_, bus_.address()} {
    pump_.emplace(loop_, *own_);
    objects_.emplace(loop_, *own_, *pump_);
  }
  template <class Condition>
  ::testing::AssertionResult becomes(Condition condition) {
    return signet::becomes(loop_, condition);
  }

  signet::testing::PrivateBus bus_;
  boost::asio::io_context loop_{1};
  std::unique_ptr<sdbus::IConnection> own_;
  testing::FakeBluez fake_;
  std::optional<dbus::AsioBus> pump_;
  std::optional<BluezObjects> objects_;
};

TEST_F(AdapterNameTest, IsGivenToTheAdapterWheneverBluetoothdShowsIt) {
  const AdapterName name{*objects_, "hci0", "Tag"};

  fake_.start();

  EXPECT_TRUE(becomes([&] { return fake_.alias() == "Tag"; }));
}

TEST_F(AdapterNameTest, IsGivenToEveryAdapterWhenNoneIsNamed) {
  const AdapterName name{*objects_, "", "Tag"};

  fake_.start();

  EXPECT_TRUE(becomes([&] { return fake_.alias() == "Tag"; }));
}

TEST_F(AdapterNameTest, IsNotGivenToAnotherAdapter) {
  const AdapterName name{*objects_, "hci7", "Tag"};

  fake_.start();
  ASSERT_TRUE(becomes([&] { return objects_->has("/org/bluez/hci0", "org.bluez.Adapter1"); }));

  // Calls are answered in their order: had it been set, this would come after.
  std::optional<std::string> told;
  objects_->get({.path = "/org/bluez/hci0", .interface = "org.bluez.Adapter1", .name = "Alias"},
                [&told](const std::optional<sdbus::Variant>& value) { told = value ? value->get<std::string>() : ""; });
  ASSERT_TRUE(becomes([&] { return told.has_value(); }));
  EXPECT_EQ(told, "workbench");
}

}  // namespace
}  // namespace signet::bluez
