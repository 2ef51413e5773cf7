// Finds the RPMB partitions of eMMC chips through sysfs. mmcN is numbered by probe order, so a chip is known by its
// CID.
#pragma once

#include <sys/types.h>

#include <filesystem>

#include "base/result.h"
#include "rpmb/transport/node/options.h"

namespace signet::rpmb::mmc {

// The node of the one eMMC there is, or of the one with options.cid. Ignores options.node.
// Errors: no_chip (the context says what was looked for, where, and what was there instead); config_invalid: several
// chips and no CID to choose by: the context lists them.
Result<std::filesystem::path> find_node(const NodeOptions& options);

// What sysfs tells of the chip behind the RPMB device `number`, completed by the options where sysfs has nothing to
// say. Errors: no_chip (the CID is not the configured one), geometry (no RPMB, or not the configured size),
// config_invalid (neither sysfs nor the configuration tells CID or size).
Result<ChipFacts> read_facts(const NodeOptions& options, const std::filesystem::path& node, dev_t number);

// The CID of the chip behind the RPMB device `number`; nothing when the kernel does not know that device as a part of
// an eMMC.
std::optional<Cid> read_cid(const std::filesystem::path& sysfs, dev_t number);

}  // namespace signet::rpmb::mmc
