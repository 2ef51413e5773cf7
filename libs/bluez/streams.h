// Streams of octets from devices, as a service sees them. Knows nothing of D-Bus: rfcomm_profile.h puts it behind
// bluetoothd.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/bytes.h"

namespace signet::bluez {

using StreamId = std::uint64_t;  // of one connection; never used twice

// Called on the loop's thread. Any function may be empty.
struct StreamListener {
  std::function<void(StreamId stream, const std::string& device)> opened;
  // Any octets, in pieces of any size: where one ends means nothing.
  std::function<void(StreamId stream, BytesView octets)> received;
  std::function<void(StreamId stream)> closed;  // for every one that was opened, whoever closed it
};

// What a peer has not taken yet. One that lets more than this pile up loses its stream.
inline constexpr std::size_t kMostUnsent = 16 * 1024;

class Streams {
 public:
  virtual ~Streams() = default;

  // Never blocks. A stream that is closed already is passed over.
  virtual void send(StreamId stream, BytesView octets) = 0;
  virtual void close(StreamId stream) = 0;  // `closed` follows, later; nothing else does
};

}  // namespace signet::bluez
