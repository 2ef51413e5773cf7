// What a Provider advertises in which state (Fast Pair specification, "Advertising"; FMDN specification, on locator
// tags, power loss and factory reset).
#pragma once

#include <chrono>
#include <optional>

#include "fastpair/advert.h"

namespace signet::fastpair {

struct ProviderState {
  bool locator_tag = false;
  bool pairing_mode = false;
  bool provisioned = false;   // for FMDN
  bool synchronised = false;  // provisioned, and the clock has been read since power came back
  bool paused = false;        // by the user
  bool after_reset = false;   // nothing is resumed until the user acts
  bool show_ui = true;        // of the filter; a locator tag never shows one
  ModelId model_id{};
  std::optional<BatteryField> battery;
};

struct AdvertChoice {
  Advert advert;
  std::chrono::milliseconds longest_interval;
  bool hold_address = false;  // the address must not change while this is on the air
};

// Nothing: no Fast Pair advert. `salt` must be new whenever the address has changed.
std::optional<AdvertChoice> choose_advert(const ProviderState& state, std::span<const AccountKey> keys,
                                          const Salt& salt);

}  // namespace signet::fastpair
