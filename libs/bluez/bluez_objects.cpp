#include "bluez/bluez_objects.h"

#include <spdlog/spdlog.h>

#include <boost/asio/post.hpp>
#include <set>
#include <utility>
#include <vector>

#include "ipc/dbus/asio_bus.h"

namespace signet::bluez {
namespace {

constexpr const char* kManager = "org.freedesktop.DBus.ObjectManager";
constexpr const char* kProperties = "org.freedesktop.DBus.Properties";
constexpr const char* kBusDaemon = "org.freedesktop.DBus";
constexpr const char* kBusPath = "/org/freedesktop/DBus";

using Interfaces = std::map<std::string, BluezObjects::Properties>;
using Objects = std::map<sdbus::ObjectPath, Interfaces>;

}  // namespace

class BluezObjects::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump)
      : loop_{loop}, bus_{bus}, pump_{pump} {}

  void start() {
    watch(
        "type='signal',sender='org.freedesktop.DBus',interface='org.freedesktop.DBus',member='NameOwnerChanged',"
        "arg0='org.bluez'",
        &Impl::owner_changed);
    watch("type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesAdded'",
          &Impl::interfaces_added);
    watch("type='signal',sender='org.bluez',interface='org.freedesktop.DBus.ObjectManager',member='InterfacesRemoved'",
          &Impl::interfaces_removed);
    for (const char* interface : {"org.bluez.Adapter1", "org.bluez.Device1"}) {  // of no other does anybody ask
      watch(std::string{"type='signal',sender='org.bluez',interface='org.freedesktop.DBus.Properties',"
                        "member='PropertiesChanged',arg0='"} +
                interface + "'",
            &Impl::properties_changed);
    }
    ask_owner();
    pump_.poke();
  }

  void call(const Method& method, Done done) {
    const auto outgoing = begin(method.path, [this, &method](sdbus::IProxy& proxy) {
      auto message = proxy.createMethodCall(sdbus::InterfaceName{method.interface}, sdbus::MethodName{method.name});
      if (method.object) message << sdbus::ObjectPath{*method.object};
      if (method.text) message << *method.text;
      if (method.options) message << *method.options;
      return message;
    });
    send(kBluez, outgoing,
         [done = std::move(done)](sdbus::MethodReply&, const std::optional<sdbus::Error>& error) { done(error); });
  }

  void get(const Property& property, Got got) {
    const auto outgoing = begin(property.path, [&property](sdbus::IProxy& proxy) {
      auto message = proxy.createMethodCall(sdbus::InterfaceName{kProperties}, sdbus::MethodName{"Get"});
      message << property.interface << property.name;
      return message;
    });
    send(kBluez, outgoing, [got = std::move(got)](sdbus::MethodReply& reply, const std::optional<sdbus::Error>& error) {
      if (error) return got(std::nullopt);
      sdbus::Variant value;
      reply >> value;
      got(value);
    });
  }

  void set(const Property& property, const sdbus::Variant& value, Done done) {
    const auto outgoing = begin(property.path, [&property, &value](sdbus::IProxy& proxy) {
      auto message = proxy.createMethodCall(sdbus::InterfaceName{kProperties}, sdbus::MethodName{"Set"});
      message << property.interface << property.name << value;
      return message;
    });
    send(kBluez, outgoing,
         [done = std::move(done)](sdbus::MethodReply&, const std::optional<sdbus::Error>& error) { done(error); });
  }

  std::vector<Listener> listeners_;
  std::string owner_;
  std::map<std::string, std::set<std::string>> known_;

 private:
  struct Outgoing {
    std::string path;
    std::function<sdbus::MethodCall(sdbus::IProxy&)> make;
  };
  struct Pending {
    std::unique_ptr<sdbus::IProxy> proxy;
    sdbus::Slot slot;
  };
  using Replied = std::function<void(sdbus::MethodReply& reply, const std::optional<sdbus::Error>& error)>;

  static Outgoing begin(std::string path, std::function<sdbus::MethodCall(sdbus::IProxy&)> make) {
    return {std::move(path), std::move(make)};
  }

  // A proxy for each call: those of devices would pile up, as many as centrals have ever been here. It lives until its
  // answer has been dealt with, and dies outside of its own handler.
  void send(const char* destination, const Outgoing& outgoing, Replied replied) {
    const auto number = next_call_++;
    auto& pending = pending_[number];
    try {
      pending.proxy = sdbus::createProxy(bus_, sdbus::ServiceName{destination}, sdbus::ObjectPath{outgoing.path});
      const auto message = outgoing.make(*pending.proxy);
      pending.slot = pending.proxy->callMethodAsync(
          message,
          [weak = weak_from_this(), number, replied](sdbus::MethodReply reply, std::optional<sdbus::Error> error) {
            const auto self = weak.lock();
            if (!self) return;
            self->guard([&] { replied(reply, error); });
            boost::asio::post(self->loop_, [weak, number] {
              if (const auto still = weak.lock()) still->pending_.erase(number);
            });
          },
          sdbus::return_slot);
    } catch (const sdbus::Error& error) {  // the connection, or a path that is none
      boost::asio::post(loop_, [weak = weak_from_this(), number, replied, error = std::optional{error}] {
        const auto self = weak.lock();
        if (!self) return;
        self->pending_.erase(number);
        sdbus::MethodReply nothing;
        self->guard([&] { replied(nothing, error); });
      });
    }
    pump_.poke();
  }

  // Nothing that the peer says may end the daemon.
  template <class Call>
  void guard(Call call) {
    try {
      call();
    } catch (const std::exception& bad) {
      spdlog::warn("org.bluez: {}", bad.what());
    }
  }

  void watch(const std::string& rule, void (Impl::*handler)(sdbus::Message&)) {
    matches_.push_back(bus_.addMatch(
        rule,
        [weak = weak_from_this(), handler](sdbus::Message message) {
          if (const auto self = weak.lock()) self->guard([&] { (self.get()->*handler)(message); });
        },
        sdbus::return_slot));
  }

  // Asked for by the name's owner, for a call of org.bluez itself could start bluetoothd.
  void ask_owner() {
    const auto outgoing = begin(kBusPath, [](sdbus::IProxy& proxy) {
      auto message = proxy.createMethodCall(sdbus::InterfaceName{kBusDaemon}, sdbus::MethodName{"GetNameOwner"});
      message << std::string{kBluez};
      return message;
    });
    send(kBusDaemon, outgoing, [this](sdbus::MethodReply& reply, const std::optional<sdbus::Error>& error) {
      if (error || !owner_.empty()) return;  // not running; or NameOwnerChanged was faster
      reply >> owner_;
      ask_objects();
    });
  }

  void owner_changed(sdbus::Message& message) {
    std::string name;
    std::string before;
    std::string now;
    message >> name >> before >> now;
    forget_all();
    owner_ = now;
    if (!owner_.empty()) ask_objects();
  }

  // What appears meanwhile is in the answer or announced, or both.
  void ask_objects() {
    const auto outgoing = begin("/", [](sdbus::IProxy& proxy) {
      return proxy.createMethodCall(sdbus::InterfaceName{kManager}, sdbus::MethodName{"GetManagedObjects"});
    });
    send(kBluez, outgoing, [this, asked = owner_](sdbus::MethodReply& reply, const std::optional<sdbus::Error>& error) {
      if (error || asked != owner_) return;
      Objects objects;
      reply >> objects;
      for (const auto& [path, interfaces] : objects) add(path, interfaces);
    });
  }

  void interfaces_added(sdbus::Message& message) {
    sdbus::ObjectPath path;
    Interfaces interfaces;
    message >> path >> interfaces;
    add(path, interfaces);
  }

  void interfaces_removed(sdbus::Message& message) {
    sdbus::ObjectPath path;
    std::vector<std::string> interfaces;
    message >> path >> interfaces;
    for (const auto& interface : interfaces) remove(path, interface);
  }

  void properties_changed(sdbus::Message& message) {
    std::string interface;
    Properties properties;
    message >> interface >> properties;
    const char* path = message.getPath();
    if (path != nullptr) tell_changed(path, interface, properties);
  }

  void add(const std::string& path, const Interfaces& interfaces) {
    for (const auto& [interface, properties] : interfaces) {
      if (!known_[path].insert(interface).second) {
        tell_changed(path, interface, properties);
        continue;
      }
      for (const auto& listener : listeners_) {
        if (listener.added) listener.added(path, interface, properties);
      }
    }
  }

  void tell_changed(const std::string& path, const std::string& interface, const Properties& properties) {
    for (const auto& listener : listeners_) {
      if (listener.changed) listener.changed(path, interface, properties);
    }
  }

  void remove(const std::string& path, const std::string& interface) {
    const auto object = known_.find(path);
    if (object == known_.end() || object->second.erase(interface) == 0) return;
    if (object->second.empty()) known_.erase(object);
    for (const auto& listener : listeners_) {
      if (listener.removed) listener.removed(path, interface);
    }
  }

  void forget_all() {
    for (const auto& [path, interfaces] : std::map{known_}) {
      for (const auto& interface : interfaces) remove(path, interface);
    }
  }

  boost::asio::io_context& loop_;
  sdbus::IConnection& bus_;
  dbus::AsioBus& pump_;
  std::uint64_t next_call_ = 0;
  std::map<std::uint64_t, Pending> pending_;
  std::vector<sdbus::Slot> matches_;
};

BluezObjects::BluezObjects(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump)
    : impl_{std::make_shared<Impl>(loop, bus, pump)} {
  impl_->start();
}

BluezObjects::~BluezObjects() = default;

void BluezObjects::listen(Listener listener) { impl_->listeners_.push_back(std::move(listener)); }

void BluezObjects::call(const Method& method, Done done) { impl_->call(method, std::move(done)); }

void BluezObjects::get(const Property& property, Got got) { impl_->get(property, std::move(got)); }

void BluezObjects::set(const Property& property, const sdbus::Variant& value, Done done) {
  impl_->set(property, value, std::move(done));
}

const std::string& BluezObjects::owner() const { return impl_->owner_; }

bool BluezObjects::calls(const sdbus::IObject& object) const {
  const auto message = object.getCurrentlyProcessedMessage();
  const char* sender = message.getSender();
  return sender != nullptr && owner() == sender;
}

void BluezObjects::authenticate(const sdbus::IObject& object) const {
  if (calls(object)) return;
  throw sdbus::Error{sdbus::Error::Name{"org.freedesktop.DBus.Error.AccessDenied"}, "for bluetoothd only"};
}

bool BluezObjects::has(const std::string& path, const std::string& interface) const {
  const auto object = impl_->known_.find(path);
  return object != impl_->known_.end() && object->second.contains(interface);
}

std::optional<bool> boolean(const BluezObjects::Properties& properties, const std::string& name) {
  const auto property = properties.find(name);
  if (property == properties.end() || !property->second.containsValueOfType<bool>()) return std::nullopt;
  return property->second.get<bool>();
}

}  // namespace signet::bluez
