// Couples those who want a sound with the one thing that makes it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <vector>

#include "fmdn/ring.h"
#include "fmdnd/sound.h"

namespace signet::fmdnd {

// Milliseconds of the steady clock: what the protocols count by.
fmdn::Instant steady_now();

class Ringer {
 public:
  // What became of the ringing, whoever caused it; `ended`: the sources whose sound is over.
  using Told = std::function<void(fmdn::RingState state, const std::vector<fmdn::SoundSource>& ended)>;

  Ringer(boost::asio::io_context& loop, Sound& sound);

  // Everybody speaks to it directly and calls follow() afterwards.
  [[nodiscard]] fmdn::Ring& ring() { return ring_; }

  // Brings the hardware to what a request has made of ring(), and tells.
  void follow();
  bool press_button();  // false: nothing rang
  void listen(Told told) { told_.push_back(std::move(told)); }

  [[nodiscard]] fmdn::Components ringing() const { return ring_.ringing(steady_now()); }

 private:
  void tell(fmdn::RingState state);
  void wait_for_end();
  fmdn::Components drive();

  Sound& sound_;
  fmdn::Ring ring_;
  boost::asio::steady_timer timer_;
  bool sounding_ = false;
  std::vector<Told> told_;
};

}  // namespace signet::fmdnd
