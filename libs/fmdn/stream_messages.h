// What FMDN adds to the message stream of Fast Pair (FMDN specification, "Message stream"): group, code, length, data.
#pragma once

#include <array>
#include <string_view>

#include "base/bytes.h"

namespace signet::fmdn {

// 0x0309. Longer versions are cut off at 65 535 octets.
Bytes firmware_version_message(std::string_view version);

// 0x030B, when a stream opens to a beacon that is provisioned. `eid`: 20 or 32 octets, of `clock`, in seconds.
Bytes current_eid_message(std::uint32_t clock, BytesView eid);

// 0x0603, the answer to a capability update request. `address`: the present one, its most significant octet first.
Bytes tracking_message(bool provisioned, const std::array<std::uint8_t, 6>& address);

// Whether a whole message is the request for it, 0x0601.
bool is_capability_update_request(BytesView message);

}  // namespace signet::fmdn
