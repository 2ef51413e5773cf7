// Connections as bluetoothd tells them: Device1.Connected, and what vanishes without a word of its own.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <string>
#include <vector>

#include "bluez/bluez_objects.h"
#include "bluez/connections.h"

namespace signet::bluez {

class BusConnections final : public Connections {
 public:
  explicit BusConnections(BluezObjects& bluez);

  void listen(Listener listener) override { listeners_.push_back(std::move(listener)); }
  void seen(const std::string& device) override;
  void disconnect(const std::string& device) override;
  [[nodiscard]] const std::set<std::string>& present() const override { return present_; }
  [[nodiscard]] bool bonded(const std::string& device) const override { return bonded_.contains(device); }

 private:
  void hear(const std::string& device, const BluezObjects::Properties& properties);
  void ended(const std::string& device);
  void end_below(const std::string& path);

  BluezObjects& bluez_;
  std::vector<Listener> listeners_;
  std::set<std::string> present_;
  std::set<std::string> bonded_;  // connected or not
};

}  // namespace signet::bluez
