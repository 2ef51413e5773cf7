// The device that the script visits: a GATT application and an advert at hci0, by way of the shipped code, on a thread
// of its own.
#pragma once

#include <atomic>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/bytes.h"
#include "bluez/gatt.h"

namespace signet::bluez {

inline constexpr const char* kService = "5159e700-0f2c-4c5f-9a3d-3f1f6a0c1b00";
// Reads give 01 and the number of the read. A write that begins with 00 is notified; with another octet, that octet is
// the ATT error that answers it.
inline constexpr const char* kEcho = "5159e701-0f2c-4c5f-9a3d-3f1f6a0c1b00";
inline constexpr const char* kOnlyRead = "5159e702-0f2c-4c5f-9a3d-3f1f6a0c1b00";
inline constexpr const char* kOnlyWrite = "5159e704-0f2c-4c5f-9a3d-3f1f6a0c1b00";
inline constexpr const char* kOnlyNotify = "5159e703-0f2c-4c5f-9a3d-3f1f6a0c1b00";

class Peripheral {
 public:
  // Returns when it is registered and on the air with this service data of 0xFEAA.
  explicit Peripheral(const Bytes& service_data);
  ~Peripheral();

  void advertise(const Bytes& service_data);

  // "write hci0/dev_00_AA_01_01_00_01 LE 517", "read ...", "subscribed", "unsubscribed": what bluetoothd has called
  // since the last time.
  std::vector<std::string> take_calls();
  std::vector<std::string> wait_for_calls(std::size_t count);
  [[nodiscard]] std::size_t written() const { return written_; }  // octets of the last write

 private:
  class Edge;
  void run(const Bytes& service_data);
  void ready(std::string error);
  void note(std::string call);
  std::vector<Service> services();

  boost::asio::io_context loop_{1};
  std::unique_ptr<Edge> edge_;  // of the thread
  std::promise<std::string> ready_;
  bool told_ready_ = false;
  mutable std::mutex mutex_;
  std::vector<std::string> calls_;
  std::atomic<std::size_t> written_ = 0;
  std::uint8_t reads_ = 0;
  std::thread thread_;
};

}  // namespace signet::bluez
