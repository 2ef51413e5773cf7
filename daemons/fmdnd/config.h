// fmdnd.toml, judged in full before anything is done with it (fmdnd.toml(5)).
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/result.h"
#include "fmdn/eid.h"

namespace signet::fmdnd {

struct DeviceConfig {
  std::array<std::uint8_t, 3> model_id{};  // of the Fast Pair console
  std::string anti_spoofing_key;           // file with base64 of 32 octets; unless a credential has it
  std::string name;                        // as the console has it
  std::string manufacturer;
  std::array<std::uint8_t, 3> firmware{1, 0, 0};
  std::uint8_t category = 1;  // of DULT: location tracker
  bool nfc = false;           // the board has an NFC tag that shows the address of the moment
  bool locator_tag = false;   // a tag: no bonding, one account key, and forgetting the owner resets it
};

struct BeaconConfig {
  fmdn::Curve curve = fmdn::Curve::secp160r1;
  std::int8_t calibrated_power = 0;   // dBm at no distance, -100 .. 20
  std::chrono::minutes consent{5};    // that a press of the button gives
  std::chrono::seconds pairing{120};  // that pairing mode lasts
};

struct RadioConfig {
  enum class Advertising { management, dbus };
  Advertising advertising = Advertising::management;
  std::string adapter;                                        // "hci0"; nothing: the first that appears
  std::string resolving_keys = "/run/signet/resolving-keys";  // directory: of each adapter, in a file named after it
};

// A line of a GPIO chip: "gpiochip0:17", or the name that the kernel has for it.
struct GpioLine {
  enum class Bias { as_is, pull_up, pull_down };
  std::string text;  // as the configuration has it
  std::string chip;  // "gpiochip0"; nothing: whichever has a line whose name is `text`
  unsigned number = 0;
  bool active_low = false;
  Bias bias = Bias::as_is;  // of an input
};

struct SoundConfig {
  std::uint8_t components = 1;   // 0: this device cannot ring; 2 and 3: earbuds, earbuds and case
  bool volume = false;           // the three levels make a difference
  std::string evdev;             // input device that beeps (EV_SND)
  std::string hook;              // command: start COMPONENTS VOLUME, stop
  std::optional<GpioLine> gpio;  // active: it sounds
};

struct ButtonConfig {
  std::string evdev;             // input device
  std::uint16_t key = 148;       // EV_KEY code: KEY_PROG1
  std::optional<GpioLine> gpio;  // active: pressed
};

struct BatteryConfig {
  std::string supply;  // name below /sys/class/power_supply
};

struct Config {
  DeviceConfig device;
  BeaconConfig beacon;
  RadioConfig radio;
  SoundConfig sound;
  ButtonConfig button;
  BatteryConfig battery;
  std::string secrets_file;  // only when [store] says backend = "file"; otherwise rpmbd keeps them
};

// Error: config_invalid, "file:line: key: rule".
Result<Config> load_config(const std::string& path);
Result<Config> parse_config(std::string_view text, const std::string& file);

}  // namespace signet::fmdnd
