#include "fmdnd/button.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/input.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "base/unique_fd.h"
#include "tests/unit/fmdnd/fake_gpio.h"
#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

constexpr std::uint16_t kKey = 148;

// A pipe by name stands for the kernel's input device: whole events, several at a time.
struct ButtonTest : testing::Test {
  ButtonTest() { plug_in(); }
  void plug_in() {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error{"mkfifo"};
    device = UniqueFd{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
  }
  void unplug() {
    ::unlink(path.c_str());
    device = UniqueFd{};
  }
  std::unique_ptr<Button> open(const ButtonConfig& config) {
    return open_button(loop, gpio, config, [this] { ++presses; });
  }
  void run() {
    loop.restart();
    while (loop.run_one_for(std::chrono::milliseconds{20}) > 0) {
    }
  }
  void happen(const std::vector<std::array<int, 3>>& events) {
    std::vector<input_event> octets;
    for (const auto& [type, code, value] : events) {
      input_event event{};
      event.type = static_cast<std::uint16_t>(type);
      event.code = static_cast<std::uint16_t>(code);
      event.value = value;
      octets.push_back(event);
    }
    const auto size = octets.size() * sizeof(input_event);
    ASSERT_EQ(::write(device.get(), octets.data(), size), static_cast<ssize_t>(size));
    run();
  }

  identity::TemporaryDirectory directory;
  std::string path = directory.path("event0");
  UniqueFd device;
  boost::asio::io_context loop;
  FakeGpio gpio;
  int presses = 0;
};

TEST_F(ButtonTest, APressIsToldOnce) {
  const auto button = open({.evdev = path, .key = kKey});

  happen({{EV_KEY, kKey, 1}, {EV_SYN, 0, 0}});
  EXPECT_EQ(presses, 1);
  happen({{EV_KEY, kKey, 2}, {EV_SYN, 0, 0}, {EV_KEY, kKey, 0}, {EV_SYN, 0, 0}});

  EXPECT_EQ(presses, 1) << "held down and let go";
}

TEST_F(ButtonTest, PressesThatComeTogetherAreEachTold) {
  const auto button = open({.evdev = path, .key = kKey});

  happen({{EV_KEY, kKey, 1}, {EV_KEY, kKey, 0}, {EV_KEY, kKey, 1}, {EV_KEY, kKey, 0}});

  EXPECT_EQ(presses, 2);
}

TEST_F(ButtonTest, OtherKeysAndOtherEventsAreNotOurs) {
  const auto button = open({.evdev = path, .key = kKey});

  happen({{EV_KEY, kKey + 1, 1}, {EV_SW, kKey, 1}, {EV_MSC, MSC_SCAN, 1}});

  EXPECT_EQ(presses, 0);
}

TEST_F(ButtonTest, WithoutADeviceItWaitsAndDoesNoHarm) {
  const auto none = open({.evdev = ""});
  const auto absent = open({.evdev = "/nowhere/event0"});
  const auto unfit = open({.evdev = directory.write("file", "text")});

  loop.run_for(std::chrono::milliseconds{100});

  EXPECT_EQ(presses, 0);
}

TEST_F(ButtonTest, ADeviceThatComesLaterIsUsedAtOnce) {
  ASSERT_EQ(::unlink(path.c_str()), 0);
  const auto button = open({.evdev = path, .key = kKey});

  plug_in();
  run();
  happen({{EV_KEY, kKey, 1}});

  EXPECT_EQ(presses, 1);
}

TEST_F(ButtonTest, ADeviceThatGoesAndComesBackIsUsedAgain) {
  const auto button = open({.evdev = path, .key = kKey});

  unplug();
  run();
  plug_in();
  run();
  happen({{EV_KEY, kKey, 1}});

  EXPECT_EQ(presses, 1);
}

TEST_F(ButtonTest, ADeviceThatIsReplacedBeforeAnybodyLooksIsUsed) {
  const auto button = open({.evdev = path, .key = kKey});

  unplug();
  plug_in();
  run();
  happen({{EV_KEY, kKey, 1}});

  EXPECT_EQ(presses, 1);
}

// A pipe without a writer is at its end, again and again.
TEST_F(ButtonTest, ADeviceThatFailsIsNotTriedUntilSomethingChanges) {
  const auto button = open({.evdev = path, .key = kKey});

  device = {};
  const auto steps = loop.run_for(std::chrono::milliseconds{100});

  EXPECT_LE(steps, 2U);
}

}  // namespace
}  // namespace signet::fmdnd
