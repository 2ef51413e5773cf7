// The kernel's end of a management socket, with one controller behind it: takes commands as Linux does, gives and keeps
// addresses as Linux was seen to do, and remembers everything that was on the air.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <chrono>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/clock.h"
#include "base/unique_fd.h"
#include "bluez/management.h"

namespace signet::bluez::testing {

struct FakeController {
  std::uint16_t index = 0;
  DeviceAddress address{0x00, 0xaa, 0x01, 0x00, 0x00, 0x00};
  std::uint32_t settings = management::kPowered | management::kLowEnergy | management::kPrivacy;
  std::uint32_t supported = management::kPowered | management::kLowEnergy | management::kPrivacy;
  bool extended = true;
  bool extended_commands = true;  // false: a kernel before 5.11
  std::uint8_t sets = 3;
  std::chrono::seconds rpa_timeout{900};
};

// What a scanner sees of one instance.
struct OnAir {
  DeviceAddress address{};
  Bytes data;
  std::uint32_t flags = 0;
  std::uint32_t interval = 0;

  bool operator==(const OnAir&) const = default;
};

class FakeKernel {
 public:
  FakeKernel(boost::asio::io_context& loop, const Clock& clock, FakeController controller);
  ~FakeKernel();

  UniqueFd take_client_end() { return std::move(client_); }

  [[nodiscard]] const std::map<std::uint8_t, OnAir>& on_air() const { return on_air_; }
  // Every change of on_air() from the beginning; nothing: silent.
  [[nodiscard]] const std::vector<std::pair<std::uint8_t, std::optional<OnAir>>>& history() const { return history_; }
  void forget_history() { history_.clear(); }
  [[nodiscard]] const std::vector<management::Opcode>& commands() const { return commands_; }

  void set_power(bool on);
  void unplug();
  void plug_in();
  void remove_all();                        // what bluetoothd does when it starts
  void add_foreign(std::uint8_t instance);  // what bluetoothd does for its clients
  void connect();  // a central connects: extended sets are off the air until they are enabled again
  void send_raw(const Bytes& frame);
  void answer_next(management::Status status, int times = 1);  // instead of doing what is asked
  void ignore_next() { ++ignored_; }                           // no answer at all

 private:
  struct Instance {
    std::uint32_t flags = 0;
    std::uint32_t interval = 0;
    Bytes data;
    DeviceAddress address{};
    std::chrono::steady_clock::time_point since{};
  };

  void wait();
  void handle(BytesView frame);
  void complete(std::uint16_t opcode, management::Status status, BytesView parameters = {});
  void event(std::uint16_t code, BytesView parameters);
  Bytes information() const;
  Bytes features() const;
  management::Status add_parameters(BytesView body);
  management::Status add_data(std::uint8_t number, BytesView data);
  management::Status add_old(BytesView body);
  management::Status remove(std::uint8_t number, bool tell);
  Instance& instance(std::uint8_t number);
  void show(std::uint8_t number, const Instance& instance, const DeviceAddress& address);
  void silence(std::uint8_t number);
  void silence_all();
  DeviceAddress shared_address();
  DeviceAddress fresh_address();

  boost::asio::io_context& loop_;
  const Clock& clock_;
  FakeController controller_;
  bool present_ = true;
  UniqueFd client_;
  boost::asio::posix::stream_descriptor socket_;
  std::map<std::uint8_t, Instance> instances_;
  std::map<std::uint8_t, OnAir> on_air_;
  std::vector<std::pair<std::uint8_t, std::optional<OnAir>>> history_;
  std::vector<management::Opcode> commands_;
  std::deque<management::Status> answers_;
  int ignored_ = 0;
  std::optional<DeviceAddress> shared_;
  std::chrono::steady_clock::time_point shared_since_{};
  std::uint8_t made_ = 0;  // addresses
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace signet::bluez::testing
