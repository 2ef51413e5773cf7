// How much of anything a client may send, and how long it may take.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace signet::http {

struct Limits {
  std::uint32_t head = 16 * 1024;  // octets of request line and fields
  std::uint32_t body = 64 * 1024;
  std::size_t connections = 1024;
  std::size_t connections_per_address = 64;
  std::chrono::seconds handshake_time{5};
  std::chrono::seconds idle_time{60};  // between requests
  std::chrono::seconds head_time{10};  // from the first octet of a head to its last
  std::chrono::seconds body_time{10};
  std::chrono::seconds write_time{10};
  std::chrono::seconds stop_time{10};  // for what is running when the server stops
};

}  // namespace signet::http
