// Who is connected, numbered: one GATT client at a time, since bluetoothd shows a notification to all of them.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "bluez/connections.h"
#include "bluez/gatt.h"
#include "bluez/single_client.h"

namespace signet::fmdnd {

using ClientId = std::uint64_t;  // of one connection; never used twice

class Clients {
 public:
  using Time = bluez::SingleClient::Time;
  // Whether a connection takes the place that there is before it asks for anything, or is refused as one that asks.
  using Counts = std::function<bool(const std::string& device)>;

  Clients(bluez::Connections& connections, Counts counts, std::function<Time()> now = &std::chrono::steady_clock::now);

  // Nothing: there is another, and the newcomer is being disconnected.
  std::optional<ClientId> admit(const bluez::Request& request);
  void authenticated(ClientId client);  // it stays until it goes
  void busy(ClientId client, bool is);  // it stays until that is over
  [[nodiscard]] std::optional<ClientId> present() const;
  [[nodiscard]] const std::string* device(ClientId client) const;
  void disconnect(ClientId client);
  void distrust();  // whoever is present has proved nothing
  void dismiss();   // and goes, so that there is room

  // `gone` hears of every client that had been admitted, with the name of its device.
  void listen(std::function<void(ClientId, const std::string& device)> gone) { listeners_.push_back(std::move(gone)); }

 private:
  bool arrives(const std::string& device);
  void gone(const std::string& device);

  bluez::Connections& connections_;
  Counts counts_;
  std::function<Time()> now_;
  bluez::SingleClient single_;
  std::map<std::string, ClientId> ids_;
  ClientId last_ = 0;
  std::vector<std::function<void(ClientId, const std::string&)>> listeners_;
};

}  // namespace signet::fmdnd
