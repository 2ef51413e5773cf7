// The listening socket that the service manager has opened for us (sd_listen_fds(3)).
#pragma once

#include "base/result.h"

namespace signet::service {

// The descriptor; -1 when there is none. Asked once: children do not inherit it. Error: config_invalid: more than one.
Result<int> inherited_socket();

}  // namespace signet::service
