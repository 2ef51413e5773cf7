// AES-256-GCM (NIST SP 800-38D) with 96-bit nonces and 128-bit tags.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>

#include "base/bytes.h"

namespace signet::crypto {

inline constexpr std::size_t kGcmNonceSize = 12;
inline constexpr std::size_t kGcmTagSize = 16;

// One key. Not thread-safe: the cipher contexts are kept and re-used.
class AesGcm {
 public:
  explicit AesGcm(std::span<const std::uint8_t, 32> key);
  AesGcm(AesGcm&&) noexcept;
  AesGcm& operator=(AesGcm&&) noexcept;
  ~AesGcm();

  // Encrypts in place and writes the tag. A nonce must never be used twice with one key.
  void seal(std::span<const std::uint8_t, kGcmNonceSize> nonce, BytesView aad, std::span<std::uint8_t> text,
            std::span<std::uint8_t, kGcmTagSize> tag);

  // Decrypts in place. False when the tag does not fit; `text` is then zeroed.
  [[nodiscard]] bool open(std::span<const std::uint8_t, kGcmNonceSize> nonce, BytesView aad,
                          std::span<std::uint8_t> text, std::span<const std::uint8_t, kGcmTagSize> tag);

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

}  // namespace signet::crypto
