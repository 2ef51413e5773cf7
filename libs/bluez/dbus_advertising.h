// Advertising through bluetoothd: org.bluez.LEAdvertisement1 objects registered with LEAdvertisingManager1. Needs no
// right beyond the bus policy's, and pays for that with the limitations it names; ManagementAdvertising has fewer.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "bluez/advertising.h"
#include "bluez/bluez_objects.h"
#include "bluez/job_queue.h"

namespace signet::bluez {

// bluetoothd composes the frame itself, from properties: of an Advert's data it can express flags (0x06 or none),
// 16-bit service data and 16-bit service UUIDs. Anything else is refused as unsupported.
//
// Rotation unregisters and registers: an extended controller then takes a new address, a legacy one once rpa_timeout
// has passed. Hold announces new service data, if nothing else differs; else it is a rotation.
class DbusAdvertising final : public Advertising {
 public:
  // `root`: an object path of this connection's own; adverts are objects below it. `controller`: "hci0"; empty: the
  // first that appears.
  DbusAdvertising(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez,
                  std::string root, std::string controller = {});
  ~DbusAdvertising() override;

  void apply(Change change, Done done) override;
  [[nodiscard]] Controller controller() const override { return controller_; }
  [[nodiscard]] std::set<Limitation> limitations() const override;
  [[nodiscard]] std::optional<DeviceAddress> address(Slot) const override { return std::nullopt; }
  void listen(std::function<void()> changed) override { changed_ = std::move(changed); }

  // What bluetoothd is told of an advert.
  struct Content {
    std::map<std::string, Bytes> service_data{};  // by 16-bit UUID: "feaa"
    std::vector<std::string> service_uuids{};
    bool discoverable = false;  // flags 0x06
    bool connectable = true;
    std::uint32_t interval_ms = 0;

    bool operator==(const Content&) const = default;
  };
  // unsupported: what bluetoothd cannot express.
  static Result<Content> content_of(const Advert& advert);

 private:
  struct Job {
    std::optional<Change> change{};  // none: put everything back
    Done done{};
  };
  struct Step {
    Slot slot{};
    bool registers = false;
  };

  void begin();
  Result<void> admit(const Change& change) const;
  void plan(const Change& change);
  void plan_restore();
  bool update(Slot slot, const Content& content);
  void run_step();
  void step_done(const Step& step, const std::optional<sdbus::Error>& error);

  void appeared(const std::string& path, const std::string& interface, const BluezObjects::Properties& properties);
  void changed(const std::string& path, const std::string& interface, const BluezObjects::Properties& properties);
  void removed(const std::string& path, const std::string& interface);
  void power(std::optional<bool> on);
  void restore();
  void tell();
  [[nodiscard]] bool is_ours(const std::string& path) const;
  [[nodiscard]] std::string path(Slot slot) const;
  void expose(Slot slot, const Content& content);

  boost::asio::io_context& loop_;
  sdbus::IConnection& bus_;
  dbus::AsioBus& pump_;
  BluezObjects& bluez_;
  std::string root_;
  std::string wanted_controller_;  // name; empty: any

  std::string adapter_;  // object path; empty: none
  Controller controller_;
  bool chooses_interval_ = false;

  std::map<Slot, Content> wanted_;
  std::map<Slot, Content> registered_;
  std::map<Slot, std::unique_ptr<sdbus::IObject>> objects_;
  JobQueue<Job> jobs_;
  std::deque<Step> steps_;
  std::function<void()> changed_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez
