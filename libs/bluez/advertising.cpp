#include "bluez/advertising.h"

#include <fmt/format.h>

namespace signet::bluez {
namespace {

constexpr std::chrono::milliseconds kShortestInterval{20};
constexpr std::chrono::milliseconds kLongestInterval{10'240};

// A length octet, then that many: one of type, the rest of value. Length 0 would end the data before their end.
bool structures_fill(BytesView data) {
  std::size_t at = 0;
  while (at < data.size()) {
    if (data[at] == 0) return false;
    at += 1U + data[at];
  }
  return at == data.size();
}

}  // namespace

std::string to_string(const DeviceAddress& address) {
  return fmt::format("{:02X}:{:02X}:{:02X}:{:02X}:{:02X}:{:02X}", address[0], address[1], address[2], address[3],
                     address[4], address[5]);
}

std::string_view name(Slot slot) {
  switch (slot) {
    case Slot::fmdn: return "fmdn";
    case Slot::fast_pair: return "fast_pair";
  }
  return "";
}

std::string_view name(Limitation limitation) {
  switch (limitation) {
    case Limitation::no_controller: return "no_controller";
    case Limitation::not_powered: return "not_powered";
    case Limitation::no_permission: return "no_permission";
    case Limitation::no_privacy: return "no_privacy";
    case Limitation::legacy_short_frames: return "legacy_short_frames";
    case Limitation::legacy_no_instant_rotation: return "legacy_no_instant_rotation";
    case Limitation::legacy_shared_address: return "legacy_shared_address";
    case Limitation::legacy_hold_ends: return "legacy_hold_ends";
    case Limitation::controller_picks_address: return "controller_picks_address";
    case Limitation::default_interval: return "default_interval";
    case Limitation::flags_last: return "flags_last";
    case Limitation::bluetoothd_hold_ends: return "bluetoothd_hold_ends";
    case Limitation::bluetoothd_hides_address: return "bluetoothd_hides_address";
  }
  return "";
}

std::optional<Limitation> limitation_named(std::string_view wanted) {
  for (int i = 0; i <= static_cast<int>(Limitation::bluetoothd_hides_address); ++i) {
    if (name(static_cast<Limitation>(i)) == wanted) return static_cast<Limitation>(i);
  }
  return std::nullopt;
}

std::string_view description(Limitation limitation) {
  switch (limitation) {
    case Limitation::no_controller: return "no Bluetooth controller: nothing is on the air";
    case Limitation::not_powered: return "the Bluetooth controller has no power: nothing is on the air";
    case Limitation::no_permission: return "no right to use the Bluetooth controller: nothing is on the air";
    case Limitation::no_privacy: return "bluetoothd runs without Privacy: every frame carries the public address";
    case Limitation::legacy_short_frames: return "no extended advertising: frames of at most 31 octets";
    case Limitation::legacy_no_instant_rotation:
      return "legacy controller: cannot rotate the address before the kernel's rpa_timeout has passed";
    case Limitation::legacy_shared_address: return "legacy controller: all adverts share one address";
    case Limitation::legacy_hold_ends:
      return "legacy controller: a held address ends when the kernel's rpa_timeout has passed";
    case Limitation::controller_picks_address:
      return "the controller chooses the addresses on the air (LL privacy); rotating and holding are requests";
    case Limitation::default_interval: return "the advertising interval cannot be chosen: the kernel's default applies";
    case Limitation::flags_last: return "bluetoothd sends the flags after the service data";
    case Limitation::bluetoothd_hold_ends:
      return "through bluetoothd a held address ends when the kernel's rpa_timeout has passed";
    case Limitation::bluetoothd_hides_address: return "bluetoothd does not tell whether addresses are private";
  }
  return "";
}

bool is_of(const std::string& device, const Controller& controller) {
  return !controller.name.empty() && device.starts_with("/org/bluez/" + controller.name + "/");
}

std::set<Limitation> limitations_of(const Controller& controller) {
  if (controller.name.empty()) return {Limitation::no_controller};
  std::set<Limitation> all;
  if (!controller.powered) all.insert(Limitation::not_powered);
  if (!controller.privacy) all.insert(Limitation::no_privacy);
  if (!controller.extended) {
    all.insert({Limitation::legacy_short_frames, Limitation::legacy_no_instant_rotation,
                Limitation::legacy_shared_address, Limitation::legacy_hold_ends});
  }
  return all;
}

Result<void> check(const Advert& advert) {
  if (advert.data.empty() || advert.data.size() > kLongestAdvert) {
    return fail(Errc::invalid_argument, fmt::format("data: 1 to {} octets", kLongestAdvert));
  }
  if (!structures_fill(advert.data)) {
    return fail(Errc::invalid_argument, "data: AD structures, each with a type, that end with the data");
  }
  if (advert.interval < kShortestInterval || advert.interval > kLongestInterval) {
    return fail(Errc::invalid_argument,
                fmt::format("interval: {} to {} ms", kShortestInterval.count(), kLongestInterval.count()));
  }
  return {};
}

Result<void> check(const Change& change, const Controller& controller) {
  if (change.slots.empty()) return fail(Errc::invalid_argument, "slots: at least one");
  for (const auto& [slot, advert] : change.slots) {
    if (!advert) continue;
    if (auto good = check(*advert); !good) {
      return fail(good.error().code, fmt::format("{}: {}", name(slot), good.error().context));
    }
    if (controller.name.empty() || advert->data.size() <= controller.longest) continue;
    return fail(Errc::unsupported,
                fmt::format("{}: data: at most {} octets with this controller", name(slot), controller.longest));
  }
  return {};
}

}  // namespace signet::bluez
