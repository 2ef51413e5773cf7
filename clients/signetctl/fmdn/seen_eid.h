// An identifier as somebody saw it: whole, cut to its first ten octets, or in the advert that had it.
#pragma once

#include <optional>
#include <string>

#include "fmdn/frame.h"
#include "fmdn/report.h"
#include "signetctl/session.h"

namespace signet::ctl {

struct SeenEid {
  fmdn::TruncatedEid urx{};
  Bytes eid;                             // whole; empty: it was cut
  std::optional<fmdn::SeenFrame> frame;  // it was in there
};

// Throws Failed: invalid_argument: none of these.
SeenEid parse_seen_eid(BytesView octets, const std::string& what);

}  // namespace signet::ctl
