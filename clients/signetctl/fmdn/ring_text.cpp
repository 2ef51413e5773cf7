#include "signetctl/fmdn/ring_text.h"

namespace signet::ctl {

const char* describe(fmdn::RingState state) {
  switch (state) {
    case fmdn::RingState::started: return "started";
    case fmdn::RingState::failed: return "failed: none of these components is within reach";
    case fmdn::RingState::timed_out: return "stopped: its time was over";
    case fmdn::RingState::button: return "stopped: somebody pressed the button";
    case fmdn::RingState::requested: return "stopped, as was asked for";
  }
  return "unknown";
}

boost::json::array component_names(fmdn::Components components) {
  boost::json::array names;
  for (const char* one : names_of(components)) names.emplace_back(one);
  return names;
}

std::string components_text(fmdn::Components components) {
  std::string text;
  for (const char* one : names_of(components)) text += (text.empty() ? "" : ", ") + std::string{one};
  return text.empty() ? "nothing" : text;
}

double seconds_of(fmdn::Deciseconds time) { return time.count() / 10.0; }

std::string ringing_text(fmdn::Components components, fmdn::Deciseconds left) {
  if (components == 0) return "silent";
  return components_text(components) + " for " + std::to_string(left.count() / 10) + "." +
         std::to_string(left.count() % 10) + " s";
}

}  // namespace signet::ctl
