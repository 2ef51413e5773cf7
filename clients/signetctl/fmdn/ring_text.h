// Ringing in words.
#pragma once

#include <boost/json/array.hpp>
#include <string>

#include "finder/names.h"
#include "fmdn/ring_request.h"

namespace signet::ctl {

using finder::name;
using finder::names_of;

const char* describe(fmdn::RingState state);  // "stopped: its time was over"

boost::json::array component_names(fmdn::Components components);  // ["right", "left"]
std::string components_text(fmdn::Components components);         // "right, left"; "nothing"
double seconds_of(fmdn::Deciseconds time);
std::string ringing_text(fmdn::Components components, fmdn::Deciseconds left);  // "right rings for 4.5 s"; "silent"

}  // namespace signet::ctl
