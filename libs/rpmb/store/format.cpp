// Making a new store. Every write here does no harm whenever it takes effect: none is worth more than another attempt,
// so that a refused size may be given up (Session::abandon) and the next size tried.

#include <algorithm>

#include "base/endian.h"
#include "rpmb/store/anchor.h"
#include "rpmb/store/store.h"

namespace signet::rpmb {
namespace {

constexpr std::uint32_t kDefaultRegion = 1024 * 1024 / kBlockSize;  // a mount stays a few large reads
constexpr int kTries = 8;  // each one lost to an older write that was held back

enum class Size : std::uint8_t { taken, refused };

// Writes what `make` builds for the counter value after the write, until it stands on the chip or the chip refuses the
// size.
Result<Size> write_until_settled(Session& session, std::uint16_t address, auto make) {
  for (int attempt = 0; attempt < kTries; ++attempt) {
    SIGNET_ASSIGN(std::uint32_t counter, session.read_counter());
    auto written = session.write(address, make(counter + 1));
    if (written && *written == Written::taken) return Size::taken;
    if (written) continue;
    if (session.refusal() == Errc::unsupported) {
      session.abandon();
      return Size::refused;
    }
    session.abandon();
    return fail(std::move(written).error());
  }
  return fail(Errc::foreign_writer,
              "other writes keep coming in while " + session.transport().facts().node + " is formatted");
}

Result<std::uint32_t> region_size(const FormatOptions& options, const ChipFacts& chip) {
  std::uint32_t blocks = options.region_blocks != 0 ? options.region_blocks : std::min(chip.blocks, kDefaultRegion);
  if (blocks == 0 || blocks % kUnitBlocks != 0 || blocks > chip.blocks) {
    return fail(Errc::invalid_argument, "region: a multiple of 131072 octets, at most the partition's " +
                                            std::to_string(chip.blocks * kBlockSize));
  }
  return blocks;
}

// Whether 32 blocks really go in one request. What is written is what stands there already: until the new anchors are,
// a power cut must leave the old store whole.
Result<bool> learn_bursts(Session& session) {
  const ChipFacts& chip = session.transport().facts();
  if (chip.write_frames < kBurstBlocks || chip.read_frames < kBurstBlocks) return false;
  std::vector<Block> present(kBurstBlocks);
  SIGNET_TRY(session.read(kBurstBlocks, present));
  SIGNET_ASSIGN(Size size, write_until_settled(session, kBurstBlocks, [&](std::uint32_t) { return present; }));
  return size == Size::taken;
}

// Writes one copy of the anchor, in a request of two blocks if the chip takes that, and says so in the anchor.
Result<void> write_anchor(Session& session, std::uint16_t address, Anchor& anchor, bool bursts,
                          const SecretBytes<32>& key) {
  auto make = [&](std::uint32_t counter_after) {
    anchor.counter_after = counter_after;
    anchor.burst_blocks = bursts ? std::uint8_t{kBurstBlocks} : anchor.slot_blocks;
    std::vector<Block> blocks(anchor.slot_blocks);
    blocks[0] = encode(anchor, key);
    return blocks;
  };
  SIGNET_ASSIGN(Size size, write_until_settled(session, address, make));
  if (size == Size::refused && anchor.slot_blocks == 2) {
    anchor.slot_blocks = 1;
    SIGNET_ASSIGN(size, write_until_settled(session, address, make));
  }
  if (size == Size::refused)
    return fail(Errc::unsupported, session.transport().facts().node + " refuses single-block writes");
  if (anchor.slot_blocks == 2) return {};
  auto empty = [](std::uint32_t) { return std::vector<Block>(1); };
  SIGNET_TRY(write_until_settled(session, static_cast<std::uint16_t>(address + 1), empty));
  return {};
}

}  // namespace

bool is_optee(const Block& block0) {
  constexpr std::uint32_t kMagic = 0x52504d42;  // "RPMB", in the byte order of the CPU that OP-TEE runs on
  constexpr std::uint32_t kSwapped = 0x424d5052;
  auto magic = load_be<std::uint32_t>(block0, 0);
  return magic == kMagic || magic == kSwapped;
}

Result<void> format(Session& session, const FormatOptions& options, const StoreKeyDerivation& derive,
                    crypto::Random& random) {
  const ChipFacts& chip = session.transport().facts();
  SIGNET_ASSIGN(std::uint32_t region, region_size(options, chip));
  session.abandon();  // whatever was under way is about to be erased
  std::array<Block, kFirstSlot> head;
  SIGNET_TRY(session.read_counter());
  SIGNET_TRY(session.read(0, head));
  if (is_optee(head[0]))
    return fail(Errc::foreign_filesystem, "block 0 of " + chip.node + " holds an OP-TEE file system");

  Anchor anchor{.slot_blocks = static_cast<std::uint8_t>(std::min<std::uint16_t>(chip.write_frames, 2)),
                .region_blocks = region,
                .store_id = random.bytes<std::tuple_size_v<StoreId>>(),
                .ueid = options.ueid};
  const SecretBytes<32> key = derive(anchor.store_id);
  SIGNET_ASSIGN(bool bursts, learn_bursts(session));
  for (std::uint16_t address : kAnchorCopies) SIGNET_TRY(write_anchor(session, address, anchor, bursts, key));
  return {};
}

}  // namespace signet::rpmb
