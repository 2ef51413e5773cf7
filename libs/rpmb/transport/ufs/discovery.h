// Finds the RPMB unit of a UFS device through sysfs: SCSI LUN 49476, peripheral type 30, with a SCSI generic node.
//
// UFS has no CID. One is made from what the device says of itself: the first 16 octets of
//   SHA-256("signet ufs cid v1" NUL manufacturer_id LF manufacturing_date LF product_name LF serial_number LF)
// each as the text of its attribute below device_descriptor/ and string_descriptors/, without white space at the ends.
// The product revision is left out on purpose: a firmware update of the device must not change who it is.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <vector>

#include "base/result.h"
#include "rpmb/transport/node/options.h"

namespace signet::rpmb::ufs {

// The node of the one RPMB unit there is, or of the one whose device has options.cid. Ignores options.node. Errors:
// no_chip (with what was looked for and where); config_invalid: several and no CID to choose by.
Result<std::filesystem::path> find_node(const NodeOptions& options);

// The nodes of all RPMB units, whatever the options say about which one is meant.
std::vector<std::filesystem::path> list_nodes(const NodeOptions& options);

// What sysfs tells of the unit behind the SCSI generic device `number`, completed by the options.
// Errors: not_rpmb (another unit), no_chip (not the configured CID), geometry, config_invalid (says which key to set).
Result<ChipFacts> read_facts(const NodeOptions& options, const std::filesystem::path& node, dev_t number);

// The CID as made above; nothing when sysfs does not tell the serial number or the manufacturer.
std::optional<Cid> read_cid(const std::filesystem::path& sysfs, dev_t number);

}  // namespace signet::rpmb::ufs
