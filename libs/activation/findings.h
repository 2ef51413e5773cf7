// What speaks against the registration of a chip under certain ids.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "activation/policy.h"
#include "activation/records.h"
#include "activation/repository.h"

namespace signet::activation {

struct Finding {
  Reason reason;
  std::string words;  // for the audit log and for the device; names no other device
};

// An operator has neither let it go nor blocked it, so that no other chip may have its serial number.
bool holds_serial(const Device& device);

// Compares with devices and with other reservations. A device that an operator has blocked holds its serial number no
// longer, so that a chip can be replaced.
Result<std::vector<Finding>> look_at(View& view, const Registration& registration, UnixTime now);

// Puts findings on record; returns the first that blocks.
Result<std::optional<Finding>> record(Transaction& transaction, const std::vector<Finding>& findings,
                                      const PolicyConfig& policy, const AuditEntry& entry);

}  // namespace signet::activation
