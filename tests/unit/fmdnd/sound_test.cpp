#include "fmdnd/sound.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/input.h>
#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <fstream>
#include <iterator>

#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

struct SoundTest : testing::Test {
  identity::TemporaryDirectory directory;
  boost::asio::io_context loop;
};

TEST_F(SoundTest, ADeviceWithoutSoundSaysSo) {
  const auto sound = open_sound(loop, {.components = 0});

  const auto started = sound->start(1, 0);

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::unsupported);
}

TEST_F(SoundTest, AHookHearsWhatToRingAndWhenToStop) {
  const std::string hook = directory.path() + "/hook";
  const std::string heard = directory.path() + "/heard";
  std::ofstream{hook} << "#!/bin/sh\necho \"$@\" >>" << heard << "\n";
  ASSERT_EQ(::chmod(hook.c_str(), 0700), 0);
  const auto sound = open_sound(loop, {.hook = hook});
  const auto lines = [&] {
    std::ifstream stream{heard};
    return std::string{std::istreambuf_iterator<char>{stream}, {}};
  };
  const auto until = [&](const std::string& expected) {
    for (int i = 0; i < 1000 && lines() != expected; ++i) loop.run_for(std::chrono::milliseconds{10});
    EXPECT_EQ(lines(), expected);
  };

  ASSERT_TRUE(sound->start(3, 2));
  until("start 3 2\n");
  sound->stop();

  until("start 3 2\nstop\n");
}

TEST_F(SoundTest, AHookThatIsNotThereIsNamed) {
  const auto sound = open_sound(loop, {.hook = "/nowhere/hook"});

  const auto started = sound->start(1, 0);

  ASSERT_FALSE(started);
  EXPECT_NE(started.error().context.find("/nowhere/hook"), std::string::npos) << started.error().context;
}

// A FIFO stands for the input device; the real one is in the virtual machine.
TEST_F(SoundTest, ABeeperBeepsUntilItIsTold) {
  const std::string device = directory.path() + "/beeper";
  ASSERT_EQ(::mkfifo(device.c_str(), 0600), 0);
  const int reader = ::open(device.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
  ASSERT_GE(reader, 0);
  const auto next = [reader] {
    input_event event{};
    return ::read(reader, &event, sizeof event) == sizeof event && event.type == EV_SND ? event.value : -1;
  };
  const auto sound = open_sound(loop, {.evdev = device});

  ASSERT_TRUE(sound->start(1, 3));
  const int tone = next();
  loop.run_for(std::chrono::milliseconds{600});
  const int pause = next();
  sound->stop();

  EXPECT_EQ(tone, 2800);
  EXPECT_EQ(pause, 0);
  EXPECT_EQ(next(), 0) << "silence at the end";
  ::close(reader);
}

}  // namespace
}  // namespace signet::fmdnd
