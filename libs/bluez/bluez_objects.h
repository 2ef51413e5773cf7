// What bluetoothd shows on the bus: its objects and their interfaces, through restarts of bluetoothd.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <boost/asio/io_context.hpp>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

namespace signet::dbus {
class AsioBus;
}

namespace signet::bluez {

inline constexpr const char* kBluez = "org.bluez";  // never the unique name: that one dies with the process

// Everything happens on the loop's thread. The constructor makes a few short calls of the bus daemon and blocks for
// them; listeners are added before the loop runs and stay as long as this lives. Never starts bluetoothd.
class BluezObjects {
 public:
  using Properties = std::map<std::string, sdbus::Variant>;

  // Any function may be empty. When bluetoothd goes, everything is removed, one interface at a time.
  struct Listener {
    std::function<void(const std::string& path, const std::string& interface, const Properties&)> added;
    std::function<void(const std::string& path, const std::string& interface, const Properties&)> changed;
    std::function<void(const std::string& path, const std::string& interface)> removed;
  };

  BluezObjects(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump);
  ~BluezObjects();

  void listen(Listener listener);

  // Calls a method of org.bluez that returns nothing. `done` hears how it ended, unless this is gone by then. Never
  // blocks: bluetoothd calls back before it answers.
  using Done = std::function<void(const std::optional<sdbus::Error>& error)>;
  struct Method {
    std::string path;
    std::string interface;
    std::string name;
    std::optional<std::string> object{};  // the arguments, as far as there are any: an object path
    std::optional<std::string> text{};
    std::optional<Properties> options{};
  };
  void call(const Method& method, Done done);

  // A property as it is now: what has changed is signalled a moment after bluetoothd acts on it.
  struct Property {
    std::string path;
    std::string interface;
    std::string name;
  };
  using Got = std::function<void(const std::optional<sdbus::Variant>& value)>;  // nothing: there is none
  void get(const Property& property, Got got);
  void set(const Property& property, const sdbus::Variant& value, Done done);

  // The unique name that bluetoothd has now; empty: it does not run.
  [[nodiscard]] const std::string& owner() const;
  // Whether the call that `object` has now comes from bluetoothd, and not from anybody else on the bus.
  [[nodiscard]] bool calls(const sdbus::IObject& object) const;
  // Throws AccessDenied to whoever else calls.
  void authenticate(const sdbus::IObject& object) const;
  [[nodiscard]] bool has(const std::string& path, const std::string& interface) const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

// The value of a boolean property, if it is there and a boolean.
std::optional<bool> boolean(const BluezObjects::Properties& properties, const std::string& name);

}  // namespace signet::bluez
