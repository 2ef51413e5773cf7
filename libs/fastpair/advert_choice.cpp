#include "fastpair/advert_choice.h"

namespace signet::fastpair {
namespace {

constexpr std::chrono::milliseconds kDiscoverableInterval{100};
constexpr std::chrono::milliseconds kNonDiscoverableInterval{250};

// A provisioned tag is found by its beacon, and never again by strangers.
bool discoverable(const ProviderState& state) {
  return state.pairing_mode && !(state.locator_tag && state.provisioned);
}

// A tag has nobody to speak to without a key, and once provisioned only until its clock has been read.
bool silent(const ProviderState& state, bool has_keys) {
  return state.locator_tag && (!has_keys || (state.provisioned && state.synchronised));
}

}  // namespace

std::optional<AdvertChoice> choose_advert(const ProviderState& state, std::span<const AccountKey> keys,
                                          const Salt& salt) {
  if (state.paused) return std::nullopt;
  if (discoverable(state)) {
    return AdvertChoice{
        .advert = Discoverable{state.model_id}, .longest_interval = kDiscoverableInterval, .hold_address = true};
  }
  if (state.after_reset || silent(state, !keys.empty())) return std::nullopt;
  const bool show_ui = state.show_ui && !state.locator_tag;
  // After pairing a tag keeps its address until it is provisioned, so that the Seeker finds it again.
  return AdvertChoice{.advert = non_discoverable(keys, salt, state.battery, show_ui),
                      .longest_interval = kNonDiscoverableInterval,
                      .hold_address = state.locator_tag && !state.provisioned};
}

}  // namespace signet::fastpair
