// What bluetoothd shows on the bus: its objects and their interfaces, through restarts of bluetoothd.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace signet::dbus {
class AsioBus;
}

namespace signet::bluez {

inline constexpr const char* kBluez = "org.bluez";  // never the unique name: that one dies with the process

// Everything happens on the loop's thread. Starts to look when it is built; listeners hear of what is there already as
// if it appeared just now.
class BluezObjects {
 public:
  using Properties = std::map<std::string, sdbus::Variant>;

  // Any function may be empty. When bluetoothd goes, everything is removed, one interface at a time.
  struct Listener {
    std::function<void(const std::string& path, const std::string& interface, const Properties&)> added;
    std::function<void(const std::string& path, const std::string& interface, const Properties&)> changed;
    std::function<void(const std::string& path, const std::string& interface)> removed;
  };

  BluezObjects(sdbus::IConnection& bus, dbus::AsioBus& pump);
  ~BluezObjects();

  void listen(Listener listener);  // for as long as this lives

  // Calls a method of org.bluez; `done` hears how it ended, unless this is gone by then. Never blocks: bluetoothd calls
  // back before it answers.
  using Done = std::function<void(const std::optional<sdbus::Error>& error)>;
  void call(const std::string& path, const std::string& interface, const std::string& method, Done done);
  void call(const std::string& path, const std::string& interface, const std::string& method,
            const sdbus::ObjectPath& object, const std::map<std::string, sdbus::Variant>& options, Done done);
  void call(const std::string& path, const std::string& interface, const std::string& method,
            const sdbus::ObjectPath& object, Done done);

  // Paths that have this interface now.
  [[nodiscard]] std::vector<std::string> with(const std::string& interface) const;
  [[nodiscard]] bool has(const std::string& path, const std::string& interface) const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

// The value of a boolean property, if it is there and a boolean.
std::optional<bool> boolean(const BluezObjects::Properties& properties, const std::string& name);

}  // namespace signet::bluez
