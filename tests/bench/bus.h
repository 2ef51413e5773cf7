// A client of the bus that costs as little as a client can.
#pragma once

#include <systemd/sd-bus.h>

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "process.h"

namespace signet::bench {

struct Destination {
  const char* name;
  const char* path;
  const char* interface;
};

using Message = std::unique_ptr<sd_bus_message, decltype(&sd_bus_message_unref)>;

// On the bus that DBUS_SYSTEM_BUS_ADDRESS names. Throws std::runtime_error, with the name of the error, for every call
// that does not succeed.
class BusClient {
 public:
  BusClient();

  [[nodiscard]] Message make(const Destination& to, const char* method);
  Message call(sd_bus_message* message);
  template <class... Arguments>
  Message call(const Destination& to, const char* method, const char* types, Arguments... arguments) {
    Message message = make(to, method);
    check(sd_bus_message_append(message.get(), types, arguments...), "append");
    return call(message.get());
  }

  // Starts `command` and waits until it owns `name`. Answers with the time that took, exec to NameOwnerChanged.
  std::chrono::duration<double> start(std::unique_ptr<Process>& process, const std::vector<std::string>& command,
                                      const std::string& log, const std::string& name);

  static void check(int result, const char* what);

 private:
  std::unique_ptr<sd_bus, decltype(&sd_bus_unref)> bus_;
};

}  // namespace signet::bench
