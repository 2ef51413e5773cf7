// Advertising without a radio. Changes addresses exactly when a real controller behind Linux would, so that whatever
// reads the air in a test or in the demo sees what a scanner sees.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <random>
#include <set>

#include "base/clock.h"
#include "bluez/advertising.h"

namespace signet::bluez::simulated {

struct Radio {
  bool extended = true;  // legacy: one address for all slots, frames of at most 31 octets
  bool privacy = true;   // else every slot has the public address
  bool present = true;
  bool powered = true;
  bool classic = false;  // BR/EDR, too
  std::size_t sets = 3;
  std::chrono::seconds rpa_timeout{900};  // the kernel's; decides when a legacy controller may take a new address
  DeviceAddress identity{0x00, 0xaa, 0x01, 0x00, 0x00, 0x00};
};

// What a scanner would see of one slot.
struct Frame {
  DeviceAddress address;
  Advert advert;

  bool operator==(const Frame&) const = default;
};

class Air final : public Advertising {
 public:
  // `seed` makes the addresses: the same ones in every run.
  Air(boost::asio::io_context& loop, const Clock& clock, Radio radio = {}, std::uint32_t seed = 1);
  ~Air() override;

  void apply(Change change, Done done) override;
  [[nodiscard]] Controller controller() const override;
  [[nodiscard]] std::set<Limitation> limitations() const override;
  [[nodiscard]] std::optional<DeviceAddress> address(Slot slot) const override;
  void listen(std::function<void()> changed) override { changed_ = std::move(changed); }

  // What is on the air now, by slot.
  [[nodiscard]] const std::map<Slot, Frame>& on_air() const { return on_air_; }
  // Called after every change of what a scanner sees: the frame, or nothing once the slot is silent.
  using Observer = std::function<void(Slot, const std::optional<Frame>&)>;
  void observe(Observer observer) { observer_ = std::move(observer); }

  // What happens to real controllers.
  void set_power(bool on);                                  // everything is off the air, and back under new addresses
  void set_present(bool there);                             // unplugged, plugged in
  void restart_bluetoothd();                                // clears the instances, which are put back at once
  void connect(Slot slot);                                  // a central connects to what this slot advertises
  void add_sets(std::size_t more) { radio_.sets += more; }  // another program has given some up
  void fail_next(Errc code) { fail_next_ = code; }  // the next change: kept, but not made before something else happens

 private:
  void make(const Change& change);
  void show(Slot slot, const Advert& advert, const DeviceAddress& address);
  void silence(Slot slot);
  void silence_all();
  void turn(bool& part, bool to);  // of the radio
  void put_back();                 // everything that is to be on the air, under new addresses where that is possible
  [[nodiscard]] bool works() const { return radio_.present && radio_.powered; }
  DeviceAddress fresh_address(Slot slot);
  DeviceAddress shared_address();
  DeviceAddress random_address();
  void tell();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  Radio radio_;
  std::mt19937 random_;
  std::map<Slot, Advert> wanted_;
  std::map<Slot, Frame> on_air_;
  std::optional<DeviceAddress> shared_;  // legacy: and when it was made
  std::chrono::steady_clock::time_point shared_since_{};
  std::optional<Errc> fail_next_;
  std::function<void()> changed_;
  Observer observer_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez::simulated
