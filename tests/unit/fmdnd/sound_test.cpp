#include "fmdnd/sound.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <linux/input.h>
#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <chrono>
#include <fstream>
#include <iterator>

#include "tests/unit/fmdnd/fake_gpio.h"
#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

struct SoundTest : testing::Test {
  // A hook that writes down how it was run, after `first`.
  std::string hook(const std::string& first) const {
    const std::string path = directory.path() + "/hook";
    std::ofstream{path} << "#!/bin/sh\n" << first << "\necho \"$@\" >>" << directory.path() << "/heard\n";
    EXPECT_EQ(::chmod(path.c_str(), 0700), 0);
    return path;
  }
  void hears(const std::string& expected) {
    const auto heard = [this] {
      std::ifstream stream{directory.path() + "/heard"};
      return std::string{std::istreambuf_iterator<char>{stream}, {}};
    };
    const auto work = boost::asio::make_work_guard(loop);
    for (int i = 0; i < 1000 && heard().size() < expected.size(); ++i) {
      loop.restart();
      loop.run_for(std::chrono::milliseconds{10});
    }
    EXPECT_EQ(heard(), expected);
  }

  identity::TemporaryDirectory directory;
  boost::asio::io_context loop;
  FakeGpio gpio;
};

TEST_F(SoundTest, ADeviceWithoutSoundSaysSo) {
  const auto sound = open_sound(loop, gpio, {.components = 0});

  const auto started = sound->start(1, 0);

  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().code, Errc::unsupported);
}

TEST_F(SoundTest, AHookHearsWhatToRingAndWhenToStop) {
  const auto sound = open_sound(loop, gpio, {.hook = hook("")});

  ASSERT_TRUE(sound->start(3, 2));
  hears("start 3 2\n");
  sound->stop();

  hears("start 3 2\nstop\n");
}

TEST_F(SoundTest, AHookThatIsSlowToStartIsStoppedAfterwards) {
  const auto sound = open_sound(loop, gpio, {.hook = hook("[ $1 = stop ] || sleep 0.3")});

  ASSERT_TRUE(sound->start(3, 2));
  sound->stop();

  hears("start 3 2\nstop\n");
}

TEST_F(SoundTest, AHookThatIsSlowToStartIsStoppedAtTheEndOfThisProgramToo) {
  auto sound = open_sound(loop, gpio, {.hook = hook("[ $1 = stop ] || sleep 0.3")});
  ASSERT_TRUE(sound->start(3, 2));

  sound.reset();

  hears("start 3 2\nstop\n");
}

TEST_F(SoundTest, AHookThatDoesNotEndIsStoppedAllTheSame) {
  const auto sound = open_sound(loop, gpio, {.hook = hook("[ $1 = stop ] || exec sleep 5")});

  ASSERT_TRUE(sound->start(3, 2));
  sound->stop();

  hears("stop\n");
}

TEST_F(SoundTest, AHookThatIsNotThereIsNamed) {
  const auto sound = open_sound(loop, gpio, {.hook = "/nowhere/hook"});

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
  const auto sound = open_sound(loop, gpio, {.evdev = device});

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
