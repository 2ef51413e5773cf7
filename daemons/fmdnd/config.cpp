#include "fmdnd/config.h"

#include <algorithm>
#include <charconv>

#include "base/hex.h"
#include "config/toml_file.h"
#include "dult/category.h"

namespace signet::fmdnd {
namespace {

using config::config_error;
using config::read_section;
using config::TomlSection;

constexpr std::size_t kLongestName = 64;      // octets, of Fast Pair and DULT
constexpr std::size_t kLongestLineName = 31;  // octets, of the kernel's GPIO_MAX_NAME_SIZE
constexpr std::string_view kGpioChip = "gpiochip";

void parse_model_id(TomlSection& section, std::array<std::uint8_t, 3>& model_id) {
  std::string text;
  section.text("model_id", text);
  if (!section.require("model_id")) return;
  const auto octets = from_hex(text);
  if (!octets || octets->size() != model_id.size()) return section.reject("model_id", "must be 6 hexadecimal digits");
  std::ranges::copy(*octets, model_id.begin());
}

void parse_name(TomlSection& section, const std::string& key, std::string& name) {
  section.text(key, name);
  if (!section.require(key)) return;
  if (name.empty() || name.size() > kLongestName) section.reject(key, "must have 1 to 64 characters");
  const auto is_control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  if (std::ranges::any_of(name, is_control)) section.reject(key, "must not have control characters");
}

// "1.2.3": each part is one octet of DULT's firmware version.
void parse_firmware(TomlSection& section, std::array<std::uint8_t, 3>& version) {
  std::string text = "1.0.0";
  section.text("firmware", text);
  const char* at = text.data();
  const char* const end = at + text.size();
  for (std::size_t i = 0; i < version.size(); ++i) {
    if (i > 0 && (at == end || *at++ != '.')) return section.reject("firmware", "must be three numbers: \"1.0.0\"");
    const auto [next, error] = std::from_chars(at, end, version[i]);
    if (error != std::errc{}) return section.reject("firmware", "must be three numbers of 0 to 255");
    at = next;
  }
  if (at != end) section.reject("firmware", "must be three numbers: \"1.0.0\"");
  if (version[0] == 0) section.reject("firmware", "must be at least 1.0.0");
}

Result<DeviceConfig> parse_device(TomlSection section) {
  DeviceConfig device;
  parse_model_id(section, device.model_id);
  section.path("anti_spoofing_key", device.anti_spoofing_key);
  parse_name(section, "name", device.name);
  parse_name(section, "manufacturer", device.manufacturer);
  parse_firmware(section, device.firmware);
  section.number("category", device.category, 1, 255);
  if (!dult::is_category(device.category)) section.reject("category", "is reserved; fmdnd.toml(5) says which are not");
  section.flag("nfc", device.nfc);
  section.flag("locator_tag", device.locator_tag);
  SIGNET_TRY(section.finish());
  return device;
}

Result<BeaconConfig> parse_beacon(TomlSection section) {
  BeaconConfig beacon;
  std::string curve = "secp160r1";
  section.text("curve", curve);
  if (curve != "secp160r1" && curve != "secp256r1") {
    section.reject("curve", R"(must be "secp160r1" or "secp256r1")");
  }
  beacon.curve = curve == "secp256r1" ? fmdn::Curve::secp256r1 : fmdn::Curve::secp160r1;
  section.number("calibrated_power", beacon.calibrated_power, -100, 20);
  std::uint32_t minutes = 5;
  section.number("consent_minutes", minutes, 1, 10);
  beacon.consent = std::chrono::minutes{minutes};
  std::uint32_t seconds = 120;
  section.number("pairing_seconds", seconds, 10, 600);
  beacon.pairing = std::chrono::seconds{seconds};
  SIGNET_TRY(section.finish());
  return beacon;
}

Result<RadioConfig> parse_radio(TomlSection section) {
  RadioConfig radio;
  std::string advertising = "management";
  section.text("advertising", advertising);
  if (advertising != "management" && advertising != "dbus") {
    section.reject("advertising", R"(must be "management" or "dbus")");
  }
  if (advertising == "dbus") radio.advertising = RadioConfig::Advertising::dbus;
  section.path("resolving_keys", radio.resolving_keys);
  section.text("adapter", radio.adapter);
  const auto& name = radio.adapter;
  const bool numbered = name.size() > 3 && name.size() < 7 && name.starts_with("hci") &&
                        std::all_of(name.begin() + 3, name.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (!name.empty() && !numbered) section.reject("adapter", R"(must be as "hci0")");
  SIGNET_TRY(section.finish());
  return radio;
}

std::optional<unsigned> decimal(std::string_view text) {
  unsigned number = 0;
  const char* const end = text.data() + text.size();
  const auto [next, error] = std::from_chars(text.data(), end, number);
  return error == std::errc{} && next == end ? std::optional{number} : std::nullopt;
}

// "gpiochip0:17". What begins so can be nothing else.
void parse_numbered_line(TomlSection& section, GpioLine& line) {
  const std::string_view text = line.text;
  const auto colon = std::min(text.find(':'), text.size());
  const auto chip = decimal(text.substr(kGpioChip.size(), colon - kGpioChip.size()));
  const auto number = decimal(text.substr(std::min(colon + 1, text.size())));
  if (!chip || !number) return section.reject("gpio", R"(must be as "gpiochip0:17", or the name of a line)");
  line.chip = text.substr(0, colon);
  line.number = *number;
}

// The keys of a line; `input`: it has a bias.
std::optional<GpioLine> parse_gpio(TomlSection& section, bool input) {
  GpioLine line;
  section.text("gpio", line.text);
  section.flag("active_low", line.active_low);
  std::string bias;
  if (input) section.text("bias", bias);
  if (line.text.empty()) {
    if (line.active_low) section.reject("active_low", "is only for gpio");
    if (!bias.empty()) section.reject("bias", "is only for gpio");
    return {};
  }
  if (!bias.empty() && bias != "pull_up" && bias != "pull_down") {
    section.reject("bias", R"(must be "pull_up" or "pull_down")");
  }
  if (bias == "pull_up") line.bias = GpioLine::Bias::pull_up;
  if (bias == "pull_down") line.bias = GpioLine::Bias::pull_down;
  if (line.text.starts_with(kGpioChip)) {
    parse_numbered_line(section, line);
  } else if (line.text.size() > kLongestLineName) {
    section.reject("gpio", "must have at most 31 characters, as names of lines have");
  }
  return line;
}

Result<SoundConfig> parse_sound(TomlSection section) {
  SoundConfig sound;
  section.number("components", sound.components, 0, 3);
  section.flag("volume", sound.volume);
  section.path("evdev", sound.evdev);
  section.path("hook", sound.hook);
  sound.gpio = parse_gpio(section, false);
  if (sound.gpio && !sound.evdev.empty()) section.reject("gpio", "cannot be there beside evdev");
  if (sound.gpio && !sound.hook.empty()) section.reject("gpio", "cannot be there beside hook");
  SIGNET_TRY(section.finish());
  return sound;
}

Result<ButtonConfig> parse_button(TomlSection section) {
  ButtonConfig button;
  section.path("evdev", button.evdev);
  section.number("key", button.key, 1, 767);
  button.gpio = parse_gpio(section, true);
  if (button.gpio && !button.evdev.empty()) section.reject("gpio", "cannot be there beside evdev");
  SIGNET_TRY(section.finish());
  return button;
}

Result<BatteryConfig> parse_battery(TomlSection section) {
  BatteryConfig battery;
  section.text("supply", battery.supply);
  const bool plain = battery.supply.find('/') == std::string::npos && !battery.supply.starts_with('.');
  if (!plain) section.reject("supply", "must be a name below /sys/class/power_supply");
  SIGNET_TRY(section.finish());
  return battery;
}

Result<std::string> parse_store(TomlSection section) {
  std::string backend = "rpmbd";
  std::string file;
  section.text("backend", backend);
  section.path("file", file);
  if (backend != "rpmbd" && backend != "file") section.reject("backend", R"(must be "rpmbd" or "file")");
  if (backend == "file" && file.empty()) section.reject("backend", "wants a file");
  if (backend == "rpmbd" && !file.empty()) section.reject("file", R"(is only for backend = "file")");
  SIGNET_TRY(section.finish());
  return file;
}

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& file) {
  SIGNET_ASSIGN(const toml::table table, config::parse_toml(text, file));
  TomlSection top{table, "", file};
  Config config;
  if (!table.contains("device")) return fail(config_error(file, 1, "device: must be there, with model_id and names"));
  SIGNET_TRY(read_section(top, table, "device", file, config.device, parse_device));
  SIGNET_TRY(read_section(top, table, "beacon", file, config.beacon, parse_beacon));
  SIGNET_TRY(read_section(top, table, "radio", file, config.radio, parse_radio));
  SIGNET_TRY(read_section(top, table, "sound", file, config.sound, parse_sound));
  SIGNET_TRY(read_section(top, table, "button", file, config.button, parse_button));
  SIGNET_TRY(read_section(top, table, "battery", file, config.battery, parse_battery));
  SIGNET_TRY(read_section(top, table, "store", file, config.secrets_file, parse_store));
  SIGNET_TRY(top.finish());
  return config;
}

Result<Config> load_config(const std::string& path) {
  SIGNET_ASSIGN(const std::string text, config::read_file(path));
  return parse_config(text, path);
}

}  // namespace signet::fmdnd
