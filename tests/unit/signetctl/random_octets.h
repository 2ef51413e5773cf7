// What a parser may be given by somebody who means it badly; the same in every run.
#pragma once

#include <random>
#include <string_view>

#include "base/bytes.h"

namespace signet::ctl {

class RandomOctets {
 public:
  // Of `alphabet`, or of all octets when there is none; at most `most`.
  Bytes up_to(std::size_t most, std::string_view alphabet = {}) { return exactly(below(most + 1), alphabet); }

  Bytes exactly(std::size_t size, std::string_view alphabet = {}) {
    Bytes octets(size);
    for (auto& octet : octets) {
      octet = alphabet.empty() ? static_cast<std::uint8_t>(random_())
                               : static_cast<std::uint8_t>(alphabet[below(alphabet.size())]);
    }
    return octets;
  }

  // One to four octets changed, put in or taken out.
  Bytes damaged(Bytes octets) {
    for (std::size_t i = below(4) + 1; i > 0; --i) {
      const auto at = octets.begin() + static_cast<std::ptrdiff_t>(below(octets.size() + 1));
      const auto octet = static_cast<std::uint8_t>(random_());
      if (at == octets.end() || below(3) == 0) {
        octets.insert(at, octet);
      } else if (below(2) == 0) {
        octets.erase(at);
      } else {
        *at = octet;
      }
    }
    return octets;
  }

 private:
  std::size_t below(std::size_t limit) { return random_() % limit; }

  std::mt19937_64 random_{20'261'121};
};

inline constexpr int kRandomInputs = 10'000;

}  // namespace signet::ctl
