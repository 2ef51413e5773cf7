// The accessory non-owner service of DULT as FMDN uses it: what strangers who find an accessory in the separated state
// may ask of it (IETF draft-ietf-dult-accessory-protocol; FMDN specification, unwanted tracking).
//
// A state machine without clock, radio and ringer: every call says what is to be done.
#pragma once

#include <cstdint>
#include <optional>

#include "base/result.h"
#include "dult/identifier.h"
#include "dult/identifier_window.h"
#include "dult/product.h"
#include "dult/sound.h"

namespace signet::dult {

enum class AttError : std::uint8_t { invalid_offset = 0x07, invalid_attribute_length = 0x0d };

// The outcome of a write to the characteristic: an error of ATT, or success whatever the indication then says.
struct Outcome {
  std::optional<AttError> error;
  Effects effects;
};

// Not thread-safe. Keeps a reference to `identifiers`. Starts near its owner, with the window closed and silent.
class Service {
 public:
  // `product`: as check() takes it.
  Service(Product product, IdentifierSource& identifiers);

  // Takes any octets. What is due at `now` happens first.
  Outcome write(ConnectionId from, BytesView octets, std::size_t offset, Time now);
  void disconnected(ConnectionId connection);

  // Separated is FMDN's unwanted tracking protection mode; near the owner every request is refused. A sound that has
  // begun goes on, and its starter is told of its end.
  void set_separated(bool separated) { separated_ = separated; }
  [[nodiscard]] bool separated() const { return separated_; }
  void set_battery_level(std::optional<BatteryLevel> level) { product_.battery_level = level; }

  // The user's action; the caller tells the user by light or sound. Once more starts the minutes anew.
  // Errors: unsupported: no lookup by BLE; not_found: there is no owner.
  Result<void> open_identifier_window(Time now);
  void close_identifier_window() { window_.close(); }
  [[nodiscard]] bool identifier_window_open(Time now) const { return window_.is_open(now); }

  // The owner has gone, by clearing the key or by factory reset: ends sound, window and separated state.
  Effects unprovisioned();

  // News of the ringer; see Sound.
  Effects sound_started(SoundId id, Time now) { return sound_.started(id, now); }
  Effects sound_refused(SoundId id) { return sound_.refused(id); }
  Effects sound_taken_over(SoundId id) { return sound_.taken_over(id); }
  Effects sound_ended(SoundId id) { return sound_.ended(id); }
  Effects play_for_motion(Time now) { return sound_.start_for_motion(now); }

  // When advance() has something to do: the end of a sound or of the window. Nothing: not before another call.
  [[nodiscard]] std::optional<Time> deadline() const;
  Effects advance(Time now);

 private:
  [[nodiscard]] bool has(std::uint32_t capability) const { return (product_.capabilities & capability) != 0; }
  Effects answer(ConnectionId from, std::uint16_t opcode, Time now);
  std::optional<Bytes> identifier_response(Time now);

  Product product_;
  IdentifierSource& identifiers_;
  Sound sound_;
  IdentifierWindow window_;
  bool separated_ = false;
};

}  // namespace signet::dult
