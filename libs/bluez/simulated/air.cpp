#include "bluez/simulated/air.h"

#include <algorithm>
#include <boost/asio/post.hpp>
#include <utility>

namespace signet::bluez::simulated {

Air::Air(boost::asio::io_context& loop, const Clock& clock, Radio radio, std::uint32_t seed)
    : loop_{loop}, clock_{clock}, radio_{radio}, random_{seed} {}

Air::~Air() { *alive_ = false; }

void Air::apply(Change change, Done done) {
  const auto end = [this, &done](Result<void> outcome) {
    boost::asio::post(loop_, [done = std::move(done), outcome = std::move(outcome)] { done(outcome); });
  };
  if (auto good = check(change, controller()); !good) return end(std::move(good));
  auto wanted = wanted_;
  for (const auto& [slot, advert] : change.slots) {
    wanted.erase(slot);
    if (advert) wanted.emplace(slot, *advert);
  }
  if (radio_.present && wanted.size() > radio_.sets) return end(fail(Errc::store_full, "advertising sets"));

  wanted_ = std::move(wanted);
  if (const auto code = std::exchange(fail_next_, std::nullopt)) return end(fail(*code, "advertising"));
  if (!works()) return end(fail(Errc::no_service, radio_.present ? "controller without power" : "no controller"));
  make(change);
  end({});
}

// A rotation silences first: old content never shows under the new address, nor new content under the old one. On a
// legacy controller that concerns every slot, for they share the address.
void Air::make(const Change& change) {
  for (const auto& [slot, advert] : change.slots) {
    if (!advert || (change.address == AddressPolicy::rotate && radio_.extended)) silence(slot);
  }
  if (radio_.extended) {
    for (const auto& [slot, advert] : change.slots) {
      if (!advert) continue;
      const auto now = on_air_.find(slot);
      show(slot, *advert, now == on_air_.end() ? fresh_address(slot) : now->second.address);
    }
    return;
  }
  const bool anything = std::ranges::any_of(change.slots, [](const auto& named) { return named.second.has_value(); });
  if (!anything) return;
  if (change.address == AddressPolicy::rotate) {
    silence_all();
  } else {  // data first, address after: what a legacy controller does when the address has expired meanwhile
    for (const auto& [slot, advert] : change.slots) {
      if (const auto now = on_air_.find(slot); advert && now != on_air_.end()) show(slot, *advert, now->second.address);
    }
  }
  for (const auto& [slot, advert] : wanted_) show(slot, advert, fresh_address(slot));
}

void Air::show(Slot slot, const Advert& advert, const DeviceAddress& address) {
  const Frame frame{address, advert};
  const auto now = on_air_.find(slot);
  if (now != on_air_.end() && now->second == frame) return;
  on_air_.insert_or_assign(slot, frame);
  if (observer_) observer_(slot, frame);
}

void Air::silence(Slot slot) {
  if (on_air_.erase(slot) > 0 && observer_) observer_(slot, std::nullopt);
}

void Air::silence_all() {
  for (const auto& [slot, advert] : std::map<Slot, Frame>{on_air_}) silence(slot);
}

void Air::put_back() {
  silence_all();
  for (const auto& [slot, advert] : wanted_) {
    if (advert.data.size() <= controller().longest) show(slot, advert, fresh_address(slot));
  }
}

DeviceAddress Air::fresh_address(Slot) {
  if (!radio_.privacy) return radio_.identity;
  return radio_.extended ? random_address() : shared_address();
}

DeviceAddress Air::shared_address() {
  const auto now = clock_.monotonic();
  if (!shared_ || now - shared_since_ >= radio_.rpa_timeout) {
    shared_ = random_address();
    shared_since_ = now;
  }
  return *shared_;
}

// 01 in the two uppermost bits: resolvable private.
DeviceAddress Air::random_address() {
  DeviceAddress address;
  for (auto& octet : address) octet = static_cast<std::uint8_t>(random_());
  address[0] = static_cast<std::uint8_t>((address[0] & 0x3f) | 0x40);
  return address;
}

Controller Air::controller() const {
  if (!radio_.present) return {};
  return {.name = "sim0",
          .identity = radio_.identity,
          .powered = radio_.powered,
          .classic = radio_.classic,
          .privacy = radio_.privacy,
          .extended = radio_.extended,
          .longest = radio_.extended ? kLongestAdvert : kLegacyAdvertSize,
          .sets = radio_.sets};
}

std::set<Limitation> Air::limitations() const { return limitations_of(controller()); }

std::optional<DeviceAddress> Air::address(Slot slot) const {
  const auto now = on_air_.find(slot);
  if (now == on_air_.end()) return std::nullopt;
  return now->second.address;
}

void Air::set_power(bool on) { turn(radio_.powered, on); }

void Air::set_present(bool there) { turn(radio_.present, there); }

void Air::turn(bool& part, bool to) {
  if (std::exchange(part, to) == to) return;
  shared_.reset();
  if (works()) {
    put_back();
  } else {
    silence_all();
  }
  tell();
}

void Air::restart_bluetoothd() {
  if (works()) put_back();
}

// The connection takes the frame off the air; the back end puts it back under its address at once. A legacy controller
// takes a new address then, if the old one has expired, and all slots follow.
void Air::connect(Slot slot) {
  const auto now = on_air_.find(slot);
  if (now == on_air_.end()) return;
  const Frame frame = now->second;
  if (radio_.extended) {
    silence(slot);
    show(slot, frame.advert, frame.address);
  } else {
    put_back();
  }
}

void Air::tell() {
  boost::asio::post(loop_, [this, alive = alive_] {
    if (*alive && changed_) changed_();
  });
}

}  // namespace signet::bluez::simulated
