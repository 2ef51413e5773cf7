// A radio whose operations end soon after somebody has changed his mind.
#pragma once

#include <atomic>
#include <memory>

#include "finder/radio.h"

namespace signet::owner {

using Cancelled = std::shared_ptr<const std::atomic<bool>>;

// What `open` opens, but each step fails with Errc::cancelled once `cancelled` is set: before it begins, and in the
// middle of waiting for adverts and notifications.
finder::OpenCentral cancellable(finder::OpenCentral open, Cancelled cancelled);

}  // namespace signet::owner
