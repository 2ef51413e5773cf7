#include "rpmb/transport/ufs/discovery.h"

#include <algorithm>
#include <string>

#include "crypto/sha256.h"
#include "rpmb/transport/node/identity.h"
#include "rpmb/transport/node/sysfs.h"
#include "rpmb/transport/ufs/scsi.h"

namespace signet::rpmb::ufs {
namespace {

constexpr std::uint64_t kMostBlocks = 65536;  // of region 0: a frame addresses no more
constexpr std::uint16_t kUsualTransfer = 32;  // frames; what a device takes at least when it does not say
constexpr std::uint16_t kCautiousWrite = 2;
constexpr std::uint64_t kBlockExponent = 8;  // bLogicalBlockSize of the RPMB unit: 2^8 = 256 octets

// ".." is resolved by the kernel: "device" is a symbolic link to hostH/targetH:C:I/H:C:I:LUN below the controller.
std::filesystem::path controller_of(const std::filesystem::path& unit) { return unit / ".." / ".." / ".."; }

std::filesystem::path unit_of(const std::filesystem::path& sysfs, dev_t number) {
  return sysfs::character_device(sysfs, number) / "device";
}

// "0:0:0:49476" -> 49476
std::optional<std::uint64_t> lun_of(const std::filesystem::path& unit) {
  std::error_code error;
  const auto address = std::filesystem::canonical(unit, error).filename().string();
  if (error) return {};
  return sysfs::parse_number(std::string_view{address}.substr(address.rfind(':') + 1));
}

bool is_rpmb_unit(const std::filesystem::path& unit) {
  return sysfs::find_number(unit / "type") == scsi::kWellKnownUnit && lun_of(unit) == scsi::kRpmbLun;
}

std::optional<Cid> cid_of(const std::filesystem::path& unit) {
  const auto device = controller_of(unit);
  const auto text = [&](const char* attribute) { return sysfs::read(device / attribute).value_or(""); };
  const auto manufacturer = text("device_descriptor/manufacturer_id");
  const auto serial = text("string_descriptors/serial_number");
  if (manufacturer.empty() || serial.empty()) return {};

  using namespace std::string_literals;
  const auto identity = "signet ufs cid v1\0"s + manufacturer + "\n" + text("device_descriptor/manufacturing_date") +
                        "\n" + text("string_descriptors/product_name") + "\n" + serial + "\n";
  const auto digest = crypto::sha256(as_bytes(identity));
  Cid cid;
  std::copy_n(digest.begin(), cid.size(), cid.begin());
  return cid;
}

std::filesystem::path nodes_of(const std::filesystem::path& sysfs) { return sysfs / "class" / "scsi_generic"; }

std::vector<Candidate> candidates(const std::filesystem::path& nodes) {
  std::vector<Candidate> found;
  for (const auto& name : sysfs::list(nodes)) {
    const auto unit = nodes / name / "device";
    if (is_rpmb_unit(unit)) found.push_back({name, cid_of(unit)});
  }
  return found;
}

// Size of region 0 in blocks. The unit descriptor tells the sum of all regions, so the configuration may name less.
Result<std::uint32_t> blocks(const NodeOptions& options, const std::filesystem::path& node,
                             const std::filesystem::path& unit) {
  const auto descriptor = unit / "unit_descriptor";
  const auto count = sysfs::find_number(descriptor / "logical_block_count");
  const auto exponent = sysfs::find_number(descriptor / "logical_block_size");
  if (options.size) {
    SIGNET_ASSIGN(const auto configured, configured_blocks(*options.size));
    if (!count || configured <= *count) return configured;
    return fail(Errc::geometry, node.string() + ": the unit has " + std::to_string(*count * kBlockSize) +
                                    " octets of RPMB, the configuration says " + std::to_string(*options.size));
  }
  if (!count || exponent != kBlockExponent) {
    return fail(Errc::config_invalid, "sysfs does not tell the size of the RPMB unit behind " + node.string() + " (" +
                                          descriptor.string() + "): set [chip] size");
  }
  if (*count == 0) {
    return fail(Errc::geometry, node.string() + ": the RPMB unit has 0 blocks: it is not set up on this device");
  }
  return static_cast<std::uint32_t>(std::min(*count, kMostBlocks));
}

}  // namespace

Result<std::filesystem::path> find_node(const NodeOptions& options) {
  const auto nodes = nodes_of(options.sysfs);
  const auto chips = candidates(nodes);
  if (chips.empty()) {
    return fail(Errc::no_chip, "no UFS device with an RPMB unit (LUN " + std::to_string(scsi::kRpmbLun) +
                                   ", type 30) in " + nodes.string() + "; the modules needed are ufshcd and sg");
  }
  return choose(options, "UFS device", chips);
}

std::vector<std::filesystem::path> list_nodes(const NodeOptions& options) {
  std::vector<std::filesystem::path> nodes;
  for (const auto& unit : candidates(nodes_of(options.sysfs))) nodes.push_back(options.devices / unit.name);
  return nodes;
}

std::optional<Cid> read_cid(const std::filesystem::path& sysfs, dev_t number) { return cid_of(unit_of(sysfs, number)); }

Result<ChipFacts> read_facts(const NodeOptions& options, const std::filesystem::path& node, dev_t number) {
  const auto unit = unit_of(options.sysfs, number);
  // Where sysfs says nothing at all, the INQUIRY of the transport decides alone.
  const auto lun = lun_of(unit);
  if (lun && !is_rpmb_unit(unit)) {
    return fail(Errc::not_rpmb, node.string() + " is SCSI unit " + std::to_string(*lun) + "; RPMB is unit " +
                                    std::to_string(scsi::kRpmbLun) + " of the same device");
  }
  const auto cid = cid_of(unit);
  if (!cid && !options.cid) {
    return fail(Errc::config_invalid, "sysfs does not tell serial number and manufacturer of the device behind " +
                                          node.string() + ": set [chip] cid");
  }
  if (cid) SIGNET_TRY(require_configured(options, node, *cid));
  SIGNET_ASSIGN(const auto size, blocks(options, node, unit));
  // bRPMB_ReadWriteSize: the most frames of one transfer, either way.
  const auto announced = sysfs::find_number(controller_of(unit) / "geometry_descriptor" / "rpmb_rw_size").value_or(0);
  const auto transfer = static_cast<std::uint16_t>(std::min<std::uint64_t>(announced, kMaxReadFrames));
  return ChipFacts{.kind = Kind::ufs,
                   .node = node.string(),
                   .cid = cid ? *cid : *options.cid,
                   .cid_from_hardware = cid.has_value(),
                   .blocks = size,
                   .write_frames = transfer == 0 ? kCautiousWrite : std::min(transfer, kUsualTransfer),
                   .read_frames = transfer == 0 ? kUsualTransfer : transfer};
}

}  // namespace signet::rpmb::ufs
