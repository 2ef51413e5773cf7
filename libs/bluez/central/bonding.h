// Bonding that begins here, by numeric comparison: org.bluez.Device1.Pair, with an agent of its own for that long.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "bluez/central/objects_mirror.h"

namespace signet::bluez {

// One attempt; given up when this is destroyed. Link's begin_bonding() and finish_bonding() have the errors.
class Bonding {
 public:
  // `device`: path. `bus` must outlive it.
  Bonding(ObjectsMirror& bus, std::string device) : bus_{bus}, device_{std::move(device)} {}
  Bonding(const Bonding&) = delete;
  Bonding& operator=(const Bonding&) = delete;
  ~Bonding();

  Result<std::uint32_t> begin(std::chrono::milliseconds limit);
  Result<void> finish(bool same, std::chrono::milliseconds limit);

 private:
  void register_agent();
  void pair();
  [[nodiscard]] Result<void> outcome() const;

  ObjectsMirror& bus_;
  std::string device_;
  std::unique_ptr<sdbus::IObject> agent_;
  std::unique_ptr<sdbus::IProxy> proxy_;
  std::optional<sdbus::Result<>> asked_;  // bluetoothd waits for whether the digits are the same
  std::uint32_t passkey_ = 0;
  bool ended_ = false;
  std::optional<sdbus::Error> error_;
};

}  // namespace signet::bluez
