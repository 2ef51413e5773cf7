#include "fmdnd/gpio_sound.h"

#include <gtest/gtest.h>

#include "tests/unit/fmdnd/fake_gpio.h"

namespace signet::fmdnd {
namespace {

using Levels = std::vector<bool>;
using std::chrono_literals::operator""ms;

struct GpioSoundTest : testing::Test {
  boost::asio::io_context loop;
  FakeGpio gpio;
  SoundConfig config{.gpio = GpioLine{.text = "BUZZER"}};
};

TEST_F(GpioSoundTest, TheLineIsSilentFromTheBeginning) {
  const auto sound = open_sound(loop, gpio, config);

  EXPECT_EQ(gpio.levels, Levels{false});
}

TEST_F(GpioSoundTest, ItBeepsUntilItIsTold) {
  const auto sound = open_sound(loop, gpio, config);

  ASSERT_TRUE(sound->start(1, 3));
  EXPECT_EQ(gpio.levels, (Levels{false, false, true}));
  loop.run_for(600ms);
  EXPECT_EQ(gpio.levels, (Levels{false, false, true, false}));
  sound->stop();
  loop.run_for(600ms);

  EXPECT_EQ(gpio.levels, (Levels{false, false, true, false, false}));
}

TEST_F(GpioSoundTest, ItIsSilentAtTheEndOfThisProgram) {
  auto sound = open_sound(loop, gpio, config);
  ASSERT_TRUE(sound->start(1, 0));

  sound.reset();

  EXPECT_FALSE(gpio.levels.back());
}

TEST_F(GpioSoundTest, WithoutAChipItDoesNotRingAndSaysWhy) {
  gpio.unplug();
  const auto sound = open_sound(loop, gpio, config);

  const auto started = sound->start(1, 0);

  ASSERT_FALSE(started);
  EXPECT_NE(started.error().context.find("BUZZER"), std::string::npos) << started.error().context;
}

TEST_F(GpioSoundTest, AChipThatWentAndCameBackRingsAgain) {
  const auto sound = open_sound(loop, gpio, config);
  gpio.unplug();
  gpio.plug_in();

  ASSERT_TRUE(sound->start(1, 0));

  EXPECT_TRUE(gpio.levels.back());
}

TEST_F(GpioSoundTest, AChipThatGoesInMidRingStopsNothingElse) {
  const auto sound = open_sound(loop, gpio, config);
  ASSERT_TRUE(sound->start(1, 0));

  gpio.unplug();
  loop.run_for(600ms);
  sound->stop();

  EXPECT_TRUE(gpio.levels.back()) << "as it was left";
}

}  // namespace
}  // namespace signet::fmdnd
