// Whether the host of a URL is this very machine: what may be spoken to without encryption.
#pragma once

#include <string>

namespace signet {

// `host`: as it stands in a URL, without port and user: "localhost", an IPv4 address in its four numbers, or an IPv6
// address in brackets. A name that only begins like one of them is somebody else's.
bool is_loopback_host(const std::string& host);

}  // namespace signet
