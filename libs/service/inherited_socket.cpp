#include "service/inherited_socket.h"

#include <systemd/sd-daemon.h>

namespace signet::service {

Result<int> inherited_socket() {
  const int count = ::sd_listen_fds(1);
  if (count > 1) {
    return fail(Errc::config_invalid, "the service manager hands over " + std::to_string(count) +
                                          " sockets; there must be one (ListenStream= of the socket unit)");
  }
  return count == 1 ? SD_LISTEN_FDS_START : -1;
}

}  // namespace signet::service
