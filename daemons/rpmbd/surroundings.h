// What the daemon takes from the machine it runs on: the bus, the credentials, the directories.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <string>

#include "rpmbd/chip.h"
#include "rpmbd/config.h"

namespace signet::rpmbd {

// Throws with a message that tells an administrator what to look at.
std::unique_ptr<sdbus::IConnection> connect_system_bus();

// Without queueing or replacing: a second rpmbd gives up here, before it has touched the chip.
void claim_name(sdbus::IConnection& bus);

ChipSources chip_sources(const Config& config, const std::string& state_dir, const ProvisioningRecords& records,
                         crypto::Random& random, const Clock& clock);

}  // namespace signet::rpmbd
