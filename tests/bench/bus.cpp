#include "bus.h"

#include <unistd.h>

#include <array>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <stdexcept>

namespace signet::bench {
namespace {

constexpr const char* kConfiguration =
    R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>unix:dir=%s</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_type="*"/><allow receive_type="*"/>
  </policy>
</busconfig>
)";

std::string configuration(const std::string& directory) {
  std::string text = kConfiguration;
  return text.replace(text.find("%s"), 2, directory);
}

// The name of a NameOwnerChanged signal whose new owner is not empty; empty for any other message.
std::string appeared(sd_bus_message* message) {
  if (sd_bus_message_is_signal(message, "org.freedesktop.DBus", "NameOwnerChanged") <= 0) return {};
  const char* name = nullptr;
  const char* before = nullptr;
  const char* after = nullptr;
  if (sd_bus_message_read(message, "sss", &name, &before, &after) < 0 || *after == '\0') return {};
  return name;
}

}  // namespace

PrivateBus::PrivateBus(const std::string& directory) {
  std::ofstream{directory + "/bus.conf"} << configuration(directory);
  std::array<int, 2> ends{};
  if (::pipe(ends.data()) != 0) throw std::runtime_error{"no pipe"};
  daemon_ =
      std::make_unique<Process>(std::vector<std::string>{"dbus-daemon", "--config-file=" + directory + "/bus.conf",
                                                         "--nofork", "--print-address=1"},
                                directory + "/dbus-daemon.log", ends[1]);
  ::close(ends[1]);
  std::array<char, 512> address{};
  ssize_t n = ::read(ends[0], address.data(), address.size() - 1);
  ::close(ends[0]);
  if (n <= 1) throw std::runtime_error{"dbus-daemon does not start; see " + directory + "/dbus-daemon.log"};
  address[static_cast<std::size_t>(n) - 1] = '\0';  // the newline
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address.data(), 1);
}

void BusClient::check(int result, const char* what) {
  if (result < 0) throw std::runtime_error{std::string{what} + ": " + std::strerror(-result)};
}

BusClient::BusClient() : bus_{nullptr, sd_bus_unref} {
  sd_bus* bus = nullptr;
  check(sd_bus_open_system(&bus), "connecting to the private bus");
  bus_.reset(bus);
}

Message BusClient::make(const Destination& to, const char* method) {
  sd_bus_message* message = nullptr;
  check(sd_bus_message_new_method_call(bus_.get(), &message, to.name, to.path, to.interface, method), method);
  return {message, sd_bus_message_unref};
}

Message BusClient::call(sd_bus_message* message) {
  sd_bus_error error = SD_BUS_ERROR_NULL;
  sd_bus_message* reply = nullptr;
  if (sd_bus_call(bus_.get(), message, 0, &error, &reply) < 0) {
    std::string text = std::string{error.name} + ": " + error.message;
    sd_bus_error_free(&error);
    throw std::runtime_error{text};
  }
  return {reply, sd_bus_message_unref};
}

std::chrono::duration<double> BusClient::start(std::unique_ptr<Process>& process,
                                               const std::vector<std::string>& command, const std::string& log,
                                               const std::string& name) {
  std::string rule = "type='signal',sender='org.freedesktop.DBus',member='NameOwnerChanged',arg0='" + name + "'";
  check(sd_bus_add_match(bus_.get(), nullptr, rule.c_str(), nullptr, nullptr), "add_match");
  while (sd_bus_process(bus_.get(), nullptr) > 0) {
  }
  auto begin = std::chrono::steady_clock::now();
  process = std::make_unique<Process>(command, log);
  for (;;) {
    sd_bus_message* raw = nullptr;
    check(sd_bus_process(bus_.get(), &raw), "waiting for a name");
    Message message{raw, sd_bus_message_unref};
    if (message && appeared(message.get()) == name) return std::chrono::steady_clock::now() - begin;
    if (!message && process->ended()) throw std::runtime_error{command[0] + " ended early; see " + log};
    if (!message) sd_bus_wait(bus_.get(), 20'000);
  }
}

}  // namespace signet::bench
