#include "fastpair/additional_data.h"

#include <algorithm>

#include "crypto/hmac.h"

namespace signet::fastpair {
namespace {

constexpr std::size_t kMacSize = 8;
constexpr std::size_t kMostBlocks = 256;  // the counter is one octet

crypto::Mac mac_of(const SessionKey& key, BytesView nonce_and_data) {
  return crypto::HmacKey{key.octets().view()}.mac(nonce_and_data);
}

// Of a character that begins with `first`: its octets, and the smallest number that needs so many.
struct Utf8Length {
  std::size_t size;
  std::uint32_t least;
  std::uint8_t payload;
};
Utf8Length length_of(std::uint8_t first) {
  if (first < 0x80) return {1, 0, 0x7f};
  if ((first & 0xe0) == 0xc0) return {2, 0x80, 0x1f};
  if ((first & 0xf0) == 0xe0) return {3, 0x800, 0x0f};
  if ((first & 0xf8) == 0xf0) return {4, 0x10000, 0x07};
  return {0, 0, 0};
}

bool printable(std::uint32_t point) {
  const bool control = point < 0x20 || (point >= 0x7f && point < 0xa0);
  const bool surrogate = point >= 0xd800 && point < 0xe000;
  return !control && !surrogate && point <= 0x10ffff;
}

// The octets that a character takes at the front of `text`; 0 when there is none that is well-formed.
std::size_t character_at(BytesView text) {
  const auto [size, least, payload] = length_of(text.front());
  if (size == 0 || size > text.size()) return 0;
  std::uint32_t point = text.front() & payload;
  for (const std::uint8_t octet : text.subspan(1, size - 1)) {
    if ((octet & 0xc0) != 0x80) return 0;
    point = (point << 6) | (octet & 0x3fu);
  }
  return point >= least && printable(point) ? size : 0;
}

}  // namespace

Result<Bytes> apply_ctr(const SessionKey& key, const DataNonce& nonce, BytesView data) {
  if (data.size() > kMostBlocks * kBlockSize) return fail(Errc::invalid_argument, "AES-CTR: more than 256 blocks");
  Bytes out(data.begin(), data.end());
  for (std::size_t at = 0; at < out.size(); at += kBlockSize) {
    Block counter{static_cast<std::uint8_t>(at / kBlockSize)};
    std::ranges::copy(nonce, counter.end() - kDataNonceSize);
    const Block stream = key.encrypt(counter);
    for (std::size_t i = 0; i < kBlockSize && at + i < out.size(); ++i) out[at + i] ^= stream[i];
  }
  return out;
}

Result<Bytes> seal_data(const SessionKey& key, const DataNonce& nonce, BytesView data) {
  if (data.size() > kMostData) return fail(Errc::too_large, "additional data: more than 64 octets");
  SIGNET_ASSIGN(const Bytes sealed, apply_ctr(key, nonce, data));
  Bytes rest(nonce.begin(), nonce.end());
  append(rest, sealed);
  const crypto::Mac mac = mac_of(key, rest);
  Bytes packet(mac.begin(), mac.begin() + kMacSize);
  append(packet, rest);
  return packet;
}

Result<Bytes> open_data(const SessionKey& key, BytesView packet) {
  if (packet.size() < kDataHeaderSize || packet.size() > kDataHeaderSize + kMostData) {
    return fail(Errc::invalid_argument, "additional data: the packet is not of 16 to 80 octets");
  }
  const BytesView rest = packet.subspan(kMacSize);
  const crypto::Mac mac = mac_of(key, rest);
  if (!crypto::equal_constant_time(packet.first(kMacSize), std::span{mac}.first(kMacSize))) {
    return fail(Errc::bad_signature, "additional data: the packet's MAC");
  }
  DataNonce nonce;
  std::ranges::copy(rest.first(kDataNonceSize), nonce.begin());
  return apply_ctr(key, nonce, rest.subspan(kDataNonceSize));
}

bool valid_name(BytesView name) {
  if (name.size() > kMostData) return false;
  while (!name.empty()) {
    const std::size_t size = character_at(name);
    if (size == 0) return false;
    name = name.subspan(size);
  }
  return true;
}

}  // namespace signet::fastpair
