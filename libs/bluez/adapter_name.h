// The name that an adapter tells anybody who connects and reads it (Generic Access, Device Name), paired or not.
#pragma once

#include <string>

#include "bluez/bluez_objects.h"

namespace signet::bluez {

// Has bluetoothd call the adapter so (Alias) whenever it shows one: its own choice is the name of the host. It keeps
// the alias beyond our end. Keeps a reference to `bluez`.
class AdapterName {
 public:
  // `adapter`: "hci0"; empty: every one.
  AdapterName(BluezObjects& bluez, std::string adapter, std::string name);

 private:
  void found(const std::string& path, const BluezObjects::Properties& properties);

  BluezObjects& bluez_;
  std::string path_;
  std::string name_;
};

}  // namespace signet::bluez
