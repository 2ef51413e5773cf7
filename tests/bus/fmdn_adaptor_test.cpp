// org.signet.Fmdn1 as a client on the bus sees it. Both ends on one loop.
#include "fmdnd/fmdn_adaptor.h"

#include <gmock/gmock.h>

#include "ipc/dbus/asio_bus.h"
#include "tests/bus/private_bus.h"
#include "tests/unit/fmdnd/accessory_fixture.h"

namespace signet::fmdnd {
namespace {

using Names = std::vector<std::string>;
using Properties = std::map<std::string, sdbus::Variant>;
using std::chrono::seconds;

constexpr const char* kInterface = "org.signet.Fmdn1";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kErrors = "org.signet.Error.";

class FmdnAdaptorTest : public AccessoryFixture {
 protected:
  FmdnAdaptorTest()
      : own_{sdbus::createSessionBusConnectionWithAddress(bus_.address())},
        client_{sdbus::createSessionBusConnectionWithAddress(bus_.address())},
        proxy_{sdbus::createProxy(*client_, sdbus::ServiceName{std::string{own_->getUniqueName()}},
                                  sdbus::ObjectPath{"/org/signet/Fmdn1"})} {
    proxy_->uponSignal("PropertiesChanged")
        .onInterface(kProperties)
        .call([this](const std::string&, const Properties& changed, const Names&) {
          for (const auto& [name, value] : changed) {
            changes_.push_back(name);
            if (name == "Windows") windows_.push_back(value.get<Names>());
          }
        });
  }
  ~FmdnAdaptorTest() override {
    adaptor_.reset();
    stop();
  }

  void begin() {
    start();
    adaptor_.emplace(*own_, own_pump_, *accessory_);
  }
  void run_until(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + seconds{20};
    while (!condition() && std::chrono::steady_clock::now() < deadline) {
      loop_.restart();
      loop_.run_one_for(seconds{1});
    }
    EXPECT_TRUE(condition()) << "not within 20 s";
  }

  // The error's name without its prefix; nothing: success.
  template <class... Arguments>
  std::string call(const char* method, const Arguments&... arguments) {
    std::optional<std::string> outcome;
    proxy_->callMethodAsync(method)
        .onInterface(kInterface)
        .withArguments(arguments...)
        .uponReplyInvoke([&](std::optional<sdbus::Error> error) {
          const std::string name = error ? std::string{error->getName()} : "";
          outcome = name.starts_with(kErrors) ? name.substr(std::string_view{kErrors}.size()) : name;
        });
    client_pump_.poke();
    run_until([&] { return outcome.has_value(); });
    return outcome.value_or("no answer");
  }
  template <class Value>
  Value property(const std::string& name) {
    std::optional<Value> found;
    proxy_->callMethodAsync("Get")
        .onInterface(kProperties)
        .withArguments(std::string{kInterface}, name)
        .uponReplyInvoke([&](std::optional<sdbus::Error> error, const sdbus::Variant& value) {
          found = error ? Value{} : value.get<Value>();
        });
    client_pump_.poke();
    run_until([&] { return found.has_value(); });
    return found.value_or(Value{});
  }

  signet::testing::PrivateBus bus_;
  std::unique_ptr<sdbus::IConnection> own_;
  std::unique_ptr<sdbus::IConnection> client_;
  std::unique_ptr<sdbus::IProxy> proxy_;
  dbus::AsioBus own_pump_{loop_, *own_};
  dbus::AsioBus client_pump_{loop_, *client_};
  std::optional<FmdnAdaptor> adaptor_;
  Names changes_;               // by name, as they were signalled
  std::vector<Names> windows_;  // as they were signalled
};

TEST_F(FmdnAdaptorTest, TellsWhatThereIs) {
  begin();

  EXPECT_EQ(property<std::uint32_t>("InterfaceVersion"), 1U);
  EXPECT_EQ(property<std::string>("State"), "factory");
  EXPECT_EQ(property<std::string>("Problem"), "");
  EXPECT_EQ(property<std::string>("Store"), "fake");
  EXPECT_EQ(property<Names>("Windows"), Names{});
  EXPECT_FALSE(property<bool>("UnwantedTrackingProtection"));
}

TEST_F(FmdnAdaptorTest, AStoreThatIsAwayIsAProblemWithAName) {
  vault_.fails = Errc::no_service;
  begin();

  EXPECT_EQ(property<std::string>("State"), "starting");
  EXPECT_EQ(property<std::string>("Problem"), "no_service");
  EXPECT_NE(property<std::string>("ProblemText"), "");
  EXPECT_EQ(property<std::string>("ProblemText").find("the daemon cannot be reached"), std::string::npos);
  EXPECT_EQ(call("StartPairing", std::uint32_t{0}), "Busy");
}

TEST_F(FmdnAdaptorTest, WindowsAreSignalledWhenTheyOpenAndWhenTheyClose) {
  begin();

  EXPECT_EQ(call("StartPairing", std::uint32_t{60}), "");
  run_until([&] { return windows_.size() == 1; });
  EXPECT_EQ(call("StopPairing"), "");
  run_until([&] { return windows_.size() == 2; });
  EXPECT_EQ(call("GiveConsent", std::uint32_t{1}), "");
  run_until([&] { return windows_.size() == 4; });

  EXPECT_THAT(windows_, ::testing::ElementsAre(Names{"pairing"}, Names{}, Names{"consent"}, Names{}));
}

TEST_F(FmdnAdaptorTest, RingsAndFallsSilent) {
  begin();

  EXPECT_EQ(call("Ring", std::uint32_t{0}), "");
  EXPECT_EQ(property<std::uint8_t>("Ringing"), 1);
  EXPECT_EQ(call("StopRinging"), "");
  run_until([&] { return std::ranges::count(changes_, "Ringing") == 2; });

  EXPECT_EQ(property<std::uint8_t>("Ringing"), 0);
}

TEST_F(FmdnAdaptorTest, RefusesWhatMakesNoSenseByName) {
  begin();

  EXPECT_EQ(call("StartPairing", std::uint32_t{601}), "InvalidArgument");
  EXPECT_EQ(call("GiveConsent", std::uint32_t{601}), "InvalidArgument");
  EXPECT_EQ(call("Ring", std::uint32_t{601}), "InvalidArgument");
  EXPECT_EQ(call("StartIdentifying"), "NotFound");
  EXPECT_EQ(call("GetNfcUrl"), "NotFound");

  EXPECT_THAT(changes_, ::testing::IsEmpty());
}

TEST_F(FmdnAdaptorTest, AResetIsAnsweredOnceItIsStored) {
  begin();
  vault_.save_fails = Errc::no_space;
  EXPECT_EQ(call("FactoryReset"), "NoSpace");

  vault_.save_fails.reset();
  const int saved = vault_.saves;
  EXPECT_EQ(call("FactoryReset"), "");

  EXPECT_EQ(vault_.saves, saved + 1);
}

}  // namespace
}  // namespace signet::fmdnd
