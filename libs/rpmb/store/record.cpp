#include "rpmb/store/record.h"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/endian.h"
#include "base/secret_bytes.h"
#include "rpmb/store/layout.h"

namespace signet::rpmb {
namespace {

constexpr std::array<std::uint8_t, 4> kMagic = {'S', 'G', 'R', '1'};
constexpr std::size_t kTypeAt = 4;
constexpr std::size_t kBlocksAt = 5;
constexpr std::size_t kCounterAt = 8;
constexpr std::size_t kNonceAt = 12;

using AdditionalData = std::array<std::uint8_t, kRecordHeader + std::tuple_size_v<StoreId> + 2>;

AdditionalData additional_data(BytesView header, const StoreId& store_id, std::uint16_t address) {
  AdditionalData aad;
  auto end = std::copy_n(header.begin(), kRecordHeader, aad.begin());
  std::ranges::copy(store_id, end);
  store_be(aad, kRecordHeader + store_id.size(), address);
  return aad;
}

}  // namespace

std::vector<Block> RecordCipher::seal(RecordType type, std::uint16_t address, std::uint16_t blocks,
                                      std::uint32_t counter_after, BytesView body, crypto::Random& random) {
  Bytes octets(blocks * kBlockSize);
  std::ranges::copy(kMagic, octets.begin());
  octets[kTypeAt] = static_cast<std::uint8_t>(type);
  octets[kBlocksAt] = static_cast<std::uint8_t>(blocks);
  store_be(octets, kCounterAt, counter_after);
  auto nonce = std::span{octets}.subspan<kNonceAt, crypto::kGcmNonceSize>();
  random.fill(nonce);
  std::ranges::copy(body, octets.begin() + kRecordHeader);
  cipher_.seal(nonce, additional_data(octets, store_id_, address),
               std::span{octets}.subspan(kRecordHeader, Layout::body(blocks)), std::span{octets}.last<kRecordTag>());

  std::vector<Block> result(blocks);
  std::memcpy(result.data(), octets.data(), octets.size());
  return result;
}

std::optional<RecordCipher::Opened> RecordCipher::open(std::uint16_t address, std::span<std::uint8_t> octets) {
  auto blocks = static_cast<std::uint16_t>(octets.size() / kBlockSize);
  if (!looks_like_record(octets, blocks)) return std::nullopt;
  auto body = octets.subspan(kRecordHeader, Layout::body(blocks));
  if (!cipher_.open(octets.subspan<kNonceAt, crypto::kGcmNonceSize>(), additional_data(octets, store_id_, address),
                    body, octets.last<kRecordTag>())) {
    return std::nullopt;
  }
  return Opened{static_cast<RecordType>(octets[kTypeAt]), load_be<std::uint32_t>(octets, kCounterAt), body};
}

bool RecordCipher::looks_like_record(BytesView octets, std::uint16_t blocks) {
  if (octets.size() < kRecordHeader || !std::equal(kMagic.begin(), kMagic.end(), octets.begin())) return false;
  bool known = octets[kTypeAt] == static_cast<std::uint8_t>(RecordType::commit) ||
               octets[kTypeAt] == static_cast<std::uint8_t>(RecordType::part);
  return known && octets[kBlocksAt] == blocks;
}

}  // namespace signet::rpmb
