// What this device has on the air, and when it changes: the beacon's frame and the Fast Pair advert, with their
// addresses.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <optional>

#include "bluez/advertising.h"
#include "crypto/random.h"
#include "fastpair/advert_choice.h"
#include "fmdn/frame.h"
#include "fmdn/unwanted_tracking.h"
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
  Air(boost::asio::io_context& loop, bluez::Advertising& advertising, const Config& config, const ClockKeeper& clock,
      const Memory& memory, fmdn::UnwantedTracking& unwanted_tracking, crypto::Random& random);

  // Something that shows has changed: keys, mode, battery, the moment. `rotate`: and the beacon's address with it, now.
  void show(const Moment& moment, bool rotate);

  // The identity key is another one, or gone: a new identifier from now on.
  void rekey(const Moment& moment);

  // What the beacon advertises; nothing while there is no identity key.
  [[nodiscard]] const fmdn::Identity* identity() const { return identity_ ? &*identity_ : nullptr; }
  // Why the last change is not on the air.
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

  // The address of Fast Pair's advert has changed, and whenever problem() does.
  void listen(std::function<void()> changed) { changed_ = std::move(changed); }

 private:
  void plan_rotation();
  void rotate();
  void compute_identity();
  void apply(bluez::Change change);
  [[nodiscard]] std::optional<bluez::Advert> beacon() const;
  [[nodiscard]] std::optional<bluez::Advert> fast_pair() const;
  [[nodiscard]] bool holds_fast_pair() const;

  bluez::Advertising& advertising_;
  const Config& config_;
  const ClockKeeper& clock_;
  const Memory& memory_;
  fmdn::UnwantedTracking& unwanted_tracking_;
  crypto::Random& random_;
  boost::asio::steady_timer timer_;
  Moment moment_;
  std::optional<fmdn::Identity> identity_;
  fastpair::Salt salt_{};
  std::map<bluez::Slot, std::optional<bluez::Advert>> shown_;
  std::optional<Error> problem_;
  std::function<void()> changed_;
};

}  // namespace signet::fmdnd
