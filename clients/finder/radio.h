// The machine's Bluetooth, as an operation over the air uses it.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include "bluez/central/central.h"

namespace signet::finder {

using OpenCentral = std::function<Result<std::unique_ptr<bluez::Central>>(const std::string& adapter)>;

struct Radio {
  OpenCentral open;                                  // called once an operation has what else it needs
  std::string adapter;                               // "hci0"; empty: the first that is on
  std::chrono::milliseconds limit;                   // what each step may take
  std::function<void(const std::string&)> progress;  // what is being done, one line for people who wait

  [[nodiscard]] Result<std::unique_ptr<bluez::Central>> central() const { return open(adapter); }
};

}  // namespace signet::finder
