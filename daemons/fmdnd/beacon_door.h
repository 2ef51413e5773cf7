// The characteristic Beacon Actions behind a GATT server: who asks, what is stored before it counts, and who hears of
// it.
#pragma once

#include <functional>

#include "bluez/gatt.h"
#include "fmdn/beacon_actions.h"
#include "fmdnd/air.h"
#include "fmdnd/clients.h"
#include "fmdnd/memory.h"
#include "fmdnd/ringer.h"

namespace signet::fmdnd {

class BeaconDoor {
 public:
  // What others have to do with the outcome of a write.
  struct Events {
    std::function<bool()> consent;       // does the user agree that the identity key is read?
    std::function<void()> synchronised;  // an owner has read the clock
    std::function<void()> rekeyed;       // the identity key is another one, or gone
    std::function<void()> mode_changed;  // unwanted-tracking protection
    std::function<void()> reset;         // a locator tag has lost its owner
  };

  BeaconDoor(const Config& config, Clients& clients, Memory& memory, Ringer& ringer, const ClockKeeper& clock,
             crypto::Random& random, Events events);

  [[nodiscard]] bluez::Characteristic characteristic();
  void answer_through(bluez::Notifier& notifier) { notifier_ = &notifier; }
  void know_air(const Air& air) { air_ = &air; }

  // Once the memory is loaded, and after a factory reset.
  void restore();

  [[nodiscard]] fmdn::UnwantedTracking& unwanted_tracking() { return actions_.unwanted_tracking(); }

 private:
  void read(const bluez::Request& request, const bluez::ReadAnswer& answer);
  void write(const bluez::Request& request, const Bytes& octets, bluez::WriteAnswer answer);
  void store_pending(ClientId client, bluez::WriteAnswer answer);
  void finish(ClientId client, const fmdn::Outcome& outcome, bluez::WriteAnswer answer);
  void act_on(const fmdn::Outcome& outcome);
  void tell_ringing(fmdn::RingState state);
  void gone(ClientId client);

  Clients& clients_;
  Memory& memory_;
  Ringer& ringer_;
  const ClockKeeper& clock_;
  Events events_;
  fmdn::BeaconActions actions_;
  bluez::Notifier* notifier_ = nullptr;
  const Air* air_ = nullptr;
  std::optional<ClientId> rekeys_when_gone_;  // a new key shows on the air once the link has ended
};

}  // namespace signet::fmdnd
