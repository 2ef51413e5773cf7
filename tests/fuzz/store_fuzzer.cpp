// What stands on a chip, whatever it is: raw blocks, and sealed records with arbitrary bodies, as a chip of a hostile
// earlier version could hold them. The mount must take it or leave it.

#include <cstring>

#include "rpmb/store/catalogue.h"
#include "rpmb/store/record.h"
#include "rpmb/store/scan.h"

namespace {

using namespace signet;
using namespace signet::rpmb;

constexpr std::array<std::uint8_t, 32> kKey{1};

class NoRandom final : public crypto::Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override { std::ranges::fill(bytes, std::uint8_t{0}); }
};

// Input: for each record its type, a counter and a length, then the body. The rest of the region is the input itself.
std::vector<Block> region_from(BytesView input, const Layout& layout, RecordCipher& cipher) {
  std::vector<Block> region(layout.region_blocks);
  std::memcpy(region[kFirstSlot].data(), input.data(),
              std::min(input.size(), (region.size() - kFirstSlot) * kBlockSize));
  NoRandom random;
  std::uint16_t block = kFirstSlot;
  while (input.size() > 4 && block + kBurstBlocks < region.size()) {
    auto type = static_cast<RecordType>(1 + (input[0] & 1));
    std::uint16_t blocks =
        layout.bursts && (input[0] & 2) != 0 && block % kBurstBlocks == 0 ? kBurstBlocks : layout.slot_blocks;
    std::size_t size = std::min({Layout::body(blocks), std::size_t{input[2]} * 2, input.size() - 3});
    auto record = cipher.seal(type, block, blocks, input[1], input.subspan(3, size), random);
    std::ranges::copy(record, region.begin() + block);
    block = static_cast<std::uint16_t>(block + blocks);
    input = input.subspan(3 + size);
  }
  return region;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  BytesView input{data + 1, size - 1};
  (void)parse_blob(input);
  (void)parse_commit(input);
  (void)parse_part(input);

  Layout layout{kUnitBlocks, static_cast<std::uint16_t>(1 + (data[0] & 1)), (data[0] & 2) != 0};
  RecordCipher cipher{SecretBytes<32>{std::span<const std::uint8_t, 32>{kKey}}, StoreId{}};
  std::vector<Block> region = region_from(input, layout, cipher);
  (void)find_anchors(std::span{region}.first(kFirstSlot),
                     [](const StoreId&) { return SecretBytes<32>{std::span<const std::uint8_t, 32>{kKey}}; });

  Records records = read_records(region, layout, cipher);
  Catalogue catalogue{layout};
  for (Batch& batch : records.batches) catalogue.add(std::move(batch));
  for (std::uint32_t slot = 0; slot < layout.slots(); slot += 3) {
    auto placed = catalogue.place(std::vector<Cut>{{layout.slot_blocks}});
    if (!placed) break;
    catalogue.overwritten(placed->front(), layout.slot_blocks);
  }
  return 0;
}
