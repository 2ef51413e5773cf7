// What the daemon takes from the machine it runs on: the credentials, the directories.
#pragma once

#include <string>

#include "rpmbd/chip.h"
#include "rpmbd/config.h"

namespace signet::rpmbd {

ChipSources chip_sources(const Config& config, const std::string& state_dir, const ProvisioningRecords& records,
                         crypto::Random& random, const Clock& clock);

}  // namespace signet::rpmbd
