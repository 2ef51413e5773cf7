#include "bluez/central/objects_mirror.h"

#include <poll.h>

#include <algorithm>
#include <array>

#include "bluez/central/bus_error.h"

namespace signet::bluez {
namespace {

constexpr const char* kBluez = "org.bluez";  // never the unique name: that one dies with the process
constexpr const char* kObjectManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr auto kPatience = std::chrono::seconds{5};

}  // namespace

Result<std::unique_ptr<ObjectsMirror>> ObjectsMirror::open() try {
  auto bus = sdbus::createSystemBusConnection();
  std::unique_ptr<ObjectsMirror> mirror{new ObjectsMirror{std::move(bus)}};
  mirror->watch();
  mirror->refresh();
  return mirror;
} catch (const sdbus::Error& error) {
  return fail(central_error(error.getName(), error.getMessage(), "reaching bluetoothd on the system bus"));
}

void ObjectsMirror::watch() {
  for (const char* interface : {kObjectManager, kProperties}) {
    bus_->addMatch(std::string{"type='signal',sender='"} + kBluez + "',interface='" + interface + "'",
                   [this](sdbus::Message message) { handle(std::move(message)); });
  }
}

void ObjectsMirror::refresh() {
  using Objects = std::map<sdbus::ObjectPath, Interfaces>;
  objects_.clear();
  for (const auto& [path, interfaces] : ask<Objects>("/", kObjectManager, "GetManagedObjects", kPatience)) {
    objects_[path] = interfaces;
  }
}

std::unique_ptr<sdbus::IProxy> ObjectsMirror::proxy(const std::string& path) {
  return sdbus::createProxy(*bus_, sdbus::ServiceName{kBluez}, sdbus::ObjectPath{path});
}

const ObjectsMirror::Properties* ObjectsMirror::find(const std::string& path, const std::string& interface) const {
  const auto object = objects_.find(path);
  if (object == objects_.end()) return nullptr;
  const auto found = object->second.find(interface);
  return found == object->second.end() ? nullptr : &found->second;
}

void ObjectsMirror::added(const std::string& path, const Interfaces& interfaces) {
  for (const auto& [interface, properties] : interfaces) {
    objects_[path][interface] = properties;
    if (changed_) changed_(News::appeared, path, interface, properties);
  }
}

// Signals come from bluetoothd, which is trusted as far as types go: anything else is dropped.
void ObjectsMirror::handle(sdbus::Message message) try {
  const std::string member = message.getMemberName();
  if (member == "InterfacesAdded") {
    sdbus::ObjectPath path;
    Interfaces interfaces;
    message >> path >> interfaces;
    added(path, interfaces);
  } else if (member == "InterfacesRemoved") {
    sdbus::ObjectPath path;
    std::vector<std::string> interfaces;
    message >> path >> interfaces;
    for (const auto& interface : interfaces) objects_[path].erase(interface);
    if (objects_[path].empty()) objects_.erase(path);
  } else if (member == "PropertiesChanged") {
    const std::string path = message.getPath();
    std::string interface;
    Properties news;
    std::vector<std::string> gone;
    message >> interface >> news >> gone;
    auto& properties = objects_[path][interface];
    for (const auto& [name, value] : news) properties[name] = value;
    for (const auto& name : gone) properties.erase(name);
    if (changed_) changed_(News::changed, path, interface, news);
  }
} catch (const sdbus::Error&) {
}

bool ObjectsMirror::wait(Deadline until, const std::function<bool()>& done) {
  const auto idle = [this](std::chrono::milliseconds left) {
    const auto data = bus_->getEventLoopPollData();
    std::array<pollfd, 2> wait{{{data.fd, data.events, 0}, {data.eventFd, POLLIN, 0}}};
    int most = static_cast<int>(std::min<std::int64_t>(left.count(), 1000));
    if (const int bus = data.getPollTimeout(); bus >= 0) most = std::min(most, bus);
    ::poll(wait.data(), wait.size(), most);
  };
  return serve(
      until, [this] { return bus_->processPendingEvent(); }, idle, done);
}

void ObjectsMirror::catch_up(Deadline until) {
  bool more = true;
  serve(
      until, [&] { return more = bus_->processPendingEvent(); }, [](auto) {}, [&] { return !more; });
}

}  // namespace signet::bluez
