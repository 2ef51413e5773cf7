#include "fmdnd/config.h"

#include <gtest/gtest.h>

namespace signet::fmdnd {
namespace {

constexpr std::string_view kLeast = R"([device]
model_id = "9266e8"
name = "Acme Tag"
manufacturer = "Acme"
)";

void expect_refused(const std::string& text, const std::string& what) {
  const auto config = parse_config(text, "fmdnd.toml");
  ASSERT_FALSE(config) << text;
  EXPECT_EQ(config.error().code, Errc::config_invalid);
  EXPECT_NE(config.error().context.find(what), std::string::npos) << config.error().context;
}

TEST(FmdndConfig, TheLeastHasSensibleDefaults) {
  const auto config = parse_config(kLeast, "fmdnd.toml");

  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->device.model_id, (std::array<std::uint8_t, 3>{0x92, 0x66, 0xe8}));
  EXPECT_EQ(config->device.firmware, (std::array<std::uint8_t, 3>{1, 0, 0}));
  EXPECT_FALSE(config->device.locator_tag);
  EXPECT_EQ(config->beacon.curve, fmdn::Curve::secp160r1);
  EXPECT_EQ(config->beacon.consent, std::chrono::minutes{5});
  EXPECT_TRUE(config->secrets_file.empty()) << "secrets are rpmbd's unless the configuration says otherwise";
}

TEST(FmdndConfig, EverythingCanBeSaid) {
  const auto config = parse_config(std::string{kLeast} + R"(firmware = "2.0.17"
category = 158
locator_tag = true
nfc = true
anti_spoofing_key = "/etc/signet/anti-spoofing.pem"
[beacon]
curve = "secp256r1"
calibrated_power = -17
consent_minutes = 2
pairing_seconds = 60
[radio]
advertising = "dbus"
adapter = "hci1"
resolving_keys = "/run/keys"
[sound]
components = 3
volume = true
evdev = "/dev/input/beeper"
[button]
evdev = "/dev/input/button"
key = 30
[battery]
supply = "BAT0"
[store]
backend = "file"
file = "/var/lib/signet/fmdnd/secrets"
)",
                                   "fmdnd.toml");

  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->device.firmware, (std::array<std::uint8_t, 3>{2, 0, 17}));
  EXPECT_TRUE(config->device.locator_tag);
  EXPECT_TRUE(config->device.nfc);
  EXPECT_EQ(config->beacon.calibrated_power, -17);
  EXPECT_EQ(config->radio.advertising, RadioConfig::Advertising::dbus);
  EXPECT_EQ(config->radio.adapter, "hci1");
  EXPECT_EQ(config->radio.resolving_keys, "/run/keys");
  EXPECT_EQ(config->sound.components, 3);
  EXPECT_EQ(config->button.key, 30);
  EXPECT_EQ(config->secrets_file, "/var/lib/signet/fmdnd/secrets");
}

TEST(FmdndConfig, ButtonAndSoundMayBeGpioLines) {
  const auto config = parse_config(std::string{kLeast} + R"([sound]
gpio = "BUZZER_EN"
active_low = true
[button]
gpio = "gpiochip2:17"
bias = "pull_up"
)",
                                   "fmdnd.toml");

  ASSERT_TRUE(config) << to_string(config.error());
  ASSERT_TRUE(config->sound.gpio);
  EXPECT_EQ(config->sound.gpio->text, "BUZZER_EN");
  EXPECT_EQ(config->sound.gpio->chip, "");
  EXPECT_TRUE(config->sound.gpio->active_low);
  ASSERT_TRUE(config->button.gpio);
  EXPECT_EQ(config->button.gpio->chip, "gpiochip2");
  EXPECT_EQ(config->button.gpio->number, 17U);
  EXPECT_FALSE(config->button.gpio->active_low);
  EXPECT_EQ(config->button.gpio->bias, GpioLine::Bias::pull_up);
}

TEST(FmdndConfig, RulesOfGpioLinesAreKept) {
  const std::string least{kLeast};
  for (const auto* const text :
       {"gpiochip0", "gpiochip0:", "gpiochip:1", "gpiochip0:-1", "gpiochip0:1x", "gpiochip0x:1", "gpiochip0:4294967296",
        "gpiochip0:1:2", "gpiochip", "0123456789012345678901234567890-"}) {
    expect_refused(least + "[button]\ngpio = \"" + text + "\"\n", "button.gpio: must");
  }
  expect_refused(least + "[button]\ngpio = \"A\"\nevdev = \"/dev/input/event0\"\n",
                 "button.gpio: cannot be there beside evdev");
  expect_refused(least + "[sound]\ngpio = \"A\"\nevdev = \"/dev/input/event0\"\n",
                 "sound.gpio: cannot be there beside evdev");
  expect_refused(least + "[sound]\ngpio = \"A\"\nhook = \"/bin/ring\"\n", "sound.gpio: cannot be there beside hook");
  expect_refused(least + "[button]\nactive_low = true\n", "button.active_low: is only for gpio");
  expect_refused(least + "[button]\nbias = \"pull_up\"\n", "button.bias: is only for gpio");
  expect_refused(least + "[button]\ngpio = \"A\"\nbias = \"up\"\n", "button.bias: must be");
  expect_refused(least + "[sound]\ngpio = \"A\"\nbias = \"pull_up\"\n", "sound.bias");
}

TEST(FmdndConfig, WhatIsMissingIsNamed) {
  expect_refused("", "device");
  expect_refused("[device]\n", "model_id");
  expect_refused("[device]\nmodel_id = \"9266e8\"\nname = \"x\"\n", "manufacturer");
}

TEST(FmdndConfig, EveryRuleIsKept) {
  const std::string least{kLeast};
  expect_refused("[device]\nmodel_id = \"9266\"\nname = \"x\"\nmanufacturer = \"y\"\n", "model_id");
  expect_refused("[device]\nmodel_id = \"9266e8\"\nname = \"\"\nmanufacturer = \"y\"\n", "name");
  expect_refused(least + "firmware = \"0.9.0\"\n", "firmware: must be at least 1.0.0");
  expect_refused(least + "category = 2\n", "category: is reserved");
  expect_refused(least + "firmware = \"1.2\"\n", "firmware");
  expect_refused(least + "firmware = \"1.2.3.4\"\n", "firmware");
  expect_refused(least + "firmware = \"1.2.256\"\n", "firmware");
  expect_refused(least + "category = 0\n", "category");
  expect_refused(least + "[beacon]\ncurve = \"p256\"\n", "curve");
  expect_refused(least + "[beacon]\ncalibrated_power = 21\n", "calibrated_power");
  expect_refused(least + "[beacon]\ncalibrated_power = -101\n", "calibrated_power");
  expect_refused(least + "[beacon]\nconsent_minutes = 0\n", "consent_minutes");
  expect_refused(least + "[radio]\nadvertising = \"hci\"\n", "advertising");
  expect_refused(least + "[radio]\nadapter = \"../hci0\"\n", "adapter");
  expect_refused(least + "[sound]\ncomponents = 4\n", "components");
  expect_refused(least + "[sound]\nhook = \"ring\"\n", "hook");
  expect_refused(least + "[battery]\nsupply = \"../x\"\n", "supply");
  expect_refused(least + "[store]\nbackend = \"file\"\n", "backend");
  expect_refused(least + "[store]\nfile = \"/x\"\n", "file");
  expect_refused(least + "[store]\nbackend = \"cloud\"\n", "backend");
  expect_refused(least + "[radio]\ncolour = \"red\"\n", "colour");
  expect_refused(least + "[extra]\n", "extra");
}

}  // namespace
}  // namespace signet::fmdnd
