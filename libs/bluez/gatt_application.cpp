#include "bluez/gatt_application.h"

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <boost/asio/steady_timer.hpp>
#include <utility>

#include "ipc/dbus/asio_bus.h"

namespace signet::bluez {
namespace {

constexpr const char* kService = "org.bluez.GattService1";
constexpr const char* kCharacteristic = "org.bluez.GattCharacteristic1";
constexpr const char* kManager = "org.bluez.GattManager1";
constexpr std::chrono::milliseconds kRetry{250};  // at first; doubles
constexpr std::chrono::milliseconds kLongestRetry{64'000};

using Options = std::map<std::string, sdbus::Variant>;

template <class T>
T option(const Options& options, const std::string& name) {
  const auto entry = options.find(name);
  if (entry == options.end() || !entry->second.containsValueOfType<T>()) return {};
  return entry->second.get<T>();
}

Request request_of(const Options& options) {
  return {.device = option<sdbus::ObjectPath>(options, "device"),
          .link = option<std::string>(options, "link"),
          .mtu = option<std::uint16_t>(options, "mtu"),
          .offset = option<std::uint16_t>(options, "offset")};
}

sdbus::Error bluez_error(const char* name, std::string message) {
  return sdbus::Error{sdbus::Error::Name{std::string{"org.bluez.Error."} + name}, std::move(message)};
}

}  // namespace

sdbus::Error to_bluez(AttError error) {
  switch (error) {
    case AttError::read_not_permitted:
    case AttError::write_not_permitted: return bluez_error("NotPermitted", "not permitted");
    case AttError::request_not_supported: return bluez_error("NotSupported", "not supported");
    case AttError::invalid_offset: return bluez_error("InvalidOffset", "invalid offset");
    case AttError::insufficient_authorization: return bluez_error("NotAuthorized", "not authorized");
    case AttError::invalid_length: return bluez_error("InvalidValueLength", "invalid length");
    default: break;
  }
  // The whole message is the number. 0x80 to 0x9f go on the air as they are, any other becomes "unlikely error".
  return bluez_error("Failed", fmt::format("{:#04x}", static_cast<unsigned>(error)));
}

class GattApplication::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez,
       std::string root)
      : loop_{loop}, bus_{bus}, pump_{pump}, bluez_{bluez}, root_{std::move(root)}, retry_{loop} {}

  void start(std::vector<Service> services) {
    manager_ = sdbus::createObject(bus_, sdbus::ObjectPath{root_});
    manager_->addObjectManager();
    for (auto& service : services) add_service(std::move(service));
    const auto weak = weak_from_this();
    bluez_.listen({.added =
                       [weak](const std::string& path, const std::string& interface, const BluezObjects::Properties&) {
                         if (interface != kManager) return;
                         if (const auto self = weak.lock()) self->register_with(path);
                       },
                   .changed = {},
                   .removed =
                       [weak](const std::string& path, const std::string& interface) {
                         if (interface != kManager) return;
                         if (const auto self = weak.lock()) self->lost(path);
                       }});
  }

  void stop() {
    retry_.cancel();
    for (const auto& adapter : adapters_) {
      bluez_.call({.path = adapter, .interface = kManager, .name = "UnregisterApplication", .object = root_},
                  [](const std::optional<sdbus::Error>&) {});
    }
  }

  // Addressed to bluetoothd alone: what is told to a client is nobody else's business.
  void notify(std::string_view uuid, BytesView value) {
    const auto known = objects_.find(std::string{uuid});
    if (known == objects_.end()) return spdlog::error("GATT: no characteristic {}", uuid);
    if (bluez_.owner().empty()) return;  // the bus would start it
    try {
      auto signal = known->second->createSignal(sdbus::InterfaceName{"org.freedesktop.DBus.Properties"},
                                                sdbus::SignalName{"PropertiesChanged"});
      signal << std::string{kCharacteristic} << Options{{"Value", sdbus::Variant{Bytes(value.begin(), value.end())}}}
             << std::vector<std::string>{};
      signal.setDestination(kBluez);
      signal.send();
      pump_.poke();
      last_notified_ = Steady::now();
    } catch (const sdbus::Error& error) {
      spdlog::warn("GATT: notification: {}", error.getMessage());
    }
  }

  std::set<std::string> adapters_;
  std::function<void()> changed_;

 private:
  using Steady = std::chrono::steady_clock;

  void add_service(Service service) {
    const auto path = fmt::format("{}/service{}", root_, others_.size());
    auto object = sdbus::createObject(bus_, sdbus::ObjectPath{path});
    object
        ->addVTable(sdbus::registerProperty("UUID").withGetter([uuid = service.uuid] { return uuid; }),
                    sdbus::registerProperty("Primary").withGetter([] { return true; }))
        .forInterface(kService);
    others_.push_back(std::move(object));
    int number = 0;
    for (auto& characteristic : service.characteristics) {
      add_characteristic(path, fmt::format("{}/char{}", path, number++), std::move(characteristic));
    }
  }

  // The objects belong to this, and call it only while it lives; answers may come when it is gone.
  void add_characteristic(const std::string& service, const std::string& path, Characteristic given) {
    const auto characteristic = std::make_shared<const Characteristic>(std::move(given));
    auto object = sdbus::createObject(bus_, sdbus::ObjectPath{path});
    const auto* self = object.get();
    object
        ->addVTable(
            sdbus::registerProperty("UUID").withGetter([characteristic] { return characteristic->uuid; }),
            sdbus::registerProperty("Service").withGetter([service] { return sdbus::ObjectPath{service}; }),
            sdbus::registerProperty("Flags").withGetter([characteristic] { return characteristic->flags; }),
            sdbus::registerMethod("ReadValue")
                .implementedAs([this, self, characteristic](sdbus::Result<Bytes>&& result, const Options& options) {
                  bluez_.authenticate(*self);
                  read(*characteristic, std::move(result), options);
                }),
            sdbus::registerMethod("WriteValue")
                .implementedAs(
                    [this, self, characteristic](sdbus::Result<>&& result, const Bytes& value, const Options& options) {
                      bluez_.authenticate(*self);
                      write(*characteristic, std::move(result), value, options);
                    }),
            sdbus::registerMethod("StartNotify").implementedAs([this, self, characteristic] {
              bluez_.authenticate(*self);
              if (characteristic->subscribed) characteristic->subscribed(true);
            }),
            sdbus::registerMethod("StopNotify").implementedAs([this, self, characteristic] {
              bluez_.authenticate(*self);
              if (characteristic->subscribed) characteristic->subscribed(false);
            }),
            sdbus::registerMethod("Confirm").implementedAs([this, self] { bluez_.authenticate(*self); }))
        .forInterface(kCharacteristic);
    objects_[characteristic->uuid] = std::move(object);
  }

  void read(const Characteristic& characteristic, sdbus::Result<Bytes>&& result, const Options& options) {
    const auto answer = answer_with<ReadOutcome>(std::move(result), [](const auto& to, const ReadOutcome& outcome) {
      if (const auto* error = std::get_if<AttError>(&outcome)) return to.returnError(to_bluez(*error));
      to.returnResults(std::get<Bytes>(outcome));
    });
    if (!characteristic.read) return answer(AttError::read_not_permitted);
    characteristic.read(request_of(options), answer);
  }

  void write(const Characteristic& characteristic, sdbus::Result<>&& result, const Bytes& value,
             const Options& options) {
    const auto answer = answer_with<WriteOutcome>(std::move(result), [](const auto& to, const WriteOutcome& outcome) {
      if (const auto* error = std::get_if<AttError>(&outcome)) return to.returnError(to_bluez(*error));
      to.returnResults();
    });
    if (!characteristic.write) return answer(AttError::write_not_permitted);
    characteristic.write(request_of(options), value, [weak = weak_from_this(), answer](const WriteOutcome& outcome) {
      if (const auto self = weak.lock()) self->after_notifications([answer, outcome] { answer(outcome); });
    });
  }

  void after_notifications(std::function<void()> answer) {
    const auto wait = last_notified_ + kHeadStart - Steady::now();
    if (wait <= wait.zero()) return answer();
    auto timer = std::make_shared<boost::asio::steady_timer>(loop_, wait);
    timer->async_wait([timer, answer = std::move(answer)](const boost::system::error_code&) { answer(); });
  }

  // The first answer counts. bluetoothd may be gone by then: the bus drops what nobody gets.
  template <class Outcome, class To, class Send>
  std::function<void(Outcome)> answer_with(To&& to, Send send) {
    auto waiting = std::make_shared<std::optional<std::decay_t<To>>>(std::forward<To>(to));
    return [weak = weak_from_this(), waiting, send](const Outcome& outcome) {
      const auto self = weak.lock();
      if (!self || !*waiting) return;
      const auto result = std::exchange(*waiting, std::nullopt);
      try {
        send(*result, outcome);
        self->pump_.poke();
      } catch (const sdbus::Error& error) {
        spdlog::warn("GATT: answer: {}", error.getMessage());
      }
    };
  }

  void register_with(const std::string& adapter) {
    bluez_.call(
        {.path = adapter, .interface = kManager, .name = "RegisterApplication", .object = root_, .options = Options{}},
        [weak = weak_from_this(), adapter](const std::optional<sdbus::Error>& error) {
          if (const auto self = weak.lock()) self->registered(adapter, error);
        });
  }

  void registered(const std::string& adapter, const std::optional<sdbus::Error>& error) {
    if (!bluez_.has(adapter, kManager)) return;  // gone again meanwhile
    if (error && error->getName() != "org.bluez.Error.AlreadyExists") {
      spdlog::warn("{}: GATT application: {}", adapter, error->getMessage());
      waiting_.insert(adapter);
      return retry_later();
    }
    pause_ = kRetry;
    if (adapters_.insert(adapter).second && changed_) changed_();
  }

  void retry_later() {
    retry_.expires_after(pause_);
    pause_ = std::min(pause_ * 2, kLongestRetry);
    retry_.async_wait([weak = weak_from_this()](const boost::system::error_code& cancelled) {
      const auto self = weak.lock();
      if (cancelled || !self) return;
      for (const auto& adapter : std::exchange(self->waiting_, {})) {
        if (self->bluez_.has(adapter, kManager)) self->register_with(adapter);
      }
    });
  }

  void lost(const std::string& adapter) {
    waiting_.erase(adapter);
    if (adapters_.erase(adapter) > 0 && changed_) changed_();
  }

  boost::asio::io_context& loop_;
  sdbus::IConnection& bus_;
  dbus::AsioBus& pump_;
  BluezObjects& bluez_;
  std::string root_;
  Steady::time_point last_notified_{};
  boost::asio::steady_timer retry_;
  std::chrono::milliseconds pause_ = kRetry;
  std::set<std::string> waiting_;  // refused; asked again later
  std::unique_ptr<sdbus::IObject> manager_;
  std::vector<std::unique_ptr<sdbus::IObject>> others_;
  std::map<std::string, std::unique_ptr<sdbus::IObject>> objects_;  // characteristics by uuid
};

GattApplication::GattApplication(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump,
                                 BluezObjects& bluez, std::string root, std::vector<Service> services)
    : impl_{std::make_shared<Impl>(loop, bus, pump, bluez, std::move(root))} {
  impl_->start(std::move(services));
}

GattApplication::~GattApplication() { impl_->stop(); }

void GattApplication::notify(std::string_view uuid, BytesView value) { impl_->notify(uuid, value); }

const std::set<std::string>& GattApplication::adapters() const { return impl_->adapters_; }

void GattApplication::listen(std::function<void()> changed) { impl_->changed_ = std::move(changed); }

}  // namespace signet::bluez
