#include "finder/names.h"

namespace signet::finder {

const char* name(fmdn::Curve curve) { return curve == fmdn::Curve::secp160r1 ? "secp160r1" : "secp256r1"; }

const char* name(fmdn::RingState state) {
  switch (state) {
    case fmdn::RingState::started: return "started";
    case fmdn::RingState::failed: return "failed";
    case fmdn::RingState::timed_out: return "timed_out";
    case fmdn::RingState::button: return "button";
    case fmdn::RingState::requested: return "requested";
  }
  return "unknown";
}

const char* name(fmdn::Battery battery) {
  switch (battery) {
    case fmdn::Battery::unsupported: return "unsupported";
    case fmdn::Battery::normal: return "normal";
    case fmdn::Battery::low: return "low";
    case fmdn::Battery::critical: return "critical";
  }
  return "unknown";
}

const char* state_of(const keyring::Device& device) {
  if (device.eik) return "provisioned";
  if (device.next_eik) return "unconfirmed";
  return device.account_key ? "paired" : "known";
}

std::vector<const char*> names_of(fmdn::Components components) {
  std::vector<const char*> names;
  if ((components & fmdn::kRight) != 0) names.push_back("right");
  if ((components & fmdn::kLeft) != 0) names.push_back("left");
  if ((components & fmdn::kCase) != 0) names.push_back("case");
  return names;
}

}  // namespace signet::finder
