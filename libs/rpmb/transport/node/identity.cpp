#include "rpmb/transport/node/identity.h"

#include <algorithm>

#include "base/hex.h"

namespace signet::rpmb {
namespace {

constexpr std::uint64_t kUnitOctets = kUnitBlocks * kBlockSize;
constexpr std::uint64_t kMostUnits = 128;  // a frame addresses 65536 blocks

std::string list(std::span<const Candidate> candidates) {
  std::string text;
  for (const auto& [name, cid] : candidates) {
    text += (text.empty() ? "" : ", ") + name + " (CID " + (cid ? to_hex(*cid) : "unknown") + ")";
  }
  return text;
}

}  // namespace

Result<std::filesystem::path> choose(const NodeOptions& options, const std::string& kind,
                                     std::span<const Candidate> candidates) {
  if (!options.cid) {
    if (candidates.size() == 1) return options.devices / candidates.front().name;
    return fail(Errc::config_invalid, "several chips (" + kind + "): set [chip] cid to one of " + list(candidates));
  }
  auto chosen = std::ranges::find(candidates, options.cid, &Candidate::cid);
  if (chosen == candidates.end() && candidates.size() == 1 && !candidates.front().cid) chosen = candidates.begin();
  if (chosen == candidates.end()) {
    return fail(Errc::no_chip,
                "no " + kind + " with the configured CID " + to_hex(*options.cid) + "; there is " + list(candidates));
  }
  return options.devices / chosen->name;
}

Result<void> require_configured(const NodeOptions& options, const std::filesystem::path& node, const Cid& cid) {
  if (!options.cid || *options.cid == cid) return {};
  return fail(Errc::no_chip, "the chip behind " + node.string() + " has CID " + to_hex(cid) +
                                 ", the configuration asks for " + to_hex(*options.cid));
}

Result<std::uint32_t> configured_blocks(std::uint64_t octets) {
  if (octets == 0 || octets % kUnitOctets != 0 || octets > kMostUnits * kUnitOctets) {
    return fail(Errc::config_invalid,
                "[chip] size = " + std::to_string(octets) + " is not a multiple of 131072 up to 16777216");
  }
  return static_cast<std::uint32_t>(octets / kBlockSize);
}

Result<void> check_same_chip(Syscalls& syscalls, const DeviceNode& node, const ChipFacts& facts,
                             const std::function<std::optional<Cid>(dev_t)>& read_cid) {
  SIGNET_ASSIGN(const dev_t now, device_behind(syscalls, node.path));
  if (facts.cid_from_hardware) {
    const auto cid = read_cid(now);
    if (!cid) return fail(Errc::no_chip, "the kernel knows no chip behind " + facts.node + " any more");
    if (*cid != facts.cid) {
      return fail(Errc::chip_changed,
                  "the chip behind " + facts.node + " has CID " + to_hex(*cid) + " now, it had " + to_hex(facts.cid));
    }
  }
  if (now != node.number) {
    return fail(Errc::no_chip, facts.node + " went away and came back; it has to be opened anew");
  }
  return {};
}

}  // namespace signet::rpmb
