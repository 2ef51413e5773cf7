#include "bluez/pairing_agent.h"

#include <spdlog/spdlog.h>

#include <algorithm>
#include <map>
#include <set>
#include <utility>

#include "base/hex.h"
#include "ipc/dbus/asio_bus.h"

namespace signet::bluez {
namespace {

constexpr const char* kAgent = "org.bluez.Agent1";
constexpr const char* kManager = "org.bluez.AgentManager1";
constexpr const char* kManagerPath = "/org/bluez";
constexpr const char* kAdapter = "org.bluez.Adapter1";
constexpr const char* kDevice = "org.bluez.Device1";

sdbus::Error refusal(const char* name, const char* why) {
  return sdbus::Error{sdbus::Error::Name{std::string{"org.bluez.Error."} + name}, why};
}

// "/org/bluez/hci0/dev_00_AA_01_01_00_01"
DeviceAddress address_in(const std::string& path) {
  auto digits = path.substr(path.rfind('_') == std::string::npos ? path.size() : path.rfind('/') + 1);
  if (digits.starts_with("dev_")) digits.erase(0, 4);
  std::erase(digits, '_');
  const auto octets = from_hex(digits);
  DeviceAddress address{};
  if (octets && octets->size() == address.size()) std::ranges::copy(*octets, address.begin());
  return address;
}

}  // namespace

class PairingAgent::Impl : public std::enable_shared_from_this<Impl> {
 public:
  Impl(sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez, std::string path, Options options)
      : bus_{bus}, pump_{pump}, bluez_{bluez}, path_{std::move(path)}, options_{std::move(options)} {}

  void start() {
    make_object();
    const auto weak = weak_from_this();
    bluez_.listen(
        {.added =
             [weak](const std::string& path, const std::string& interface, const BluezObjects::Properties&) {
               const auto self = weak.lock();
               if (!self) return;
               if (interface == kAdapter && self->is_ours(path)) self->found(path);
               if (interface == kManager && self->options_.compares) self->register_agent();
             },
         .changed =
             [weak](const std::string& path, const std::string& interface, const BluezObjects::Properties& changed) {
               const auto self = weak.lock();
               if (!self) return;
               if (interface == kDevice && boolean(changed, "Bonded") == true) self->bonded(path);
               if (interface == kAdapter) self->look_at_pairable(path, changed);
             },
         .removed =
             [weak](const std::string& path, const std::string& interface) {
               const auto self = weak.lock();
               if (!self) return;
               if (interface == kAdapter) self->adapters_.erase(path);
               if (interface == kManager) self->void_all();
             }});
  }

  void stop() {
    listener_ = {};
    expect(false);
    if (options_.compares) call("UnregisterAgent", std::nullopt);
  }

  void expect(bool anybody) {
    if (std::exchange(expects_, anybody) == anybody) return;
    for (const auto& adapter : adapters_) set_pairable(adapter);
    if (anybody) return;
    while (!compared_.empty()) reject(compared_.begin()->first);
    confirmed_.clear();
  }

  void confirm(const std::string& device) {
    const auto waiting = compared_.extract(device);
    if (waiting.empty()) return;
    confirmed_.insert(device);
    answer([&] { waiting.mapped()->returnResults(); });
  }

  void reject(const std::string& device) {
    const auto waiting = compared_.extract(device);
    if (waiting.empty()) return;
    answer([&] { waiting.mapped()->returnError(refusal("Rejected", "rejected")); });
  }

  void begin(const DeviceAddress& address) {
    if (adapters_.empty()) return;
    auto name = "dev_" + to_string(address);
    std::ranges::replace(name, ':', '_');
    const auto device = *adapters_.begin() + "/" + name;
    bluez_.call({.path = device, .interface = kDevice, .name = "Pair"},
                [weak = weak_from_this(), device](const std::optional<sdbus::Error>& error) {
                  const auto self = weak.lock();
                  if (!error || !self) return;
                  spdlog::warn("{}: pairing: {}", device, error->getMessage());
                  self->failed(device);
                });
  }

  Listener listener_;

 private:
  using Answer = std::shared_ptr<sdbus::Result<>>;

  void make_object() {
    object_ = sdbus::createObject(bus_, sdbus::ObjectPath{path_});
    const auto refuse_device = [this](const sdbus::ObjectPath&) -> void { refuse(); };
    object_
        ->addVTable(
            sdbus::registerMethod("Release").implementedAs([this] { bluez_.authenticate(*object_); }),
            sdbus::registerMethod("Cancel").implementedAs([this] {
              bluez_.authenticate(*object_);
              void_all();
            }),
            sdbus::registerMethod("RequestConfirmation")
                .implementedAs(
                    [this](sdbus::Result<>&& answer, const sdbus::ObjectPath& device, std::uint32_t passkey) {
                      bluez_.authenticate(*object_);
                      compare(std::move(answer), device, passkey);
                    }),
            sdbus::registerMethod("AuthorizeService")
                .implementedAs([this](const sdbus::ObjectPath& device, const std::string&) {
                  bluez_.authenticate(*object_);
                  if (!confirmed_.contains(device)) refuse();
                }),
            sdbus::registerMethod("RequestAuthorization").implementedAs(refuse_device),
            sdbus::registerMethod("RequestPinCode").implementedAs([this](const sdbus::ObjectPath&) -> std::string {
              refuse();
            }),
            sdbus::registerMethod("RequestPasskey").implementedAs([this](const sdbus::ObjectPath&) -> std::uint32_t {
              refuse();
            }),
            sdbus::registerMethod("DisplayPinCode").implementedAs([this](const sdbus::ObjectPath&, const std::string&) {
              refuse();
            }),
            sdbus::registerMethod("DisplayPasskey")
                .implementedAs([this](const sdbus::ObjectPath&, std::uint32_t, std::uint16_t) { refuse(); }))
        .forInterface(kAgent);
  }

  [[noreturn]] void refuse() const {
    bluez_.authenticate(*object_);
    throw refusal("Rejected", "only numeric comparison");
  }

  void compare(sdbus::Result<>&& answer, const std::string& device, std::uint32_t passkey) {
    reject(device);  // a comparison that is under way is void
    compared_.emplace(device, std::make_shared<sdbus::Result<>>(std::move(answer)));
    if (!expects_ || !listener_.compares) return reject(device);
    listener_.compares({.device = device, .address = address_in(device)}, passkey);
  }

  void bonded(const std::string& device) {
    if (confirmed_.contains(device)) {
      bluez_.set({.path = device, .interface = kDevice, .name = "Trusted"}, sdbus::Variant{true},
                 [](const std::optional<sdbus::Error>&) {});
    }
    if (listener_.bonded) listener_.bonded({.device = device, .address = address_in(device)});
  }

  void void_all() {
    for (const auto& [device, waiting] : std::exchange(compared_, {})) {
      answer([&, to = waiting] { to->returnError(refusal("Canceled", "canceled")); });
      failed(device);
    }
  }

  void failed(const std::string& device) {
    if (listener_.failed) listener_.failed({.device = device, .address = address_in(device)});
  }

  template <class Send>
  void answer(Send send) {
    try {
      send();
      pump_.poke();
    } catch (const sdbus::Error& error) {
      spdlog::warn("pairing: answer: {}", error.getMessage());
    }
  }

  [[nodiscard]] bool is_ours(const std::string& path) const {
    return options_.adapter.empty() || path == std::string{kManagerPath} + "/" + options_.adapter;
  }

  void found(const std::string& adapter) {
    adapters_.insert(adapter);
    set_pairable(adapter);
  }

  // bluetoothd makes adapters pairable by itself when an agent registers.
  void look_at_pairable(const std::string& adapter, const BluezObjects::Properties& changed) {
    const auto pairable = boolean(changed, "Pairable");
    if (pairable && *pairable != expects_ && adapters_.contains(adapter)) set_pairable(adapter);
  }

  void set_pairable(const std::string& adapter) {
    bluez_.set({.path = adapter, .interface = kAdapter, .name = "Pairable"}, sdbus::Variant{expects_},
               [adapter](const std::optional<sdbus::Error>& error) {
                 // Busy: something else changes it just now, and is heard of.
                 if (error) spdlog::debug("{}: Pairable: {}", adapter, std::string{error->getName()});
               });
  }

  // One after the other on the same connection: they arrive in this order.
  void register_agent() {
    call("RegisterAgent", "DisplayYesNo");
    call("RequestDefaultAgent", std::nullopt);
  }

  void call(const char* method, std::optional<std::string> text) {
    if (!bluez_.has(kManagerPath, kManager)) return;
    bluez_.call({.path = kManagerPath, .interface = kManager, .name = method, .object = path_, .text = std::move(text)},
                [method](const std::optional<sdbus::Error>& error) {
                  if (error) spdlog::warn("{}: {}", method, error->getMessage());
                });
  }

  sdbus::IConnection& bus_;
  dbus::AsioBus& pump_;
  BluezObjects& bluez_;
  std::string path_;
  Options options_;
  std::unique_ptr<sdbus::IObject> object_;
  std::set<std::string> adapters_;  // of ours, those that are there
  bool expects_ = false;
  std::map<std::string, Answer> compared_;  // what bluetoothd waits for, by device
  std::set<std::string> confirmed_;
};

PairingAgent::PairingAgent(sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez, std::string path,
                           Options options)
    : impl_{std::make_shared<Impl>(bus, pump, bluez, std::move(path), std::move(options))} {
  impl_->start();
}

PairingAgent::~PairingAgent() { impl_->stop(); }

void PairingAgent::listen(Listener listener) { impl_->listener_ = std::move(listener); }

void PairingAgent::expect(bool anybody) { impl_->expect(anybody); }

void PairingAgent::confirm(const std::string& device) { impl_->confirm(device); }

void PairingAgent::reject(const std::string& device) { impl_->reject(device); }

void PairingAgent::begin(const DeviceAddress& address) { impl_->begin(address); }

}  // namespace signet::bluez
