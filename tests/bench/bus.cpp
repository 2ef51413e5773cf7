#include "bus.h"

#include <cstring>
#include <stdexcept>

namespace signet::bench {
namespace {

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
