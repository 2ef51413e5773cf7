// What this device has on the air: one advertisement per slot, each an octet-exact payload. An interface, because what
// stands behind it differs: the kernel's management socket, bluetoothd over D-Bus, or a simulation.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace signet::bluez {

using DeviceAddress = std::array<std::uint8_t, 6>;  // as it is written: most significant octet first

// "00:AA:01:00:00:00"
std::string to_string(const DeviceAddress& address);

enum class Slot { fmdn, fast_pair };
std::string_view name(Slot slot);

// One advertisement. Goes out as a legacy PDU up to 31 octets, so that every scanner sees it, and as an extended one
// above that.
struct Advert {
  Bytes data;               // all AD structures in their order on the air, flags included; at most 251 octets
  bool connectable = true;  // if not: neither connectable nor scannable
  std::chrono::milliseconds interval{1000};  // 20 ms to 10.24 s; kept where the back end can choose it

  bool operator==(const Advert&) const = default;
};

inline constexpr std::size_t kLegacyAdvertSize = 31;
inline constexpr std::size_t kLongestAdvert = 251;  // what the management interface can carry in one octet of length

// What becomes of a slot's address when its payload changes.
enum class AddressPolicy {
  rotate,  // new payload under a new address; the two never show mixed with the old ones
  hold,    // new payload under the address that the slot has; a slot that was silent takes any address
};

// Some slots' new content, all at one instant. A slot that is not named stays as it is; nullopt takes it off the air.
struct Change {
  std::map<Slot, std::optional<Advert>> slots;
  AddressPolicy address = AddressPolicy::rotate;
};

// What the back end and its controller cannot do; for `Limitations` of org.signet.Fmdn1, never hidden.
enum class Limitation {
  no_controller,               // nothing is on the air
  not_powered,                 // nothing is on the air
  no_permission,               // nothing is on the air
  no_privacy,                  // every advert carries the public address; no rotation
  legacy_short_frames,         // no extended advertising: frames of at most 31 octets
  legacy_no_instant_rotation,  // the address changes only once the kernel's rpa_timeout has passed
  legacy_shared_address,       // all slots have one address: it rotates for all or for none
  legacy_hold_ends,            // the kernel changes a held address once rpa_timeout has passed
  controller_picks_address,    // the controller makes the addresses (LL privacy); rotate and hold are requests
  default_interval,            // the interval cannot be chosen
  flags_last,                  // bluetoothd writes the flags, and writes them after the service data
  bluetoothd_hold_ends,        // a held address ends when the kernel's rpa_timeout has passed, extended or not
  bluetoothd_hides_address,    // nobody tells whether addresses are private
};
std::string_view name(Limitation limitation);  // "legacy_short_frames", for machines
std::optional<Limitation> limitation_named(std::string_view name);
std::string_view description(Limitation limitation);  // one sentence, for people

// What is known of the controller.
struct Controller {
  std::string name;  // "hci0"; empty: there is none
  DeviceAddress identity{};
  bool powered = false;                     // and low energy switched on
  bool classic = false;                     // BR/EDR is switched on as well
  bool privacy = false;                     // adverts carry private addresses
  bool extended = false;                    // sets of their own, long frames
  std::size_t longest = kLegacyAdvertSize;  // octets in a frame
  std::size_t sets = 0;                     // adverts at once, all programs together

  bool operator==(const Controller&) const = default;
};

// Whether bluetoothd has a device, named by its object path, behind this controller.
bool is_of(const std::string& device, const Controller& controller);

// Everything happens on the loop's thread; nothing blocks. The back end keeps what each slot is to carry, and puts it
// on the air again by itself after whatever took it off: power cycles, a new controller, a restart of bluetoothd (the
// address is then a new one, hold or not).
class Advertising {
 public:
  using Done = std::function<void(Result<void>)>;

  virtual ~Advertising() = default;

  // Calls `done` once, later, when the controller has taken the change over. Changes take place in the order asked
  // for. Errors that change nothing: invalid_argument (names field and rule), unsupported (a frame longer than the
  // controller's), store_full (no advertising set left). Errors after which the change is kept and made as soon as that
  // is possible: no_service (no controller, or no power), io, access_denied.
  virtual void apply(Change change, Done done) = 0;

  [[nodiscard]] virtual Controller controller() const = 0;
  [[nodiscard]] virtual std::set<Limitation> limitations() const = 0;

  // The address that a slot has on the air, if anybody here can know it: always in the simulation, only without
  // privacy on a real controller.
  [[nodiscard]] virtual std::optional<DeviceAddress> address(Slot slot) const = 0;

  // Called, later, whenever controller() or limitations() have changed. One listener; an empty one ends it.
  virtual void listen(std::function<void()> changed) = 0;

  // Short forms.
  void set(Slot slot, Advert advert, AddressPolicy address, Done done) {
    apply({.slots = {{slot, std::move(advert)}}, .address = address}, std::move(done));
  }
  void clear(Slot slot, Done done) { apply({.slots = {{slot, std::nullopt}}}, std::move(done)); }
};

// What follows from the kind of controller alone.
std::set<Limitation> limitations_of(const Controller& controller);

// The rules of an Advert that hold whatever the controller: AD structures that fill `data` exactly, each with a type;
// the interval. invalid_argument names field and rule.
Result<void> check(const Advert& advert);
Result<void> check(const Change& change,
                   const Controller& controller);  // and that the frames are not too long: unsupported

}  // namespace signet::bluez
