// The back end against a kernel that behaves as Linux was seen to behave.
#include "bluez/management_advertising.h"

#include <gtest/gtest.h>

#include "bluez/testing/fake_kernel.h"
#include "tests/unit/becomes.h"
#include "tests/unit/random_octets.h"

namespace signet::bluez {
namespace {

using namespace std::chrono_literals;
using bluez::testing::FakeController;
using bluez::testing::FakeKernel;
using management::Opcode;
using management::Status;

constexpr std::uint8_t kFmdn = 3;  // from the top
constexpr std::uint8_t kFastPair = 2;

class ManualClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override { return now; }
  std::chrono::system_clock::time_point wall() const override { return {}; }
  std::chrono::steady_clock::time_point now{};
};

Advert advert(std::uint8_t content) { return {.data = {0x02, 0x01, content}}; }
Advert long_advert(std::size_t size) {
  Bytes data(size, 0x5a);
  data[0] = static_cast<std::uint8_t>(size - 1);
  return {.data = data};
}

class ManagementAdvertisingTest : public ::testing::Test {
 protected:
  void start(FakeController controller = {}) {
    kernel_.emplace(loop_, clock_, controller);
    begin();
  }
  void begin() {
    air_.emplace(loop_, kernel_->take_client_end(),
                 ManagementAdvertising::Options{
                     .patience = 100ms, .busy_pause = 0ms, .restore_pause = 0ms, .refresh_pause = 0ms});
  }
  template <class Condition>
  ::testing::AssertionResult becomes(Condition condition) {
    return signet::becomes(loop_, condition, 5s);
  }
  // Until nothing is left to do; timers of 0 ms count as something.
  void settle() {
    do {
      loop_.restart();
    } while (loop_.poll() > 0);
  }
  Result<void> apply(Change change) {
    std::optional<Result<void>> outcome;
    air_->apply(std::move(change), [&outcome](Result<void> now) { outcome = std::move(now); });
    EXPECT_FALSE(outcome) << "completion is later";
    EXPECT_TRUE(becomes([&outcome] { return outcome.has_value(); }));
    return outcome.value_or(fail(Errc::internal, "no completion"));
  }
  Result<void> put(Slot slot, const Advert& what, AddressPolicy address = AddressPolicy::rotate) {
    return apply({.slots = {{slot, what}}, .address = address});
  }
  bool shows(std::uint8_t instance, const Advert& what) {
    const auto now = kernel_->on_air().find(instance);
    return now != kernel_->on_air().end() && now->second.data == what.data;
  }
  DeviceAddress address(std::uint8_t instance = kFmdn) { return kernel_->on_air().at(instance).address; }

  boost::asio::io_context loop_;
  ManualClock clock_;
  std::optional<FakeKernel> kernel_;
  std::optional<ManagementAdvertising> air_;
};

TEST_F(ManagementAdvertisingTest, FindsTheControllerAndWhatItCan) {
  start();

  ASSERT_TRUE(becomes([&] { return !air_->controller().name.empty(); }));

  EXPECT_EQ(air_->controller(), (Controller{.name = "hci0",
                                            .identity = FakeController{}.address,
                                            .powered = true,
                                            .privacy = true,
                                            .extended = true,
                                            .longest = 251,
                                            .sets = 3}));
  EXPECT_TRUE(air_->limitations().empty());
}

// The list of controllers, what the controller is, and what it can advertise.
TEST_F(ManagementAdvertisingTest, AControllerThatIsAskedInVainIsLookedForAgain) {
  for (std::size_t answered = 0; answered < 3; ++answered) {
    kernel_.emplace(loop_, clock_, FakeController{});
    begin();
    ASSERT_TRUE(becomes([&] { return kernel_->commands().size() == answered; }));
    kernel_->ignore_next();

    EXPECT_TRUE(becomes([&] { return !air_->controller().name.empty(); })) << answered;
    air_.reset();
  }
}

TEST_F(ManagementAdvertisingTest, ASocketThatTheKernelEndsIsTold) {
  kernel_.emplace(loop_, clock_, FakeController{});
  std::optional<Error> lost;
  air_.emplace(loop_, kernel_->take_client_end(),
               ManagementAdvertising::Options{.patience = 100ms, .lost = [&](const Error& error) { lost = error; }});
  settle();
  ASSERT_FALSE(lost);

  kernel_.reset();

  ASSERT_TRUE(becomes([&] { return lost.has_value(); }));
  EXPECT_EQ(lost->code, Errc::io);
}

TEST_F(ManagementAdvertisingTest, AFrameGoesOutAsItIsInTheTopmostInstance) {
  start();

  ASSERT_TRUE(put(Slot::fmdn, {.data = {0x02, 0x01, 0x06}, .interval = 1000ms}));

  ASSERT_EQ(kernel_->on_air().size(), 1U);
  const auto& frame = kernel_->on_air().at(kFmdn);
  EXPECT_EQ(frame.data, (Bytes{0x02, 0x01, 0x06}));
  EXPECT_EQ(frame.flags, management::kConnectable | management::kWithIntervals) << "nothing that touches the data";
  EXPECT_EQ(frame.interval, 1600U);
}

TEST_F(ManagementAdvertisingTest, ALongFrameTakesExtendedPdusAndAShortOneDoesNot) {
  start();

  ASSERT_TRUE(put(Slot::fmdn, long_advert(41)));
  EXPECT_NE(kernel_->on_air().at(kFmdn).flags & management::kSecondary1M, 0U);
  ASSERT_TRUE(put(Slot::fmdn, long_advert(31)));
  EXPECT_EQ(kernel_->on_air().at(kFmdn).flags & management::kSecondary1M, 0U);
}

TEST_F(ManagementAdvertisingTest, WhatIsNotConnectableSaysSo) {
  start();
  auto quiet = advert(6);
  quiet.connectable = false;

  ASSERT_TRUE(put(Slot::fmdn, quiet));

  EXPECT_EQ(kernel_->on_air().at(kFmdn).flags & management::kConnectable, 0U);
}

TEST_F(ManagementAdvertisingTest, ExtendedRotatesEveryTimeAndShowsNoMixedPair) {
  start();
  std::set<DeviceAddress> addresses;
  for (std::uint8_t i = 1; i <= 20; ++i) {
    kernel_->forget_history();

    ASSERT_TRUE(
        apply({.slots = {{Slot::fmdn, advert(i)}, {Slot::fast_pair, advert(static_cast<std::uint8_t>(i + 100))}}}));

    addresses.insert(address(kFmdn));
    addresses.insert(address(kFastPair));
    for (const auto& [instance, frame] : kernel_->history()) {
      EXPECT_EQ(frame ? frame->data[2] : 0, !frame ? 0 : instance == kFmdn ? i : i + 100) << "old data";
    }
  }
  EXPECT_EQ(addresses.size(), 40U);
}

TEST_F(ManagementAdvertisingTest, EverythingIsSilentBeforeAnythingNewIsOnTheAir) {
  start();
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(1)}, {Slot::fast_pair, advert(2)}}}));
  kernel_->forget_history();

  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(3)}, {Slot::fast_pair, advert(4)}}}));

  ASSERT_EQ(kernel_->history().size(), 4U);
  EXPECT_FALSE(kernel_->history()[0].second);
  EXPECT_FALSE(kernel_->history()[1].second);
  EXPECT_TRUE(kernel_->history()[2].second);
  EXPECT_TRUE(kernel_->history()[3].second);
}

TEST_F(ManagementAdvertisingTest, ExtendedHoldsItsAddressBeyondTheKernelsTimeout) {
  start({.rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();
  kernel_->forget_history();

  for (std::uint8_t i = 2; i < 10; ++i) {
    clock_.now += 1024s;
    ASSERT_TRUE(put(Slot::fmdn, advert(i), AddressPolicy::hold));
  }

  EXPECT_EQ(address(), before);
  EXPECT_TRUE(shows(kFmdn, advert(9)));
  for (const auto& [instance, frame] : kernel_->history()) EXPECT_TRUE(frame) << "never silent";
}

TEST_F(ManagementAdvertisingTest, ANewIntervalIsTakenOverUnderTheHeldAddress) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();
  auto faster = advert(1);
  faster.interval = 100ms;

  ASSERT_TRUE(put(Slot::fmdn, faster, AddressPolicy::hold));

  EXPECT_EQ(kernel_->on_air().at(kFmdn).interval, 160U);
  EXPECT_EQ(address(), before);
}

TEST_F(ManagementAdvertisingTest, HoldOnASilentSlotPutsItOnTheAir) {
  start();

  ASSERT_TRUE(put(Slot::fmdn, advert(1), AddressPolicy::hold));

  EXPECT_TRUE(shows(kFmdn, advert(1)));
}

TEST_F(ManagementAdvertisingTest, LegacyTakesANewAddressOnlyAfterTheTimeoutAndShowsNoMixedPair) {
  start({.extended = false, .rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();

  clock_.now += 29s;
  ASSERT_TRUE(put(Slot::fmdn, advert(2)));
  EXPECT_EQ(address(), before);
  clock_.now += 1s;
  kernel_->forget_history();
  ASSERT_TRUE(put(Slot::fmdn, advert(3)));

  EXPECT_NE(address(), before);
  ASSERT_EQ(kernel_->history().size(), 2U) << "off, then on";
  EXPECT_FALSE(kernel_->history()[0].second);
}

TEST_F(ManagementAdvertisingTest, LegacySlotsAreTakenDownTogether) {
  start({.extended = false, .rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fast_pair, advert(7)));
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();
  clock_.now += 30s;
  kernel_->forget_history();

  ASSERT_TRUE(put(Slot::fmdn, advert(2)));

  for (const auto& [instance, frame] : kernel_->history()) {
    EXPECT_FALSE(frame && frame->address == before);
  }
  EXPECT_TRUE(shows(kFastPair, advert(7)));
  EXPECT_EQ(address(kFmdn), address(kFastPair));
}

TEST_F(ManagementAdvertisingTest, LegacyNamesWhatItCannotDo) {
  start({.extended = false});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  const auto outcome = put(Slot::fmdn, long_advert(41));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::unsupported);
  EXPECT_TRUE(shows(kFmdn, advert(1))) << "changes nothing";
  EXPECT_EQ(air_->limitations(), (std::set{Limitation::legacy_short_frames, Limitation::legacy_no_instant_rotation,
                                           Limitation::legacy_shared_address, Limitation::legacy_hold_ends}));
}

TEST_F(ManagementAdvertisingTest, AnOldKernelIsServedWithTheOldCommand) {
  start({.extended = false, .extended_commands = false});

  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  ASSERT_TRUE(put(Slot::fmdn, advert(2), AddressPolicy::hold));

  EXPECT_TRUE(shows(kFmdn, advert(2)));
  EXPECT_TRUE(air_->limitations().contains(Limitation::default_interval));
}

TEST_F(ManagementAdvertisingTest, APowerCyclePutsEverythingBack) {
  for (const bool extended : {true, false}) {
    start({.extended = extended});
    ASSERT_TRUE(put(Slot::fmdn, advert(1)));
    const auto before = address();

    kernel_->set_power(false);
    ASSERT_TRUE(becomes([&] { return air_->limitations().contains(Limitation::not_powered); }));
    kernel_->set_power(true);

    ASSERT_TRUE(becomes([&] { return shows(kFmdn, advert(1)); }));
    EXPECT_NE(address(), before);
  }
}

TEST_F(ManagementAdvertisingTest, AStartOfBluetoothdClearsTheInstancesAndTheyComeBack) {
  start();
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(1)}, {Slot::fast_pair, advert(2)}}}));

  kernel_->remove_all();
  EXPECT_TRUE(kernel_->on_air().empty());

  EXPECT_TRUE(becomes([&] { return shows(kFmdn, advert(1)) && shows(kFastPair, advert(2)); }));
}

TEST_F(ManagementAdvertisingTest, InstancesOfBluetoothdAreLeftAlone) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  kernel_->add_foreign(1);

  ASSERT_TRUE(put(Slot::fmdn, advert(2)));
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, std::nullopt}}}));

  EXPECT_TRUE(kernel_->on_air().contains(1));
  EXPECT_FALSE(kernel_->on_air().contains(kFmdn));
}

TEST_F(ManagementAdvertisingTest, WhatACrashLeftOnTheAirIsRemovedAtTheStart) {
  kernel_.emplace(loop_, clock_, FakeController{});
  kernel_->add_foreign(kFmdn);
  kernel_->add_foreign(kFastPair);

  begin();

  EXPECT_TRUE(becomes([&] { return kernel_->on_air().empty(); }));
}

TEST_F(ManagementAdvertisingTest, TheEndTakesEverythingOffTheAir) {
  start();
  ASSERT_TRUE(apply({.slots = {{Slot::fmdn, advert(1)}, {Slot::fast_pair, advert(2)}}}));

  air_.reset();

  EXPECT_TRUE(becomes([&] { return kernel_->on_air().empty(); }));
}

TEST_F(ManagementAdvertisingTest, TheEndTakesWhatIsUnderWayOffTheAirToo) {
  start();
  settle();
  air_->apply({.slots = {{Slot::fmdn, advert(1)}}}, [](const Result<void>&) {});
  ASSERT_TRUE(becomes([this] { return kernel_->commands().back() == Opcode::add_extended_data; }));

  air_.reset();
  settle();

  EXPECT_TRUE(kernel_->on_air().empty());
}

TEST_F(ManagementAdvertisingTest, AnotherControllerTakesOver) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  kernel_->unplug();
  ASSERT_TRUE(becomes([&] { return air_->controller().name.empty(); }));
  EXPECT_EQ(air_->limitations(), std::set{Limitation::no_controller});
  kernel_->plug_in();

  EXPECT_TRUE(becomes([&] { return shows(kFmdn, advert(1)); }));
}

TEST_F(ManagementAdvertisingTest, AChangeWithoutPowerIsKeptAndMadeLater) {
  start({.settings = management::kLowEnergy | management::kPrivacy});

  const auto outcome = put(Slot::fmdn, advert(1));
  kernel_->set_power(true);

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::no_service);
  EXPECT_TRUE(becomes([&] { return shows(kFmdn, advert(1)); }));
}

TEST_F(ManagementAdvertisingTest, AConnectionDoesNotHideAnExtendedFrame) {
  start({.rpa_timeout = 30s});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));
  const auto before = address();
  clock_.now += 31s;

  kernel_->connect();
  EXPECT_TRUE(kernel_->on_air().empty());

  ASSERT_TRUE(becomes([&] { return shows(kFmdn, advert(1)); }));
  EXPECT_EQ(address(), before);
}

TEST_F(ManagementAdvertisingTest, ABusyKernelIsAskedAgain) {
  start();
  settle();
  kernel_->answer_next(Status::busy, 5);

  EXPECT_TRUE(put(Slot::fmdn, advert(1)));

  EXPECT_TRUE(shows(kFmdn, advert(1)));
}

TEST_F(ManagementAdvertisingTest, WithoutTheRightNothingIsOnTheAirAndItSaysSo) {
  start();
  settle();
  kernel_->answer_next(Status::permission_denied);

  const auto outcome = put(Slot::fmdn, advert(1));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::access_denied);
  EXPECT_TRUE(air_->limitations().contains(Limitation::no_permission));
}

TEST_F(ManagementAdvertisingTest, AFailureIsReportedAndMadeGoodLater) {
  start();
  settle();
  kernel_->answer_next(Status::failed);

  const auto outcome = put(Slot::fmdn, advert(1));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::io);
  EXPECT_TRUE(becomes([&] { return shows(kFmdn, advert(1)); }));
}

TEST_F(ManagementAdvertisingTest, AKernelThatDoesNotAnswerIsGivenUpAndTriedAgain) {
  start();
  settle();
  kernel_->ignore_next();

  const auto outcome = put(Slot::fmdn, advert(1));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::timeout);
  EXPECT_TRUE(becomes([&] { return shows(kFmdn, advert(1)); }));
}

TEST_F(ManagementAdvertisingTest, AControllerWithOneSetCarriesOneSlot) {
  start({.sets = 1});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  const auto outcome = put(Slot::fast_pair, advert(2));

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::store_full);
  EXPECT_TRUE(shows(1, advert(1)));
}

TEST_F(ManagementAdvertisingTest, WithoutPrivacyTheAddressIsKnown) {
  start({.settings = management::kPowered | management::kLowEnergy});
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  EXPECT_EQ(air_->address(Slot::fmdn), FakeController{}.address);
  EXPECT_EQ(air_->address(Slot::fast_pair), std::nullopt);
  EXPECT_TRUE(air_->limitations().contains(Limitation::no_privacy));
}

TEST_F(ManagementAdvertisingTest, AControllerThatPicksAddressesItselfIsNamed) {
  start({.supported = management::kLowEnergy | management::kLinkLayerPrivacy});
  settle();

  EXPECT_TRUE(air_->limitations().contains(Limitation::controller_picks_address));
}

TEST_F(ManagementAdvertisingTest, ABadChangeIsRefusedAndChangesNothing) {
  start();
  ASSERT_TRUE(put(Slot::fmdn, advert(1)));

  const auto outcome = put(Slot::fmdn, Advert{.data = {0x05, 0x01}});

  ASSERT_FALSE(outcome);
  EXPECT_EQ(outcome.error().code, Errc::invalid_argument);
  EXPECT_TRUE(shows(kFmdn, advert(1)));
}

TEST_F(ManagementAdvertisingTest, ChangesAreMadeInTheOrderAskedFor) {
  start();
  int done = 0;
  for (std::uint8_t i = 1; i <= 5; ++i) {
    air_->set(Slot::fmdn, advert(i), AddressPolicy::rotate,
              [&done](Result<void> outcome) { done += outcome ? 1 : 100; });
  }

  ASSERT_TRUE(becomes([&] { return done == 5; }));

  EXPECT_TRUE(shows(kFmdn, advert(5)));
}

TEST_F(ManagementAdvertisingTest, NoiseFromTheSocketHarmsNothing) {
  start();
  RandomOctets random{3};
  for (int i = 0; i < 2000; ++i) {
    const auto text = random.text(40, std::string_view{"\x00\x01\x02\x03\x05\x24", 6});
    if (!text.empty()) kernel_->send_raw(Bytes(text.begin(), text.end()));  // empty: the end of the socket
    settle();
  }
  kernel_->unplug();
  kernel_->plug_in();

  EXPECT_TRUE(becomes([&] { return put(Slot::fmdn, advert(1)).has_value(); }));
  EXPECT_TRUE(shows(kFmdn, advert(1)));
}

}  // namespace
}  // namespace signet::bluez
