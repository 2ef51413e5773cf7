#include "rpmb/transport/node/node_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <string>
#include <system_error>

namespace signet::rpmb {

Result<NodeWatch> NodeWatch::open(const std::filesystem::path& directory) {
  UniqueFd fd{::inotify_init1(IN_NONBLOCK | IN_CLOEXEC)};
  // IN_ATTRIB: udev creates nothing, it sets owner and mode some time after the kernel made the node.
  constexpr std::uint32_t kEvents = IN_CREATE | IN_MOVED_TO | IN_DELETE | IN_ATTRIB | IN_ONLYDIR;
  if (!fd || ::inotify_add_watch(fd.get(), directory.c_str(), kEvents) < 0) {
    const int error = errno;
    const bool missing = error == ENOENT || error == ENOTDIR || error == EACCES;
    return fail(missing ? Errc::config_invalid : Errc::io,
                "watching " + directory.string() + ": " + std::generic_category().message(error));
  }
  return NodeWatch{std::move(fd)};
}

bool NodeWatch::drain() {
  // Which node an event is about does not matter: looking again is cheap and decides better than a name could.
  alignas(inotify_event) std::array<char, 16 * (sizeof(inotify_event) + NAME_MAX + 1)> events;
  bool any = false;
  while (::read(fd_.get(), events.data(), events.size()) > 0) any = true;
  return any;
}

}  // namespace signet::rpmb
