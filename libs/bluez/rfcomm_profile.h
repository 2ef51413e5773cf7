// A service of its own over RFCOMM, behind bluetoothd: org.bluez.Profile1, registered with ProfileManager1. bluetoothd
// shows it to others and accepts connections; here they are checked and carried.
#pragma once

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <string>

#include "bluez/bluez_objects.h"
#include "bluez/streams.h"

namespace signet::bluez {

inline constexpr std::size_t kMostStreams = 4;  // a device has one: the newer takes the place of the older

// Registered again after every start of bluetoothd, and again and again where it is refused. Only bonded devices get a
// stream: a link can be encrypted without a bond, with anybody. Everything happens on the loop's thread; only
// bluetoothd itself may call the object.
class RfcommProfile final : public Streams {
 public:
  struct Service {
    std::string uuid;  // "df21fe2c-2515-4fdb-8886-f12c4d67927c"
    std::string name;  // in the service record
  };

  // `path`: of the object, this connection's own.
  RfcommProfile(boost::asio::io_context& loop, sdbus::IConnection& bus, dbus::AsioBus& pump, BluezObjects& bluez,
                std::string path, Service service, StreamListener listener);
  ~RfcommProfile() override;  // closes all streams, without a word

  void send(StreamId stream, BytesView octets) override;
  void close(StreamId stream) override;

  [[nodiscard]] bool registered() const;

 private:
  class Impl;
  std::shared_ptr<Impl> impl_;
};

}  // namespace signet::bluez
