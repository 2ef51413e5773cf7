#include "rpmb/transport/mmc/discovery.h"

#include <string>
#include <vector>

#include "rpmb/transport/node/identity.h"
#include "rpmb/transport/node/sysfs.h"

namespace signet::rpmb::mmc {
namespace {

constexpr std::uint64_t kLargestMultiple = 0x80;  // 16 MiB: a frame addresses 65536 blocks (JESD84-B51 7.4.77)

// Cards in user space are served by CUSE, which moves at most 128 KiB per ioctl (32 pages).
constexpr std::uint16_t kEmulatedReadFrames = 128;

// The kernel puts the RPMB device inside the directory of its card. ".." must be resolved by the kernel: the path
// before it is a symbolic link.
std::vector<Candidate> candidates(const std::filesystem::path& bus) {
  std::vector<Candidate> found;
  for (const auto& name : sysfs::list(bus)) found.push_back({name, sysfs::find_cid(bus / name / ".." / "cid")});
  return found;
}

bool is_whole_disk(std::string_view name) {
  constexpr std::string_view kPrefix = "mmcblk";
  return name.starts_with(kPrefix) && name.size() > kPrefix.size() &&
         name.find_first_not_of("0123456789", kPrefix.size()) == std::string_view::npos;
}

// Why there is no RPMB although there may be a card: what an administrator would look at next.
std::string explain_absence(const std::filesystem::path& sysfs) {
  std::string text;
  for (const auto& name : sysfs::list(sysfs / "block")) {
    if (!is_whole_disk(name)) continue;
    const auto multiple = sysfs::find_number(sysfs / "block" / name / "device" / "raw_rpmb_size_mult");
    text += "; " + name;
    if (!multiple)
      text += " is not an eMMC";
    else if (*multiple == 0)
      text += " is an eMMC without an RPMB partition";
    else
      text += " has an RPMB partition that the kernel does not offer: its host controller lacks CMD23";
  }
  return text.empty() ? "; there is no MMC device at all, or its driver is not loaded yet" : text;
}

Result<std::uint32_t> blocks(const NodeOptions& options, const std::filesystem::path& node,
                             const std::filesystem::path& card) {
  SIGNET_ASSIGN(const auto multiple, sysfs::read_number(card / "raw_rpmb_size_mult"));
  if (multiple == 0)
    return fail(Errc::geometry, node.string() + ": raw_rpmb_size_mult is 0: the chip has no RPMB partition");
  if (multiple > kLargestMultiple) {
    return fail(Errc::geometry, node.string() + ": raw_rpmb_size_mult is " + std::to_string(multiple) +
                                    ", more than frames can address (" + std::to_string(kLargestMultiple) + ")");
  }
  const auto blocks = static_cast<std::uint32_t>(multiple * kUnitBlocks);
  if (options.size && *options.size != std::uint64_t{blocks} * kBlockSize) {
    return fail(Errc::geometry, node.string() + ": the chip has " + std::to_string(blocks * kBlockSize) +
                                    " octets of RPMB, the configuration says " + std::to_string(*options.size) +
                                    "; remove [chip] size");
  }
  return blocks;
}

// EN_RPMB_REL_WR allows 1, 2 or 32 frames, otherwise 1 or 2 (JESD84-B51 6.6.22.4.3). One sector of rel_sectors is 2
// frames.
std::uint16_t write_frames(const std::filesystem::path& card) {
  if (sysfs::find_number(card / "enhanced_rpmb_supported").value_or(0) != 0) return 32;
  return sysfs::find_number(card / "rel_sectors").value_or(0) != 0 ? 2 : 1;
}

// A node that is no eMMC's, such as an emulated card: the administrator says what it is.
Result<ChipFacts> facts_from_options(const NodeOptions& options, const std::filesystem::path& node) {
  if (!options.cid || !options.size) {
    return fail(Errc::config_invalid, "sysfs knows no eMMC behind " + node.string() + ": set [chip] cid and size");
  }
  SIGNET_ASSIGN(const auto blocks, configured_blocks(*options.size));
  return ChipFacts{.kind = Kind::mmc,
                   .node = node.string(),
                   .cid = *options.cid,
                   .cid_from_hardware = false,
                   .blocks = blocks,
                   .write_frames = 32,
                   .read_frames = kEmulatedReadFrames};
}

std::filesystem::path card_of(const std::filesystem::path& sysfs, dev_t number) {
  return sysfs::character_device(sysfs, number) / "..";
}

}  // namespace

Result<std::filesystem::path> find_node(const NodeOptions& options) {
  const auto bus = options.sysfs / "bus" / "mmc_rpmb" / "devices";
  const auto chips = candidates(bus);
  if (chips.empty()) {
    return fail(Errc::no_chip, "no eMMC with an RPMB partition in " + bus.string() + explain_absence(options.sysfs));
  }
  return choose(options, "eMMC", chips);
}

std::optional<Cid> read_cid(const std::filesystem::path& sysfs, dev_t number) {
  return sysfs::find_cid(card_of(sysfs, number) / "cid");
}

Result<ChipFacts> read_facts(const NodeOptions& options, const std::filesystem::path& node, dev_t number) {
  const auto cid = read_cid(options.sysfs, number);
  if (!cid) return facts_from_options(options, node);
  SIGNET_TRY(require_configured(options, node, *cid));
  const auto card = card_of(options.sysfs, number);
  SIGNET_ASSIGN(const auto size, blocks(options, node, card));
  return ChipFacts{.kind = Kind::mmc,
                   .node = node.string(),
                   .cid = *cid,
                   .cid_from_hardware = true,
                   .blocks = size,
                   .write_frames = write_frames(card)};
}

}  // namespace signet::rpmb::mmc
