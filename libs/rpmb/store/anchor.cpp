#include "rpmb/store/anchor.h"

#include <algorithm>
#include <array>

#include "base/endian.h"
#include "crypto/hkdf.h"
#include "crypto/hmac.h"

namespace signet::rpmb {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'S', 'G', 'A', '1'};
constexpr std::size_t kMacAt = kBlockSize - crypto::kSha256Size;

crypto::Mac anchor_mac(std::span<const std::uint8_t, kBlockSize> block, const SecretBytes<32>& store_key) {
  SecretBytes<32> key;
  crypto::hkdf_sha256(store_key.view(), {}, "signet anchor v1", key.writable());
  return crypto::HmacKey{key.view()}.mac(block.first<kMacAt>());
}

}  // namespace

Block encode(const Anchor& anchor, const SecretBytes<32>& store_key) {
  Block block{};
  std::ranges::copy(kMagic, block.begin());
  block[4] = anchor.version;
  block[5] = anchor.slot_blocks;
  block[6] = anchor.burst_blocks;
  store_be(block, 8, anchor.region_blocks);
  store_be(block, 12, anchor.counter_after);
  std::ranges::copy(anchor.store_id, block.begin() + 16);
  std::ranges::copy(anchor.ueid, block.begin() + 48);
  std::ranges::copy(anchor_mac(block, store_key), block.begin() + kMacAt);
  return block;
}

std::optional<Anchor> parse_anchor(std::span<const std::uint8_t, kBlockSize> block) {
  if (!std::equal(kMagic.begin(), kMagic.end(), block.begin())) return std::nullopt;
  Anchor anchor{.version = block[4],
                .slot_blocks = block[5],
                .burst_blocks = block[6],
                .region_blocks = load_be<std::uint32_t>(block, 8),
                .counter_after = load_be<std::uint32_t>(block, 12)};
  std::copy_n(block.begin() + 16, anchor.store_id.size(), anchor.store_id.begin());
  std::copy_n(block.begin() + 48, anchor.ueid.size(), anchor.ueid.begin());
  return anchor;
}

bool authentic_anchor(std::span<const std::uint8_t, kBlockSize> block, const SecretBytes<32>& store_key) {
  return crypto::equal_constant_time(anchor_mac(block, store_key), block.last<crypto::kSha256Size>());
}

}  // namespace signet::rpmb
