#include "fake_rpmbd.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <stdexcept>
#include <string_view>

namespace signet::testing {
namespace {

constexpr const char* kObject = "/org/signet/Rpmb1";
constexpr const char* kInterface = "org.signet.Rpmb1";

void must(int result, const char* what) {
  if (result < 0) throw std::runtime_error{what};
}

int refuse(sd_bus_message* call, const char* name, const char* text) {
  return sd_bus_reply_method_errorf(call, name, "%s", text);
}

}  // namespace

FakeRpmbd::FakeRpmbd(Character character) : character_{character} {
  states_.reserve(16);  // set_state() hands out pointers into it
  must(sd_bus_open_system(&bus_), "open");
  must(sd_bus_add_filter(
           bus_, nullptr,
           [](sd_bus_message* m, void* self, sd_bus_error*) { return static_cast<FakeRpmbd*>(self)->handle(m); }, this),
       "filter");
  must(sd_bus_request_name(bus_, kInterface, 0), "name");
  wake_ = ::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
  thread_ = std::thread{[this] { serve(); }};
}

FakeRpmbd::~FakeRpmbd() {
  stop_ = true;
  ::eventfd_write(wake_, 1);
  thread_.join();
  sd_bus_flush_close_unref(bus_);
  ::close(wake_);
}

void FakeRpmbd::set_state(const std::string& state) {
  states_.push_back(state);
  state_ = states_.back().c_str();
  state_changed_ = true;
  ::eventfd_write(wake_, 1);
}

void FakeRpmbd::serve() {
  while (!stop_) {
    if (state_changed_.exchange(false)) {
      sd_bus_emit_signal(bus_, kObject, "org.freedesktop.DBus.Properties", "PropertiesChanged", "sa{sv}as", kInterface,
                         0, 1, "State");
    }
    const int processed = sd_bus_process(bus_, nullptr);
    if (processed < 0) return;  // left the bus
    if (processed > 0) continue;
    pollfd wait[] = {{sd_bus_get_fd(bus_), static_cast<short>(sd_bus_get_events(bus_)), 0}, {wake_, POLLIN, 0}};
    ::poll(wait, 2, -1);
    eventfd_t ignored = 0;
    ::eventfd_read(wake_, &ignored);
  }
}

int FakeRpmbd::handle(sd_bus_message* call) {
  if (sd_bus_message_is_method_call(call, nullptr, nullptr) <= 0) return 0;
  const std::string_view interface { sd_bus_message_get_interface(call) };
  if (interface == "org.freedesktop.DBus.Properties") return answer_properties(call);
  if (!interface.starts_with(kInterface)) return 0;
  ++calls_;
  if (!character_.knows_me) return refuse(call, "org.signet.Error.AccessDenied", "no policy entry; add one");
  if (interface == "org.signet.Rpmb1.Store") return answer_store(call);
  return 0;
}

int FakeRpmbd::answer_properties(sd_bus_message* call) {
  if (sd_bus_message_is_method_call(call, nullptr, "Get")) {
    return sd_bus_reply_method_return(call, "v", "u", character_.generation);
  }
  if (!character_.knows_me) return refuse(call, "org.signet.Error.AccessDenied", "no policy entry; add one");
  return sd_bus_reply_method_return(call, "a{sv}", 4, "InterfaceVersion", "u", character_.generation, "State", "s",
                                    state_.load(), "Version", "s", "fake", "Chip", "a{sv}", 2, "cid", "s", "00ff",
                                    "emulated", "b", 1);
}

int FakeRpmbd::answer_store(sd_bus_message* call) {
  if (sd_bus_message_is_method_call(call, nullptr, "List")) return list(call);
  const char* name = nullptr;
  must(sd_bus_message_read(call, "s", &name), "name");
  const std::string_view wanted{name};
  if (wanted == "silent") return 1;
  if (wanted == "gone") {
    sd_bus_close(bus_);
    return 1;
  }
  if (sd_bus_message_is_method_call(call, nullptr, "Put")) return put(call);
  const auto found = objects_.find(name);
  if (found == objects_.end()) return refuse(call, "org.signet.Error.NotFound", "no such object in namespace test");
  sd_bus_message* reply = nullptr;
  sd_bus_message_new_method_return(call, &reply);
  sd_bus_message_append_array(reply, 'y', found->second.data(), found->second.size());
  sd_bus_send(nullptr, reply, nullptr);
  sd_bus_message_unref(reply);
  return 1;
}

int FakeRpmbd::put(sd_bus_message* call) {
  sd_bus_message_rewind(call, 1);
  const char* name = nullptr;
  const void* data = nullptr;
  std::size_t size = 0;
  must(sd_bus_message_read(call, "s", &name), "name");
  must(sd_bus_message_read_array(call, 'y', &data, &size), "value");
  const auto* octets = static_cast<const std::uint8_t*>(data);
  objects_[name].assign(octets, octets + size);
  return sd_bus_reply_method_return(call, "");
}

int FakeRpmbd::list(sd_bus_message* call) {
  sd_bus_message* reply = nullptr;
  sd_bus_message_new_method_return(call, &reply);
  sd_bus_message_open_container(reply, 'a', "(su)");
  for (const auto& [name, value] : objects_) {
    sd_bus_message_append(reply, "(su)", name.c_str(), static_cast<unsigned>(value.size()));
  }
  sd_bus_message_close_container(reply);
  sd_bus_send(nullptr, reply, nullptr);
  sd_bus_message_unref(reply);
  return 1;
}

}  // namespace signet::testing
