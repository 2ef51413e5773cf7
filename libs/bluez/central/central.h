// The other side of a GATT server: sees adverts, connects, reads, writes and is notified. Blocks; for one thread.
// bluez_central.h puts it before bluetoothd, tests before a fake device.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>

#include "base/result.h"
#include "bluez/gatt.h"

namespace signet::bluez {

// An advert, as far as it is known when it is reported.
struct Sighting {
  std::string address;                          // "00:AA:01:00:00:00"
  bool random_address = false;                  // not the public one
  std::optional<std::int16_t> rssi;             // dBm
  std::string name;                             // any text at all, of a stranger's
  std::map<std::uint16_t, Bytes> service_data;  // by UUID; services of 128 bits are left out
};

// A connection. Ends with the object.
class Link {
 public:
  virtual ~Link() = default;

  // By UUID, in lower case. Each takes at most `limit`.
  // Errors: not_found: the device has no such characteristic; timeout; io: the connection is lost, or bluetoothd gave
  // up; no_service.
  virtual Result<ReadOutcome> read(const std::string& characteristic, std::chrono::milliseconds limit) = 0;
  virtual Result<WriteOutcome> write(const std::string& characteristic, BytesView value,
                                     std::chrono::milliseconds limit) = 0;  // with response
  virtual Result<void> subscribe(const std::string& characteristic, std::chrono::milliseconds limit) = 0;
  // The next notification or indication, in the order in which they came; those from before this call, too.
  virtual Result<Bytes> next_notification(const std::string& characteristic, std::chrono::milliseconds limit) = 0;

  // Bonds with the device, in two steps: up to the six digits that both sides show, and on from there. What else is
  // asked of either side is refused. Errors: those of read(); already_exists: it is bonded; access_denied: the other
  // side, or `same`, says no; unsupported: by this kind of link.
  virtual Result<std::uint32_t> begin_bonding(std::chrono::milliseconds limit) {
    static_cast<void>(limit);
    return fail(Errc::unsupported, "bonding: this connection cannot");
  }
  virtual Result<void> finish_bonding(bool same, std::chrono::milliseconds limit) {
    static_cast<void>(same), static_cast<void>(limit);
    return fail(Errc::unsupported, "bonding: this connection cannot");
  }

  // Sees whether the device has it; several kinds of services have optional ones.
  [[nodiscard]] virtual bool has(const std::string& characteristic) = 0;
};

class Central {
 public:
  virtual ~Central() = default;

  // Reports each advert, for at most `limit` or until `seen` returns false.
  // Errors: no_service: there is no bluetoothd, or the adapter is off; not_found: there is no adapter; access_denied;
  // io.
  using Seen = std::function<bool(const Sighting&)>;
  virtual Result<void> scan(std::chrono::milliseconds limit, const Seen& seen) = 0;

  // Connects, again if need be, and waits until the services are known. Errors: those of scan(); timeout: the device is
  // not on the air, or does not answer.
  virtual Result<std::unique_ptr<Link>> connect(const std::string& address, std::chrono::milliseconds limit) = 0;
};

}  // namespace signet::bluez
