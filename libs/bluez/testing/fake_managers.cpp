#include "bluez/testing/fake_managers.h"

#include <sys/socket.h>

#include <stdexcept>
#include <utility>

namespace signet::bluez::testing {
namespace {

using Options = std::map<std::string, sdbus::Variant>;

constexpr const char* kProfile = "org.bluez.Profile1";
constexpr const char* kAgent = "org.bluez.Agent1";

sdbus::Error failure(const char* name, const char* message) {
  return sdbus::Error{sdbus::Error::Name{std::string{"org.bluez.Error."} + name}, message};
}

auto end_with(FakeManagers::Ended ended) {
  return [ended = std::move(ended)](std::optional<sdbus::Error> error) {
    if (ended) ended(error ? std::optional<std::string>{error->getName()} : std::nullopt);
  };
}

}  // namespace

FakeManagers::FakeManagers(sdbus::IConnection& bus, dbus::AsioBus& pump) : bus_{bus}, pump_{pump} {
  object_ = sdbus::createObject(bus_, sdbus::ObjectPath{"/org/bluez"});
  const auto sender = [this] { return std::string{object_->getCurrentlyProcessedMessage().getSender()}; };
  object_
      ->addVTable(
          sdbus::registerMethod("RegisterProfile")
              .implementedAs([this, sender](const sdbus::ObjectPath& path, const std::string& uuid,
                                            const Options& options) { add_profile(sender(), path, uuid, options); }),
          sdbus::registerMethod("UnregisterProfile").implementedAs([this](const sdbus::ObjectPath& path) {
            if (std::erase_if(profiles_, [&path](const auto& entry) { return entry.second.path == path; }) == 0)
              throw failure("DoesNotExist", "Does Not Exist");
          }))
      .forInterface("org.bluez.ProfileManager1");
  object_
      ->addVTable(sdbus::registerMethod("RegisterAgent")
                      .implementedAs([this, sender](const sdbus::ObjectPath& path, const std::string& capability) {
                        if (agent_) throw failure("AlreadyExists", "Already Exists");
                        agent_ = {.owner = sender(), .path = path, .capability = capability};
                      }),
                  sdbus::registerMethod("RequestDefaultAgent").implementedAs([this](const sdbus::ObjectPath& path) {
                    if (!agent_ || agent_->path != path) throw failure("DoesNotExist", "Does Not Exist");
                    agent_->is_default = true;
                  }),
                  sdbus::registerMethod("UnregisterAgent").implementedAs([this](const sdbus::ObjectPath& path) {
                    if (!agent_ || agent_->path != path) throw failure("DoesNotExist", "Does Not Exist");
                    agent_.reset();
                  }))
      .forInterface("org.bluez.AgentManager1");
  object_->emitInterfacesAddedSignal();
  pump_.poke();
}

FakeManagers::~FakeManagers() {
  object_->emitInterfacesRemovedSignal();
  pump_.poke();
}

void FakeManagers::add_profile(const std::string& owner, const sdbus::ObjectPath& path, const std::string& uuid,
                               const Options& options) {
  if (std::exchange(refusals_, refusals_ > 0 ? refusals_ - 1 : 0) > 0)
    throw failure("NotPermitted", "UUID already registered");
  if (profiles_.contains(uuid)) throw failure("NotPermitted", "UUID already registered");
  profiles_[uuid] = {.owner = owner, .path = path, .options = options};
}

sdbus::IProxy& FakeManagers::proxy(const std::string& owner, const std::string& path) {
  auto& known = proxies_[owner + path];
  if (!known) known = sdbus::createProxy(bus_, sdbus::ServiceName{owner}, sdbus::ObjectPath{path});
  return *known;
}

UniqueFd FakeManagers::connect(const std::string& uuid, const std::string& device, Ended ended) {
  int ends[2] = {};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) throw std::runtime_error{"socketpair"};
  UniqueFd own{ends[0]};
  connect_with(uuid, device, UniqueFd{ends[1]}, std::move(ended));
  return own;
}

void FakeManagers::connect_with(const std::string& uuid, const std::string& device, UniqueFd end, Ended ended) {
  const auto& profile = profiles_.at(uuid);
  proxy(profile.owner, profile.path)
      .callMethodAsync("NewConnection")
      .onInterface(kProfile)
      .withArguments(sdbus::ObjectPath{device}, sdbus::UnixFd{end.release(), sdbus::adopt_fd}, Options{})
      .uponReplyInvoke(end_with(std::move(ended)));
  pump_.poke();
}

void FakeManagers::request_disconnection(const std::string& uuid, const std::string& device) {
  const auto& profile = profiles_.at(uuid);
  proxy(profile.owner, profile.path)
      .callMethodAsync("RequestDisconnection")
      .onInterface(kProfile)
      .withArguments(sdbus::ObjectPath{device})
      .uponReplyInvoke(end_with({}));
  pump_.poke();
}

void FakeManagers::ask_to_confirm(const std::string& device, std::uint32_t passkey, Ended ended) {
  proxy(agent_->owner, agent_->path)
      .callMethodAsync("RequestConfirmation")
      .onInterface(kAgent)
      .withArguments(sdbus::ObjectPath{device}, passkey)
      .uponReplyInvoke(end_with(std::move(ended)));
  pump_.poke();
}

void FakeManagers::ask_agent(const std::string& method, const std::string& device, Ended ended) {
  proxy(agent_->owner, agent_->path)
      .callMethodAsync(method)
      .onInterface(kAgent)
      .withArguments(sdbus::ObjectPath{device})
      .uponReplyInvoke(end_with(std::move(ended)));
  pump_.poke();
}

void FakeManagers::cancel_pairing() {
  proxy(agent_->owner, agent_->path).callMethodAsync("Cancel").onInterface(kAgent).uponReplyInvoke(end_with({}));
  pump_.poke();
}

}  // namespace signet::bluez::testing
