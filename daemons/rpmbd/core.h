// Everything that touches the chip, in one piece: it belongs to whoever holds the lane.
#pragma once

#include "rpmbd/chip.h"
#include "rpmbd/device_identity.h"
#include "rpmbd/provisioning.h"
#include "rpmbd/spaces.h"
#include "rpmbd/write_budget.h"

namespace signet::rpmbd {

struct Core {
  Core(ChipSources sources, std::optional<std::uint32_t> writes_per_day, bool root_survives_reflash,
       Result<Registrar> registrar)
      : chip{sources},
        budget{sources.clock, writes_per_day},
        spaces{chip, budget},
        provisioning{chip, sources.records, sources.random, root_survives_reflash},
        identity{chip, sources.random, sources.clock, std::move(registrar)} {}
  Core(const Core&) = delete;
  Core& operator=(const Core&) = delete;

  Chip chip;
  WriteBudget budget;
  Spaces spaces;
  Provisioning provisioning;
  DeviceIdentity identity;
};

}  // namespace signet::rpmbd
