// What an owner asks of a beacon: parameters, state, ringing, unwanted-tracking protection.
#pragma once

#include <functional>

#include "finder/visit.h"

namespace signet::finder {

struct Parameters {
  fmdn::owner::Parameters told;
  std::optional<std::int64_t> clock_offset;  // seconds that its clock is off, since the last reading
};
// Keeps clock and curve in the keyring.
Result<Parameters> read_parameters(const Radio& radio, keyring::Keyring& keyring, const Target& target);

struct State {
  fmdn::owner::ProvisioningState told;
  std::optional<fmdn::owner::RingingState> ringing;  // when it is provisioned with a key of ours
};
Result<State> read_state(const Radio& radio, keyring::Keyring& keyring, const Target& target);

// Sends `request`, and with `wait` stays until the ringing ends; `heard` is told of each change. Returns the last one.
// Errors: io: it cannot ring; those of the keyring and of the connection.
using HeardNotice = std::function<void(const fmdn::RingNotice&)>;
Result<fmdn::RingNotice> ring(const Radio& radio, keyring::Keyring& keyring, const Target& target,
                              const fmdn::RingRequest& request, bool wait, const HeardNotice& heard);

enum class Protection : std::uint8_t { off, on, on_and_anybody_may_ring };
Result<void> protect(const Radio& radio, keyring::Keyring& keyring, const Target& target, Protection protection);

}  // namespace signet::finder
