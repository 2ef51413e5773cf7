// What this device has on the air, and when it changes: the beacon's frame and the Fast Pair advert, with their
// addresses.
#pragma once

#include <functional>
#include <optional>

#include "bluez/advertising.h"
#include "crypto/random.h"
#include "fastpair/advert_choice.h"
#include "fmdn/frame.h"
#include "fmdn/unwanted_tracking.h"
#include "fmdnd/alarm.h"
#include "fmdnd/clock_keeper.h"
#include "fmdnd/config.h"
#include "fmdnd/memory.h"

namespace signet::fmdnd {

// Of the moment, not remembered over a restart.
struct Moment {
  bool paused = false;
  bool pairing_mode = false;
  bool synchronised = false;  // an owner has read the clock since the start
  bool after_reset = false;
  std::optional<int> battery_percent;
};

class Air {
 public:
  // `alarm`: for this alone; in the time that `clock` counts.
  Air(Alarm& alarm, bluez::Advertising& advertising, const Config& config, const ClockKeeper& clock,
      const Memory& memory, fmdn::UnwantedTracking& unwanted_tracking, crypto::Random& random);

  // Something that shows has changed: keys, mode, battery, the moment. `rotate`: and the beacon's address with it, now.
  // In pairing mode Fast Pair keeps its address, whatever the beacon's does.
  void show(const Moment& moment, bool rotate);

  // The identity key is another one, or gone: a new identifier from now on.
  void rekey(const Moment& moment);

  // The controller may be another one: what it was too small for is tried again.
  void look_again();

  // Off the air, and nothing that happens later comes on it. `done`: it is so, or cannot be.
  void end(std::function<void()> done);

  // What the beacon advertises; nothing while there is no identity key.
  [[nodiscard]] const fmdn::Identity* identity() const { return identity_ ? &*identity_ : nullptr; }
  // Why something is not on the air; the beacon before Fast Pair.
  [[nodiscard]] const Error* problem() const { return problems_.empty() ? nullptr : &problems_.begin()->second; }

  // Asked before each rotation for how things are then: whatever else is due now and then can be done on the way.
  void before_rotation(std::function<Moment()> ask) { ask_ = std::move(ask); }

  // The address of Fast Pair's advert has changed, and whenever problem() does.
  void listen(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  void plan_rotation();
  void rotate();
  void rotate_addresses(bool of_beacon);
  void compute_identity();
  void apply(bluez::Change change);
  void send(bluez::Change change);
  void applied(const bluez::Change& change, const Result<void>& outcome);
  void refused(const bluez::Change& change, const Error& why);
  [[nodiscard]] bool shows(const std::pair<const bluez::Slot, std::optional<bluez::Advert>>& slot) const;
  [[nodiscard]] std::optional<bluez::Advert> beacon() const;
  [[nodiscard]] std::optional<bluez::Advert> fast_pair() const;
  [[nodiscard]] bool holds_fast_pair() const;

  Alarm& alarm_;
  bluez::Advertising& advertising_;
  const Config& config_;
  const ClockKeeper& clock_;
  const Memory& memory_;
  fmdn::UnwantedTracking& unwanted_tracking_;
  crypto::Random& random_;
  Moment moment_;
  std::optional<fmdn::Eik> eik_;  // that the beacon shows; the record may have the next one already
  std::optional<fmdn::Identity> identity_;
  fastpair::Salt salt_{};
  // What is on the air or will be as soon as possible; a slot that is not named has what nobody knows.
  std::map<bluez::Slot, std::optional<bluez::Advert>> shown_;
  std::map<bluez::Slot, Error> problems_;
  bluez::Controller controller_;  // that all this was shown to
  bool ended_ = false;
  std::function<Moment()> ask_;
  std::function<void()> changed_;
};

}  // namespace signet::fmdnd
