#include "finder/seen_eid.h"

#include "finder/advert.h"

namespace signet::finder {

Result<SeenEid> parse_seen_eid(BytesView octets) {
  SeenEid seen;
  if (octets.size() == seen.urx.size()) {
    seen.urx = fmdn::truncate(octets);
    return seen;
  }
  if (fmdn::curve_of(octets.size())) {
    seen.eid.assign(octets.begin(), octets.end());
  } else if (const auto advert = parse_advert(octets); advert && frame_in(*advert)) {
    seen.frame = *frame_in(*advert);
    seen.eid = seen.frame->eid;
  } else {
    return fail(Errc::invalid_argument,
                "must be an identifier of 20 or 32 octets, its first 10, or an advert with one");
  }
  seen.urx = fmdn::truncate(seen.eid);
  return seen;
}

}  // namespace signet::finder
