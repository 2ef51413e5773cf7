#include "crypto/random.h"

#include <sys/random.h>

#include <cerrno>
#include <cstdlib>

namespace signet::crypto {

void SystemRandom::fill(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::getrandom(bytes.data(), bytes.size(), 0);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) std::abort();  // no randomness, no security: there is nothing sensible to go on with
    bytes = bytes.subspan(static_cast<std::size_t>(n));
  }
}

}  // namespace signet::crypto
