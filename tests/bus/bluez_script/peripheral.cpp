#include "tests/bus/bluez_script/peripheral.h"

#include <algorithm>
#include <array>
#include <boost/asio/post.hpp>
#include <chrono>
#include <stdexcept>
#include <utility>

#include "bluez/bluez_objects.h"
#include "bluez/dbus_advertising.h"
#include "bluez/gatt_application.h"
#include "ipc/dbus/asio_bus.h"

namespace signet::bluez {
namespace {

using std::chrono::seconds;

constexpr auto kPatience = seconds{30};
constexpr const char* kAdapter = "hci0";

std::string described(const char* what, const Request& request) {
  const auto device = request.device.substr(std::string{"/org/bluez/"}.size());
  return std::string{what} + " " + device + " " + request.link + " " + std::to_string(request.mtu);
}

// Flags and service data of 0xFEAA.
Advert advert(const Bytes& service_data) {
  const std::array<std::uint8_t, 7> head{0x02, 0x01, 0x06, static_cast<std::uint8_t>(3 + service_data.size()),
                                         0x16, 0xaa, 0xfe};
  Advert one;
  one.data.resize(head.size() + service_data.size());
  std::ranges::copy(service_data, std::ranges::copy(head, one.data.begin()).out);
  return one;
}

}  // namespace

class Peripheral::Edge {
 public:
  Edge(boost::asio::io_context& loop, std::vector<Service> services)
      : bus{sdbus::createSystemBusConnection()},
        pump{loop, *bus},
        bluez{loop, *bus, pump},
        advertising{loop, *bus, pump, bluez, "/org/signet/script/advert", kAdapter},
        application{loop, *bus, pump, bluez, "/org/signet/script/gatt", std::move(services)} {}

  [[nodiscard]] bool complete() const {
    return advertising.controller().powered && advertising.controller().sets > 0 &&
           application.adapters().contains(std::string{"/org/bluez/"} + kAdapter);
  }

  std::unique_ptr<sdbus::IConnection> bus;
  dbus::AsioBus pump;
  BluezObjects bluez;
  DbusAdvertising advertising;
  GattApplication application;
};

Peripheral::Peripheral(const Bytes& service_data) {
  auto outcome = ready_.get_future();
  thread_ = std::thread{[this, service_data] {
    try {
      run(service_data);
    } catch (const std::exception& failure) {
      ready(failure.what());
    }
  }};
  std::string error = "the peripheral is not registered in time";
  if (outcome.wait_for(kPatience) == std::future_status::ready) error = outcome.get();
  if (error.empty()) return;
  loop_.stop();
  thread_.join();
  throw std::runtime_error{error};
}

Peripheral::~Peripheral() {
  loop_.stop();
  thread_.join();
}

void Peripheral::run(const Bytes& service_data) {
  edge_ = std::make_unique<Edge>(loop_, services());
  const auto changed = [this, service_data, begun = std::make_shared<bool>(false)] {
    if (!edge_->complete() || std::exchange(*begun, true)) return;
    edge_->advertising.set(Slot::fmdn, advert(service_data), AddressPolicy::rotate,
                           [this](const Result<void>& done) { ready(done ? "" : to_string(done.error())); });
  };
  edge_->advertising.listen(changed);
  edge_->application.listen(changed);
  loop_.run();
  edge_.reset();
}

// The first time counts.
void Peripheral::ready(std::string error) {
  if (!std::exchange(told_ready_, true)) ready_.set_value(std::move(error));
}

void Peripheral::advertise(const Bytes& service_data) {
  const auto done = std::make_shared<std::promise<void>>();
  boost::asio::post(loop_, [this, service_data, done] {
    edge_->advertising.set(Slot::fmdn, advert(service_data), AddressPolicy::hold,
                           [done](const Result<void>&) { done->set_value(); });
  });
  done->get_future().wait_for(kPatience);
}

std::vector<Service> Peripheral::services() {
  const auto read = [this](const Request& request, const ReadAnswer& answer) {
    note(described("read", request));
    answer(Bytes{1, ++reads_});
  };
  const auto write = [this](const Request& request, const Bytes& value, const WriteAnswer& answer) {
    note(described("write", request));
    written_ = value.size();
    if (value.front() != 0) return answer(static_cast<AttError>(value.front()));
    edge_->application.notify(kEcho, value);
    answer({});
  };
  const auto subscribed = [this](bool on) { note(on ? "subscribed" : "unsubscribed"); };
  return {{.uuid = kService,
           .characteristics = {
               {.uuid = kEcho,
                .flags = {"read", "write", "notify"},
                .read = read,
                .write = write,
                .subscribed = subscribed},
               {.uuid = kOnlyRead, .flags = {"read"}, .read = read, .write = write, .subscribed = {}},
               {.uuid = kOnlyWrite, .flags = {"write"}, .read = read, .write = write, .subscribed = {}},
               {.uuid = kOnlyNotify, .flags = {"notify"}, .read = read, .write = write, .subscribed = {}}}}};
}

void Peripheral::note(std::string call) {
  const std::lock_guard lock{mutex_};
  calls_.push_back(std::move(call));
}

std::vector<std::string> Peripheral::take_calls() {
  const std::lock_guard lock{mutex_};
  return std::exchange(calls_, {});
}

std::vector<std::string> Peripheral::wait_for_calls(std::size_t count) {
  const auto until = std::chrono::steady_clock::now() + seconds{10};
  std::vector<std::string> all;
  while (all.size() < count && std::chrono::steady_clock::now() < until) {
    for (auto& call : take_calls()) all.push_back(std::move(call));
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  return all;
}

}  // namespace signet::bluez
