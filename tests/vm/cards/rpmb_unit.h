// The RPMB well-known logical unit of a UFS device as its initiator sees it: SCSI commands in, answers out.
#pragma once

#include <optional>

#include "card.h"
#include "tcmu_ring.h"

namespace signet::cards {

class RpmbUnit {
 public:
  explicit RpmbUnit(FileCard& card) : card_{card} {}

  ScsiAnswer execute(const ScsiCommand& command, BytesView data);

  // The device is reset before the `number`-th SECURITY PROTOCOL command of RPMB from now on (1: the next), which is
  // answered with a unit attention instead of being carried out.
  void reset_before(std::uint64_t number) { reset_at_ = commands_ + number; }

 private:
  ScsiAnswer security_protocol(const ScsiCommand& command, BytesView data);

  FileCard& card_;
  std::uint64_t commands_ = 0;
  std::uint64_t reset_at_ = 0;
};

}  // namespace signet::cards
