#include "fake_rpmbd.h"

#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cstring>
#include <ctime>
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
  confirmed_ = character_.confirmed;
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
  if (interface == "org.signet.Rpmb1.Identity") return answer_identity(call);
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

// ---- Identity -------------------------------------------------------------------------------------------------------

int FakeRpmbd::answer_identity(sd_bus_message* call) {
  const std::string_view method{sd_bus_message_get_member(call)};
  if (method == silent_at_.load()) {
    if (silent_does_it_ && method == "Complete") confirmed_ = true;
    return 1;
  }
  if (method == refuse_at_.load()) return refuse(call, refusal_, "refused by the fake");
  if (method == "Begin") return begin(call);
  if (method == "Prove") return prove(call);
  if (method == "Complete") return complete(call);
  if (method == "Info") return info(call);
  if (method == "GetTicket") return ticket(call);
  if (method != "Cancel") return 0;
  pending_.clear();
  return sd_bus_reply_method_return(call, "");
}

int FakeRpmbd::begin(sd_bus_message* call) {
  const char *model = nullptr, *sn = nullptr, *app = nullptr, *sn_ticket = nullptr;
  must(sd_bus_message_read(call, "ssss", &model, &sn, &app, &sn_ticket), "arguments of Begin");
  if (confirmed_ && registered_ != sn) {
    return refuse(call, "org.signet.Error.IdentityMismatch", "registered under other ids");
  }
  if (!pending_.empty() && pending_ != sn) {
    return refuse(call, "org.signet.Error.RegistrationPending", "another one is under way");
  }
  pending_ = sn;
  return sd_bus_reply_method_return(call, "sa{sv}", "request", 2, "url", "s", character_.registrar.c_str(), "tls_ca",
                                    "s", character_.registrar_ca.c_str());
}

int FakeRpmbd::prove(sd_bus_message* call) {
  const char* challenge = nullptr;
  must(sd_bus_message_read(call, "s", &challenge), "challenge");
  if (std::strcmp(challenge, "challenge") != 0) {
    return refuse(call, "org.signet.Error.RegistrarUntrusted", "not a challenge of the registrar");
  }
  return sd_bus_reply_method_return(call, "s", "proof");
}

int FakeRpmbd::complete(sd_bus_message* call) {
  const char* certificate = nullptr;
  must(sd_bus_message_enter_container(call, 'a', "s"), "chain");
  must(sd_bus_message_read_basic(call, 's', &certificate), "certificate");
  if (std::strcmp(certificate, "Y2VydGlmaWNhdGU=") != 0) {
    return refuse(call, "org.signet.Error.CertificateInvalid", "not a certificate of the registrar");
  }
  registered_ = pending_;
  pending_.clear();
  confirmed_ = true;
  return sd_bus_reply_method_return(call, "");
}

int FakeRpmbd::info(sd_bus_message* call) {
  sd_bus_message* reply = nullptr;
  sd_bus_message_new_method_return(call, &reply);
  sd_bus_message_open_container(reply, 'a', "{sv}");
  sd_bus_message_append(reply, "{sv}", "state", "s", confirmed_ ? "confirmed" : pending_.empty() ? "none" : "reserved");
  if (confirmed_) {
    sd_bus_message_append(reply, "{sv}", "generation", "u", 1u);
    sd_bus_message_append(reply, "{sv}", "not_after", "x", std::int64_t{4000000000});
    sd_bus_message_append(reply, "{sv}", "certificate", "ay", 11, 'c', 'e', 'r', 't', 'i', 'f', 'i', 'c', 'a', 't',
                          'e');
  }
  sd_bus_message_close_container(reply);
  sd_bus_send(nullptr, reply, nullptr);
  sd_bus_message_unref(reply);
  return 1;
}

int FakeRpmbd::ticket(sd_bus_message* call) {
  const char *audience = nullptr, *nonce = nullptr;
  must(sd_bus_message_read(call, "ss", &audience, &nonce), "arguments of GetTicket");
  std::uint32_t lifetime = 3600;
  must(sd_bus_message_enter_container(call, 'a', "{sv}"), "options");
  while (sd_bus_message_enter_container(call, 'e', "sv") > 0) {
    const char* name = nullptr;
    must(sd_bus_message_read_basic(call, 's', &name), "name");
    if (std::strcmp(name, "lifetime") == 0) {
      must(sd_bus_message_read(call, "v", "u", &lifetime), "lifetime");
    } else {
      must(sd_bus_message_skip(call, "v"), "value");
    }
    must(sd_bus_message_exit_container(call), "entry");
  }
  const int number = ++tickets_;
  if (!confirmed_) return refuse(call, "org.signet.Error.NotRegistered", "register first");
  return sd_bus_reply_method_return(call, "sx", ("ticket " + std::to_string(number)).c_str(),
                                    static_cast<std::int64_t>(std::time(nullptr) + lifetime));
}

}  // namespace signet::testing
