// What bluetoothd has at /org/bluez: the profiles and the agents that others have registered, and the peers that they
// meet there.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include "base/unique_fd.h"
#include "ipc/dbus/asio_bus.h"

namespace signet::bluez::testing {

struct FakeProfile {
  std::string owner;  // unique name
  std::string path;
  std::map<std::string, sdbus::Variant> options;
};

struct FakeAgent {
  std::string owner;
  std::string path;
  std::string capability;
  bool is_default = false;
};

class FakeManagers {
 public:
  FakeManagers(sdbus::IConnection& bus, dbus::AsioBus& pump);
  ~FakeManagers();

  [[nodiscard]] const std::map<std::string, FakeProfile>& profiles() const { return profiles_; }  // by their UUID
  [[nodiscard]] const std::optional<FakeAgent>& agent() const { return agent_; }
  void refuse_profiles(int times) { refusals_ = times; }

  // How a call ended: the name of the error, or nothing.
  using Ended = std::function<void(const std::optional<std::string>& error)>;

  // A device connects to a profile. Returns its end of the stream; `ended`: whether the profile has taken the other.
  UniqueFd connect(const std::string& uuid, const std::string& device, Ended ended);
  void connect_with(const std::string& uuid, const std::string& device, UniqueFd end, Ended ended);
  void request_disconnection(const std::string& uuid, const std::string& device);

  // A pairing has come to the numeric comparison, or to nothing.
  void ask_to_confirm(const std::string& device, std::uint32_t passkey, Ended ended);
  // Any other method of the agent, with the device as its only argument.
  void ask_agent(const std::string& method, const std::string& device, Ended ended);
  void cancel_pairing();

 private:
  void add_profile(const std::string& owner, const sdbus::ObjectPath& path, const std::string& uuid,
                   const std::map<std::string, sdbus::Variant>& options);
  sdbus::IProxy& proxy(const std::string& owner, const std::string& path);

  sdbus::IConnection& bus_;
  dbus::AsioBus& pump_;
  std::unique_ptr<sdbus::IObject> object_;
  std::map<std::string, FakeProfile> profiles_;
  std::optional<FakeAgent> agent_;
  std::map<std::string, std::unique_ptr<sdbus::IProxy>> proxies_;  // by owner and path
  int refusals_ = 0;
};

}  // namespace signet::bluez::testing
