#include "ipc/dbus/reply.h"

#include <spdlog/spdlog.h>

namespace signet::dbus {

sdbus::Error to_dbus(const Error& error) {
  return sdbus::Error{sdbus::Error::Name{bus_name(error.code)},
                      error.context.empty() ? std::string{summary(error.code)} : error.context};
}

Error unexpected(const char* method, const std::exception& bug) {
  spdlog::error("{}: unexpected: {}", method, bug.what());
  return {Errc::internal, "internal error; see the journal of the daemon"};
}

}  // namespace signet::dbus
