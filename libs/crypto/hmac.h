// HMAC-SHA256 (RFC 2104, FIPS 198-1) with a key that is absorbed once.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <memory>

#include "base/bytes.h"
#include "crypto/sha256.h"

namespace signet::crypto {

using Mac = std::array<std::uint8_t, kSha256Size>;

// One key, ready for many MACs: the padded key is hashed once, here (1.0 instead of 1.5 times the bare compressions per
// RPMB frame; tests/bench). Wiped when destroyed. Safe to share between threads once built.
class HmacKey {
 public:
  explicit HmacKey(BytesView key);  // any length; longer than 64 octets is hashed first, as the standard says
  HmacKey(HmacKey&&) noexcept;
  HmacKey& operator=(HmacKey&&) noexcept;
  ~HmacKey();

  [[nodiscard]] Mac mac(BytesView data) const;
  [[nodiscard]] Mac mac(std::initializer_list<BytesView> parts) const;  // of the concatenation

  // A MAC over pieces that arrive one by one.
  class Stream {
   public:
    explicit Stream(const HmacKey& key);
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream();
    void update(BytesView data);
    [[nodiscard]] Mac finish();

   private:
    struct State;
    alignas(8) std::array<std::uint8_t, 112> state_;  // a SHA256_CTX; its header stays out of ours
    const HmacKey& key_;
  };

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

// Compares in a time that does not depend on the contents. False when the lengths differ.
bool equal_constant_time(BytesView a, BytesView b);

}  // namespace signet::crypto
