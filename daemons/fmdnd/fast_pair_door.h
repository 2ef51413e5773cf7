// The Fast Pair characteristics behind a GATT server.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <vector>

#include "bluez/gatt.h"
#include "bluez/pairing.h"
#include "crypto/ecdsa.h"
#include "fastpair/provider.h"
#include "fmdnd/clients.h"
#include "fmdnd/config.h"
#include "fmdnd/memory.h"

namespace signet::fmdnd {

class FastPairDoor {
 public:
  struct Events {
    std::function<void()> asked;         // a Seeker asks for pairing: what set_addresses() has said may be out of date
    std::function<void()> keys_changed;  // a Seeker has paired
    std::function<void(std::uint8_t group, std::uint8_t code, const Bytes& data)> device_action;
  };

  FastPairDoor(boost::asio::io_context& loop, const Config& config, const crypto::P256PrivateKey& anti_spoofing,
               Clients& clients, Memory& memory, crypto::Random& random, Events events);

  [[nodiscard]] std::vector<bluez::Characteristic> characteristics();
  void answer_through(bluez::Notifier& notifier) { notifier_ = &notifier; }
  void pair_through(bluez::Pairing& pairing);

  void set_pairing_mode(bool on) { provider_.set_pairing_mode(on); }
  [[nodiscard]] bool pairing_mode() const { return provider_.pairing_mode(); }
  void set_public_address(const fastpair::Address& address) { provider_.set_public_address(address); }
  void set_addresses(fastpair::OwnAddresses addresses) { provider_.set_addresses(std::move(addresses)); }
  void restore();  // once the memory is loaded, and after a factory reset

 private:
  using Which = fastpair::Characteristic;
  [[nodiscard]] bluez::Characteristic characteristic(Which which, bool notifies);
  void write(Which which, const bluez::Request& request, const Bytes& octets, bluez::WriteAnswer answer);
  void finish(fastpair::Reply reply, bluez::WriteAnswer answer);
  void act(fastpair::Decisions decisions);
  void carry_out(fastpair::Decisions& decisions);
  void follow_sessions();

  Clients& clients_;
  Memory& memory_;
  Events events_;
  fastpair::Provider provider_;
  boost::asio::steady_timer timer_;
  Bytes model_id_;
  bool locator_tag_;
  bluez::Notifier* notifier_ = nullptr;
  bluez::Pairing* pairing_ = nullptr;
};

}  // namespace signet::fmdnd
