// Whether the namespaces were promised more than the store can hold.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rpmb/store/store.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

// A warning for the administrator, when the byte quotas of all namespaces together exceed what `store` holds: somebody
// may then meet store_full within his quota. Nothing when they fit.
std::optional<std::string> overcommitted(const std::vector<std::shared_ptr<const Grant>>& grants,
                                         const rpmb::StoreFacts& store);

}  // namespace signet::rpmbd
