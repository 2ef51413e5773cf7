// An identifier as somebody saw it: whole, cut to its first ten octets, or in the advert that had it.
#pragma once

#include <optional>

#include "base/result.h"
#include "fmdn/frame.h"
#include "fmdn/report.h"

namespace signet::finder {

struct SeenEid {
  fmdn::TruncatedEid urx{};
  Bytes eid;                             // whole; empty: it was cut
  std::optional<fmdn::SeenFrame> frame;  // it was in there
};

// Takes any octets. invalid_argument: none of these.
Result<SeenEid> parse_seen_eid(BytesView octets);

}  // namespace signet::finder
