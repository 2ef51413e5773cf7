// The whole accessory: what it remembers, what it shows on the air, who may ask what of it, and for how long.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <string>
#include <vector>

#include "bluez/advertising.h"
#include "fmdnd/beacon_door.h"
#include "fmdnd/fast_pair_door.h"
#include "fmdnd/stranger_door.h"
#include "fmdnd/stream_door.h"

namespace signet::fmdnd {

enum class State { starting, factory, paired, provisioned, paused };
const char* name(State state);

// What outlives it.
struct Surroundings {
  boost::asio::io_context& loop;
  const Config& config;
  Vault& vault;
  ClockKeeper& clock;
  Alarm& alarm;  // for the rotation; in the time that the clock counts
  bluez::Advertising& advertising;
  bluez::Connections& connections;
  Sound& sound;
  const crypto::P256PrivateKey& anti_spoofing;
  crypto::Random& random;
};

class Accessory {
 public:
  explicit Accessory(const Surroundings& around);
  ~Accessory();  // writes the clock down

  // Reads what is stored, again and again until it can be read, and goes on the air.
  void begin();

  // Takes everything off the air, for good. `done`: it is so, or cannot be.
  void end(std::function<void()> done);

  [[nodiscard]] std::vector<bluez::Service> services();
  void answer_through(bluez::Notifier& notifier);
  void pair_through(bluez::Pairing& pairing) { fast_pair_.pair_through(pairing); }

  // Of an ordinary device: the message stream.
  [[nodiscard]] bluez::StreamListener stream_listener() { return stream_.listener(); }
  void answer_through(bluez::Streams& streams) { stream_.answer_through(streams); }

  // The user's wishes; org.signet.Fmdn1.xml has their rules.
  Result<void> start_pairing(std::chrono::seconds time);
  void stop_pairing();
  void give_consent(std::chrono::seconds time);
  Result<void> start_identifying();
  Result<std::string> nfc_url();
  Result<void> ring(std::chrono::seconds time);
  void stop_ringing();
  void pause(bool paused);
  void factory_reset(Memory::Done done);
  // One press: silence if it rings, else consent and identification.
  void press_button();

  [[nodiscard]] State state() const;
  [[nodiscard]] std::optional<Error> problem() const;
  [[nodiscard]] std::vector<std::string> limitations() const;
  [[nodiscard]] std::vector<std::string> windows() const;
  [[nodiscard]] bool unwanted_tracking() { return beacon_.unwanted_tracking().active(); }
  [[nodiscard]] fmdn::Components ringing() const { return ringer_.ringing(); }
  [[nodiscard]] const BeaconConfig& usual() const { return around_.config.beacon; }
  [[nodiscard]] const char* store() const { return around_.vault.name(); }

  // Something that the above tell has changed.
  void listen(std::function<void()> changed) { changed_ = std::move(changed); }
  // Called at each rotation of the identifier: the one reason why an idle device wakes up.
  void at_rotation(std::function<void()> awake) { awake_ = std::move(awake); }

 private:
  using Steady = std::chrono::steady_clock;

  [[nodiscard]] bool is_for_the_tag(const std::string& device) const;
  [[nodiscard]] BeaconDoor::Events beacon_events();
  [[nodiscard]] FastPairDoor::Events fast_pair_events();
  void learn_addresses();
  [[nodiscard]] std::optional<fastpair::IdentityResolvingKey> resolving_key(const bluez::DeviceAddress& adapter);
  void load();
  void loaded();
  void show(bool rotate = false);
  void forgotten();
  void watch_unprovisioned();
  void reset_if_abandoned();
  void keep_clock();
  void set_pairing_mode(bool on);
  void close_pairing_in(std::chrono::seconds time);
  Moment before_rotation();
  void look_at_battery();
  void tell_after(boost::asio::steady_timer& timer, std::chrono::milliseconds time);
  void tell() const;

  Surroundings around_;
  Memory memory_;
  Clients clients_;
  Ringer ringer_;
  BeaconDoor beacon_;
  FastPairDoor fast_pair_;
  StrangerDoor stranger_;
  StreamDoor stream_;
  Air air_;
  Moment moment_;
  std::optional<Error> memory_problem_;
  std::optional<Error> clock_problem_;
  std::optional<Error> key_problem_;  // of the resolving key; told once
  Steady::time_point consent_until_{};
  boost::asio::steady_timer load_timer_;
  boost::asio::steady_timer pairing_timer_;
  boost::asio::steady_timer consent_timer_;
  boost::asio::steady_timer identify_timer_;
  boost::asio::steady_timer unprovisioned_timer_;
  std::function<void()> changed_;
  std::function<void()> awake_;
};

}  // namespace signet::fmdnd
