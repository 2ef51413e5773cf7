#include "base/loopback.h"

#include <arpa/inet.h>

namespace signet {
namespace {

constexpr std::uint8_t kLoopbackNet = 127;  // 127.0.0.0/8, RFC 1122, section 3.2.1.3

}  // namespace

bool is_loopback_host(const std::string& host) {
  if (host == "localhost") return true;
  if (host.starts_with('[') && host.ends_with(']')) {
    in6_addr address{};
    const bool parsed = ::inet_pton(AF_INET6, host.substr(1, host.size() - 2).c_str(), &address) == 1;
    return parsed && IN6_IS_ADDR_LOOPBACK(&address);
  }
  in_addr address{};
  return ::inet_pton(AF_INET, host.c_str(), &address) == 1 && ntohl(address.s_addr) >> 24 == kLoopbackNet;
}

}  // namespace signet
