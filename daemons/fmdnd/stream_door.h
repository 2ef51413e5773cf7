// The message stream of Fast Pair, whatever carries it: what an ordinary device tells a phone that connects, and what
// the phone may ask of it. A locator tag has none: it does not bond, and the stream is for bonded phones.
#pragma once

#include <map>
#include <optional>

#include "bluez/streams.h"
#include "crypto/random.h"
#include "fastpair/stream_messages.h"
#include "fmdnd/clock_keeper.h"
#include "fmdnd/config.h"
#include "fmdnd/memory.h"
#include "fmdnd/ringer.h"

namespace signet::fmdnd {

class StreamDoor {
 public:
  StreamDoor(const Config& config, const Memory& memory, const ClockKeeper& clock, Ringer& ringer,
             crypto::Random& random);

  [[nodiscard]] bluez::StreamListener listener();
  void answer_through(bluez::Streams& streams) { streams_ = &streams; }

  // What the phones that are connected hear of at once.
  void set_address(const fastpair::Address& address);
  void set_battery(std::optional<int> percent);

  // Does what a message of the phone asks for, however it came here. The answer, if one is due.
  std::optional<fastpair::Message> act(const fastpair::Message& message);

 private:
  void opened(bluez::StreamId stream);
  void received(bluez::StreamId stream, BytesView octets);
  [[nodiscard]] fastpair::Greeting greeting();
  [[nodiscard]] std::optional<fastpair::Greeting::Eid> current_eid() const;
  fastpair::Message ring(const fastpair::Message& message, const fastpair::RingRequest& request);
  void send(bluez::StreamId stream, const fastpair::Message& message);
  void tell_all(const fastpair::Message& message);

  const Config& config_;
  const Memory& memory_;
  const ClockKeeper& clock_;
  Ringer& ringer_;
  crypto::Random& random_;
  fmdn::Components components_;
  fastpair::Address address_{};
  std::optional<std::array<std::uint8_t, 3>> battery_;
  std::map<bluez::StreamId, fastpair::MessageReader> readers_;  // of open streams
  bluez::Streams* streams_ = nullptr;
};

}  // namespace signet::fmdnd
