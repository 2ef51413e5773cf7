#include "rpmbd/overcommit.h"

#include <fmt/format.h>

#include <numeric>

namespace signet::rpmbd {

std::optional<std::string> overcommitted(const std::vector<std::shared_ptr<const Grant>>& grants,
                                         const rpmb::StoreFacts& store) {
  const auto promised = std::accumulate(grants.begin(), grants.end(), std::uint64_t{0},
                                        [](std::uint64_t sum, const auto& grant) { return sum + grant->quota.bytes; });
  const std::uint64_t held = std::uint64_t{store.slots} * store.slot_blocks * rpmb::kBlockSize;
  if (promised <= held) return std::nullopt;
  return fmt::format(
      "the quotas of {} namespaces promise {} octets together, and the store has {}: a namespace may meet store_full "
      "within its quota; lower 'bytes' in the [[client]] entries",
      grants.size(), promised, held);
}

}  // namespace signet::rpmbd
