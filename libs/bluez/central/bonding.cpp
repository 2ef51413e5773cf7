#include "bluez/central/bonding.h"

#include <utility>

#include "bluez/central/bus_error.h"

namespace signet::bluez {
namespace {

using std::chrono::milliseconds;
using Path = sdbus::ObjectPath;

constexpr const char* kAgent = "/org/signet/seeker";
constexpr const char* kManager = "org.bluez.AgentManager1";
constexpr const char* kDevice = "org.bluez.Device1";
constexpr auto kCall = std::chrono::seconds{10};
constexpr auto kPair = std::chrono::minutes{2};  // bluetoothd has limits of its own

sdbus::Error rejected() { return sdbus::Error{sdbus::Error::Name{"org.bluez.Error.Rejected"}, "rejected"}; }

}  // namespace

// The handler of a destructor's own try block would throw again.
Bonding::~Bonding() {
  try {
    if (asked_) asked_->returnError(rejected());
    if (proxy_ && !ended_) bus_.call(device_, kDevice, "CancelPairing", kCall);
    if (agent_) bus_.call("/org/bluez", kManager, "UnregisterAgent", kCall, Path{kAgent});
  } catch (const sdbus::Error&) {  // bluetoothd has gone, or the pairing has ended by itself
  }
}

Result<std::uint32_t> Bonding::begin(milliseconds limit) try {
  register_agent();
  pair();
  bus_.wait(std::chrono::steady_clock::now() + limit, [this] { return asked_ || ended_; });
  if (asked_) return passkey_;
  SIGNET_TRY(outcome());
  return fail(Errc::access_denied, "bonding: it was done without a comparison of digits");
} catch (const sdbus::Error& error) {
  return fail(central_error(error.getName(), error.getMessage(), "bonding"));
}

Result<void> Bonding::finish(bool same, milliseconds limit) try {
  if (const auto asked = std::exchange(asked_, std::nullopt)) {
    same ? asked->returnResults() : asked->returnError(rejected());
  }
  bus_.wait(std::chrono::steady_clock::now() + limit, [this] { return ended_; });
  return outcome();
} catch (const sdbus::Error& error) {
  return fail(central_error(error.getName(), error.getMessage(), "bonding"));
}

void Bonding::register_agent() {
  agent_ = sdbus::createObject(bus_.connection(), Path{kAgent});
  const auto refuse = [](const Path&) -> void { throw rejected(); };
  agent_
      ->addVTable(
          sdbus::registerMethod("RequestConfirmation")
              .implementedAs([this](sdbus::Result<>&& answer, const Path&, std::uint32_t passkey) {
                asked_ = std::move(answer);
                passkey_ = passkey;
              }),
          sdbus::registerMethod("RequestAuthorization").implementedAs(refuse),
          sdbus::registerMethod("RequestPinCode").implementedAs([](const Path&) -> std::string { throw rejected(); }),
          sdbus::registerMethod("RequestPasskey").implementedAs([](const Path&) -> std::uint32_t { throw rejected(); }),
          sdbus::registerMethod("Cancel").implementedAs([this] { asked_.reset(); }),
          sdbus::registerMethod("Release").implementedAs([] {}))
      .forInterface("org.bluez.Agent1");
  bus_.call("/org/bluez", kManager, "RegisterAgent", kCall, Path{kAgent}, std::string{"DisplayYesNo"});
}

void Bonding::pair() {
  proxy_ = sdbus::createProxy(bus_.connection(), sdbus::ServiceName{"org.bluez"}, Path{device_});
  proxy_->callMethodAsync("Pair").onInterface(kDevice).withTimeout(kPair).uponReplyInvoke(
      [this](std::optional<sdbus::Error> error) {
        ended_ = true;
        error_ = std::move(error);
      });
}

Result<void> Bonding::outcome() const {
  if (!ended_) return fail(Errc::timeout, "bonding: no answer in time; wait longer");
  if (!error_) return {};
  const std::string name = error_->getName();
  if (name == "org.bluez.Error.AlreadyExists") {
    return fail(Errc::already_exists,
                "bonding: this machine is bonded with the device already; 'bluetoothctl remove' forgets it");
  }
  if (name.starts_with("org.bluez.Error.Authentication"))
    return fail(Errc::access_denied, "bonding: " + error_->getMessage());
  return fail(central_error(name, error_->getMessage(), "bonding"));
}

}  // namespace signet::bluez
