// RPMB frames as text, offline.
#pragma once

#include <boost/json/object.hpp>
#include <iosfwd>
#include <optional>
#include <span>
#include <vector>

#include "rpmb/frame.h"
#include "signetctl/session.h"

namespace signet::ctl {

// Frames from hexadecimal text (white space ignored) or, when the length fits, from raw octets. Throws Failed:
// invalid_argument, naming what is wrong.
std::vector<rpmb::Frame> parse_frames(BytesView input);

// "authenticated data write, answer"
std::string describe_type(std::uint16_t type);
// "ok", "counter_failure, write counter expired"
std::string describe_result(std::uint16_t result);

// Whether the MAC of the last frame fits all of them.
bool mac_fits(std::span<const rpmb::Frame> frames, BytesView key);

void print_frame(std::ostream& out, const rpmb::Frame& frame);
boost::json::object frame_to_json(const rpmb::Frame& frame);

}  // namespace signet::ctl
