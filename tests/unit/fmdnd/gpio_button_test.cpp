#include "fmdnd/gpio_button.h"

#include <gtest/gtest.h>

#include "tests/unit/becomes.h"
#include "tests/unit/fmdnd/fake_gpio.h"
#include "tests/unit/identity/temporary_directory.h"

namespace signet::fmdnd {
namespace {

using std::chrono_literals::operator""ms;

struct GpioButtonTest : testing::Test {
  void run() {
    loop.restart();
    while (loop.run_one_for(20ms) > 0) {
    }
  }
  // As the kernel makes the node of a chip, once there is one.
  void appear() const { directory.write("gpiochip0", ""); }

  identity::TemporaryDirectory directory;  // stands for /dev
  boost::asio::io_context loop;
  FakeGpio gpio;
  int presses = 0;
  GpioLine line{.text = "gpiochip0:17", .chip = "gpiochip0", .number = 17};
  std::function<void()> pressed = [this] { ++presses; };
  std::string node = directory.path("gpiochip0");
};

TEST_F(GpioButtonTest, APressIsToldOnce) {
  const GpioButton button{loop, gpio, line, pressed, node};

  gpio.happen(true, 1000ms);
  run();
  EXPECT_EQ(presses, 1);
  gpio.happen(false, 1200ms);
  run();

  EXPECT_EQ(presses, 1) << "let go";
}

TEST_F(GpioButtonTest, ContactsThatBounceAreOnePress) {
  const GpioButton button{loop, gpio, line, pressed, node};

  for (const auto& [active, at] : {std::pair{true, 1000ms},
                                   {false, 1003ms},
                                   {true, 1004ms},
                                   {false, 1011ms},
                                   {true, 1030ms},
                                   {false, 1300ms},
                                   {true, 1302ms},
                                   {false, 1310ms}}) {
    gpio.happen(active, at);
  }
  run();

  EXPECT_EQ(presses, 1);
}

TEST_F(GpioButtonTest, TheNextPressCounts) {
  const GpioButton button{loop, gpio, line, pressed, node};

  for (const auto& [active, at] : {std::pair{true, 1000ms}, {false, 1060ms}, {true, 1080ms}, {false, 1140ms}}) {
    gpio.happen(active, at);
  }
  run();

  EXPECT_EQ(presses, 2);
}

TEST_F(GpioButtonTest, AChipThatComesLaterIsUsedAtOnce) {
  gpio.unplug();
  const GpioButton button{loop, gpio, line, pressed, node};
  run();

  gpio.plug_in();
  appear();
  run();
  gpio.happen(true, 1000ms);

  EXPECT_TRUE(becomes(loop, [this] { return presses == 1; }));
}

TEST_F(GpioButtonTest, AChipThatGoesAndComesBackIsUsedAgain) {
  for (const bool noticed : {true, false}) {
    presses = 0;
    gpio.plug_in();
    const GpioButton button{loop, gpio, line, pressed, node};
    gpio.unplug(noticed);
    run();

    gpio.plug_in();
    appear();
    run();
    gpio.happen(true, 1000ms);

    EXPECT_TRUE(becomes(loop, [this] { return presses == 1; })) << noticed;
  }
}

TEST_F(GpioButtonTest, NothingWakesItWhileNothingHappens) {
  gpio.unplug();
  const GpioButton button{loop, gpio, line, pressed, node};

  EXPECT_EQ(loop.run_for(100ms), 0U);
}

}  // namespace
}  // namespace signet::fmdnd
