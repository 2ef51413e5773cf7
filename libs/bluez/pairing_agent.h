// Pairing behind bluetoothd: org.bluez.Agent1, registered with AgentManager1, and Adapter1.Pairable. A connection keeps
// what the agent could do when it began, so the agent is there all the time; but nobody can bond while nobody is
// expected: the adapter is not pairable then.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>

#include "bluez/bluez_objects.h"
#include "bluez/pairing.h"

namespace signet::bluez {

// Again after every start of bluetoothd. Only numeric comparison is a way to pair: whatever else bluetoothd asks is
// refused. Only bluetoothd itself may call the object.
class PairingAgent final : public Pairing {
 public:
  struct Options {
    std::string adapter;   // "hci0"; empty: all of them
    bool compares = true;  // false: there is no agent, as nobody will ever be expected
  };

  // `path`: of the object, this connection's own.
  PairingAgent(sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez, std::string path, Options options);
  ~PairingAgent() override;

  void listen(Listener listener) override;
  void expect(bool anybody) override;
  void confirm(const std::string& device) override;
  void reject(const std::string& device) override;
  void begin(const DeviceAddress& address) override;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace signet::bluez
