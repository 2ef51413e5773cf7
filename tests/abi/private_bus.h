// A dbus-daemon of the test's own, as system bus: DBUS_SYSTEM_BUS_ADDRESS points to it for as long as it lives.
#pragma once

#include <filesystem>
#include <string>

namespace signet::testing {

class PrivateBus {
 public:
  PrivateBus();  // throws when dbus-daemon cannot be started
  PrivateBus(const PrivateBus&) = delete;
  PrivateBus& operator=(const PrivateBus&) = delete;
  ~PrivateBus();

  [[nodiscard]] const std::string& address() const { return address_; }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }  // for the test's files
  void stop();  // as when the machine loses its bus

 private:
  std::filesystem::path directory_;
  std::string address_;
  int pid_ = -1;
};

}  // namespace signet::testing
