#include "fmdnd/button.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <vector>

#include "base/unique_fd.h"
#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

constexpr std::uint16_t kKey = 148;

// A pipe by name stands for the kernel's input device: whole events, several at a time.
struct ButtonTest : testing::Test {
  ButtonTest() {
    if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error{"mkfifo"};
    device = UniqueFd{::open(path.c_str(), O_RDWR | O_CLOEXEC)};
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
    loop.restart();
    while (loop.run_one_for(std::chrono::milliseconds{20}) > 0) {
    }
  }

  identity::TemporaryDirectory directory;
  std::string path = directory.path("event0");
  UniqueFd device;
  boost::asio::io_context loop;
  int presses = 0;
};

TEST_F(ButtonTest, APressIsToldOnce) {
  const Button button{loop, {.evdev = path, .key = kKey}, [this] { ++presses; }};

  happen({{EV_KEY, kKey, 1}, {EV_SYN, 0, 0}});
  EXPECT_EQ(presses, 1);
  happen({{EV_KEY, kKey, 2}, {EV_SYN, 0, 0}, {EV_KEY, kKey, 0}, {EV_SYN, 0, 0}});

  EXPECT_EQ(presses, 1) << "held down and let go";
}

TEST_F(ButtonTest, PressesThatComeTogetherAreEachTold) {
  const Button button{loop, {.evdev = path, .key = kKey}, [this] { ++presses; }};

  happen({{EV_KEY, kKey, 1}, {EV_KEY, kKey, 0}, {EV_KEY, kKey, 1}, {EV_KEY, kKey, 0}});

  EXPECT_EQ(presses, 2);
}

TEST_F(ButtonTest, OtherKeysAndOtherEventsAreNotOurs) {
  const Button button{loop, {.evdev = path, .key = kKey}, [this] { ++presses; }};

  happen({{EV_KEY, kKey + 1, 1}, {EV_SW, kKey, 1}, {EV_MSC, MSC_SCAN, 1}});

  EXPECT_EQ(presses, 0);
}

TEST_F(ButtonTest, WithoutADeviceItWaitsAndDoesNoHarm) {
  const Button none{loop, {.evdev = ""}, [this] { ++presses; }};
  const Button absent{loop, {.evdev = "/nowhere/event0"}, [this] { ++presses; }};
  const Button unfit{loop, {.evdev = directory.write("file", "text")}, [this] { ++presses; }};

  loop.poll();

  EXPECT_EQ(presses, 0);
}

}  // namespace
}  // namespace signet::fmdnd
