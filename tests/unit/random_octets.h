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
  std::string text(std::size_t most, std::string_view alphabet = "") {
    std::string octets(below(most + 1), '\0');
    for (char& octet : octets) octet = any(alphabet);
    return octets;
  }

  // `valid` with up to three octets replaced, and now and then cut off.
  std::string damaged(std::string valid) {
    for (auto times = below(4); times > 0 && !valid.empty(); --times) valid[below(valid.size())] = any("");
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
