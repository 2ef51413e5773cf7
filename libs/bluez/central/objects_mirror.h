// bluetoothd's objects as one connection to the bus sees them, kept up while it is served. For a program that waits:
// nothing happens but within wait() and the calls.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <functional>
#include <map>
#include <memory>
#include <string>

#include "base/result.h"
#include "bluez/central/serve.h"

namespace signet::bluez {

class ObjectsMirror {
 public:
  using Properties = std::map<std::string, sdbus::Variant>;
  using Interfaces = std::map<std::string, Properties>;
  using Deadline = bluez::Deadline;

  // no_service: no bus, or no bluetoothd on it.
  static Result<std::unique_ptr<ObjectsMirror>> open();

  // Serves the connection until `done` says so, which is asked after every event. False: the deadline has passed.
  bool wait(Deadline until, const std::function<bool()>& done);
  // Serves what is there already.
  void catch_up(Deadline until);

  // Asks for all objects anew: bluetoothd's changes come later than its answers. Throws sdbus::Error.
  void refresh();

  // Called for what appears, with all the properties of the interface, and for what changes, with those that are news.
  // What appears may have been known for long: bluetoothd tells of it late.
  enum class News { appeared, changed };
  using Changed =
      std::function<void(News kind, const std::string& path, const std::string& interface, const Properties& news)>;
  void on_change(Changed changed) { changed_ = std::move(changed); }

  // For objects of one's own; they are called within wait().
  [[nodiscard]] sdbus::IConnection& connection() { return *bus_; }

  [[nodiscard]] const std::map<std::string, Interfaces>& objects() const { return objects_; }
  [[nodiscard]] const Properties* find(const std::string& path, const std::string& interface) const;

  // A property of the type, else the default.
  template <class T>
  [[nodiscard]] T value(const std::string& path, const std::string& interface, const std::string& property,
                        T otherwise = {}) const {
    const auto* properties = find(path, interface);
    if (!properties) return otherwise;
    const auto found = properties->find(property);
    if (found == properties->end() || !found->second.containsValueOfType<T>()) return otherwise;
    return found->second.get<T>();
  }

  // Calls a method of org.bluez and waits. Throws sdbus::Error.
  template <class... Arguments>
  void call(const std::string& path, const std::string& interface, const std::string& method,
            std::chrono::milliseconds limit, const Arguments&... arguments) {
    proxy(path)->callMethod(method).onInterface(interface).withTimeout(limit).withArguments(arguments...);
  }
  template <class Value, class... Arguments>
  Value ask(const std::string& path, const std::string& interface, const std::string& method,
            std::chrono::milliseconds limit, const Arguments&... arguments) {
    Value value;
    proxy(path)
        ->callMethod(method)
        .onInterface(interface)
        .withTimeout(limit)
        .withArguments(arguments...)
        .storeResultsTo(value);
    return value;
  }

 private:
  explicit ObjectsMirror(std::unique_ptr<sdbus::IConnection> bus) : bus_{std::move(bus)} {}
  void watch();
  void added(const std::string& path, const Interfaces& interfaces);
  void handle(sdbus::Message message);
  [[nodiscard]] std::unique_ptr<sdbus::IProxy> proxy(const std::string& path);

  std::unique_ptr<sdbus::IConnection> bus_;
  std::map<std::string, Interfaces> objects_;
  Changed changed_;
};

}  // namespace signet::bluez
