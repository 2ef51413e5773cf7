// Key material: wiped when destroyed, never copied by accident, never printed.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>

#include "base/bytes.h"

namespace signet {

// Overwrites memory in a way the compiler may not drop.
inline void wipe(void* data, std::size_t size) {
  if (size > 0) ::explicit_bzero(data, size);  // an empty vector has no address
}

// `Size` octets of a secret. Move leaves the source zeroed; clone() is the only copy and says so.
template <std::size_t Size>
class SecretBytes {
 public:
  SecretBytes() = default;
  explicit SecretBytes(std::span<const std::uint8_t, Size> bytes) {
    std::copy(bytes.begin(), bytes.end(), bytes_.begin());
  }
  SecretBytes(const SecretBytes&) = delete;
  SecretBytes& operator=(const SecretBytes&) = delete;
  SecretBytes(SecretBytes&& other) noexcept : bytes_{other.bytes_} { other.clear(); }
  SecretBytes& operator=(SecretBytes&& other) noexcept {
    if (this != &other) {
      bytes_ = other.bytes_;
      other.clear();
    }
    return *this;
  }
  ~SecretBytes() { clear(); }

  [[nodiscard]] SecretBytes clone() const { return SecretBytes{view()}; }
  [[nodiscard]] std::span<const std::uint8_t, Size> view() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t, Size> writable() { return bytes_; }
  void clear() { wipe(bytes_.data(), Size); }

 private:
  std::array<std::uint8_t, Size> bytes_{};
};

// A secret of variable length, such as a private key in DER or a plaintext object. Wiped when destroyed.
class SecretBuffer {
 public:
  SecretBuffer() = default;
  explicit SecretBuffer(std::size_t size) : bytes_(size) {}
  explicit SecretBuffer(BytesView bytes) : bytes_(bytes.begin(), bytes.end()) {}
  SecretBuffer(const SecretBuffer&) = delete;
  SecretBuffer& operator=(const SecretBuffer&) = delete;
  SecretBuffer(SecretBuffer&& other) noexcept = default;  // a moved-from vector is empty
  SecretBuffer& operator=(SecretBuffer&& other) noexcept {
    clear();
    bytes_ = std::move(other.bytes_);
    return *this;
  }
  ~SecretBuffer() { clear(); }

  [[nodiscard]] BytesView view() const { return bytes_; }
  [[nodiscard]] std::span<std::uint8_t> writable() { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  void clear() {
    wipe(bytes_.data(), bytes_.size());
    bytes_.clear();
  }

 private:
  Bytes bytes_;
};

}  // namespace signet
