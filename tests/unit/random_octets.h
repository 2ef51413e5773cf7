// What a parser may meet: strings of random octets, of the octets it knows, and damaged copies of what it takes. The
// same in every run, so that a failure can be repeated.
#pragma once

#include <cstdint>
#include <random>
#include <string>
#include <string_view>

namespace signet {

inline constexpr int kRandomStrings = 10'000;  // for each parser

class RandomOctets {
 public:
  explicit RandomOctets(std::uint32_t seed) : engine_{seed} {}

  std::size_t below(std::size_t limit) { return engine_() % limit; }

  // 0 to `most` octets, of all or of those in `alphabet`.
  std::string text(std::size_t most, std::string_view alphabet = "") { return exactly(below(most + 1), alphabet); }

  std::string exactly(std::size_t size, std::string_view alphabet = "") {
    std::string octets(size, '\0');
    for (char& octet : octets) octet = any(alphabet);
    return octets;
  }

  // `valid` with up to three octets replaced, put in or taken out, and now and then cut off. Half of the new octets are
  // of `alphabet`, if there is one.
  std::string damaged(std::string valid, std::string_view alphabet = "") {
    for (auto times = below(4); times > 0 && !valid.empty(); --times) {
      const std::size_t at = below(valid.size());
      const char octet = any(below(2) == 0 ? alphabet : "");
      switch (below(3)) {
        case 0: valid[at] = octet; break;
        case 1: valid.insert(at, 1, octet); break;
        default: valid.erase(at, 1);
      }
    }
    if (below(8) == 0) valid.resize(below(valid.size() + 1));
    return valid;
  }

  // A fixed-size piece of memory.
  template <class Octets>
  Octets filled() {
    Octets octets;
    for (auto& octet : octets) octet = static_cast<std::uint8_t>(engine_());
    return octets;
  }

 private:
  char any(std::string_view alphabet) {
    return alphabet.empty() ? static_cast<char>(engine_()) : alphabet[below(alphabet.size())];
  }

  std::mt19937 engine_;
};

}  // namespace signet
