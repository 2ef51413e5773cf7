// A GATT server as its services see it. Knows nothing of D-Bus: gatt_application.h puts it behind bluetoothd.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/bytes.h"

namespace signet::bluez {

// An ATT error code. Through bluetoothd 0x80 to 0x9f (application errors) and the named ones arrive as they are; any
// other one arrives as `unlikely`.
enum class AttError : std::uint8_t {
  read_not_permitted = 0x02,
  write_not_permitted = 0x03,
  request_not_supported = 0x06,
  invalid_offset = 0x07,
  insufficient_authorization = 0x08,
  invalid_length = 0x0d,  // of an attribute's value
  unlikely = 0x0e,
  application = 0x80,  // the first of them; application_error(n) makes the others
};
constexpr AttError application_error(std::uint8_t code) { return static_cast<AttError>(code); }

// Who asks, and how. `device` names the connection: with a private address it differs from session to session, with a
// public one it does not, so whatever belongs to a connection is dropped when Connections says that it is gone.
struct Request {
  std::string device;  // object path: "/org/bluez/hci0/dev_00_AA_01_01_00_01"
  std::string link;    // "LE" or "BR/EDR"
  std::uint16_t mtu = 0;
  std::uint16_t offset = 0;
};

using ReadOutcome = std::variant<Bytes, AttError>;
using WriteOutcome = std::variant<std::monostate, AttError>;

// Called once, at once or later, on the loop's thread. The client may be gone by then; that is not an error. Never
// called: the client waits until it gives up after 30 s, and can ask nothing else until then.
using ReadAnswer = std::function<void(ReadOutcome)>;
using WriteAnswer = std::function<void(WriteOutcome)>;

struct Characteristic {
  std::string uuid;                // 128 bits, lower case: "fe2c1238-8366-4814-8eb0-01de32100bea"
  std::vector<std::string> flags;  // as in org.bluez.GattCharacteristic1: "read", "write", "notify", "indicate", ...
  std::function<void(const Request&, ReadAnswer)> read;  // empty: read_not_permitted
  // `value`: any octets, up to 512. A write without response arrives here, too, even if no flag allows it.
  std::function<void(const Request&, Bytes value, WriteAnswer)> write;  // empty: write_not_permitted
  // True at each client that subscribes, false when the last one has left. Nobody says who.
  std::function<void(bool)> subscribed;  // may be empty
};

struct Service {
  std::string uuid;
  std::vector<Characteristic> characteristics;
};

// The way out of a service: to a characteristic's subscribers.
class Notifier {
 public:
  virtual ~Notifier() = default;

  // Sends `value` as a notification, or as an indication if the characteristic's flags say so. It goes to every client
  // that has subscribed: let one client in at a time (single_client.h). A write's answer that is given afterwards
  // arrives afterwards, too. An unknown uuid and a lost bus are logged, nothing else.
  virtual void notify(std::string_view uuid, BytesView value) = 0;
};

}  // namespace signet::bluez
