// Which chip is meant, and whether it is still that one: the questions that every kind of device node raises.
#pragma once

#include <sys/types.h>

#include <functional>
#include <optional>
#include <span>
#include <string>

#include "base/result.h"
#include "rpmb/transport/node/device_node.h"
#include "rpmb/transport/node/options.h"

namespace signet::rpmb {

// A chip that sysfs lists.
struct Candidate {
  std::string name;        // of its node below options.devices
  std::optional<Cid> cid;  // nothing where sysfs does not tell
};

// The node of the chip that the configuration means. `candidates` is not empty; `kind` is how messages call them:
// "eMMC". A single chip without a CID is taken to be the configured one. Errors: no_chip: none has the configured CID;
// config_invalid: several, and no CID is configured. Both list what there is.
Result<std::filesystem::path> choose(const NodeOptions& options, const std::string& kind,
                                     std::span<const Candidate> candidates);

// That the configuration does not ask for another chip. Errors: no_chip.
Result<void> require_configured(const NodeOptions& options, const std::filesystem::path& node, const Cid& cid);

// A configured size in blocks. Errors: config_invalid: not a multiple of 128 KiB up to 16 MiB.
Result<std::uint32_t> configured_blocks(std::uint64_t octets);

// Transport::check_identity() for a chip behind a node. `read_cid` asks sysfs for the chip behind a device.
Result<void> check_same_chip(Syscalls& syscalls, const DeviceNode& node, const ChipFacts& facts,
                             const std::function<std::optional<Cid>(dev_t)>& read_cid);

}  // namespace signet::rpmb
