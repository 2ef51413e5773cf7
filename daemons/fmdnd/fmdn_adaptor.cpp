#include "fmdnd/fmdn_adaptor.h"

#include <memory>

#include "ipc/dbus/asio_bus.h"
#include "ipc/dbus/reply.h"
#include "service/watchdog.h"

namespace signet::fmdnd {
namespace {

constexpr std::uint32_t kLongest = 600;

// 0 stands for what is usual.
Result<std::chrono::seconds> duration(std::uint32_t seconds, std::chrono::seconds usual) {
  if (seconds > kLongest) return fail(Errc::invalid_argument, "seconds: must be at most 600");
  return seconds == 0 ? usual : std::chrono::seconds{seconds};
}

}  // namespace

FmdnAdaptor::FmdnAdaptor(sdbus::IConnection& bus, dbus::AsioBus& pump, Accessory& accessory)
    : AdaptorInterfaces{bus, sdbus::ObjectPath{"/org/signet/Fmdn1"}}, pump_{pump}, accessory_{accessory} {
  registerAdaptor();
  shown_ = look();
  accessory_.listen([this] { announce(); });
}

void FmdnAdaptor::StartPairing(const std::uint32_t& seconds) {
  dbus::reply("StartPairing", [&]() -> Result<void> {
    SIGNET_ASSIGN(const auto time, duration(seconds, accessory_.usual().pairing));
    return accessory_.start_pairing(time);
  });
}

void FmdnAdaptor::GiveConsent(const std::uint32_t& seconds) {
  dbus::reply("GiveConsent", [&]() -> Result<void> {
    SIGNET_ASSIGN(const auto time, duration(seconds, accessory_.usual().consent));
    accessory_.give_consent(time);
    return {};
  });
}

void FmdnAdaptor::StartIdentifying() {
  dbus::reply("StartIdentifying", [&] { return accessory_.start_identifying(); });
}

std::string FmdnAdaptor::GetNfcUrl() {
  return dbus::reply("GetNfcUrl", [&] { return accessory_.nfc_url(); });
}

void FmdnAdaptor::Ring(const std::uint32_t& seconds) {
  dbus::reply("Ring", [&]() -> Result<void> {
    SIGNET_ASSIGN(const auto time, duration(seconds, std::chrono::seconds{12}));
    return accessory_.ring(time);
  });
}

void FmdnAdaptor::FactoryReset(sdbus::Result<>&& to) {
  accessory_.factory_reset([this, answer = std::make_shared<sdbus::Result<>>(std::move(to))](const Result<void>& done) {
    dbus::answer_with(*answer, done);
    pump_.poke();
  });
}

std::string FmdnAdaptor::Problem() {
  const auto problem = accessory_.problem();
  return problem ? std::string{signet::name(problem->code)} : "";
}

std::string FmdnAdaptor::ProblemText() {
  const auto problem = accessory_.problem();
  if (!problem) return "";
  // Without the summary of the code: no_service speaks of a daemon there, and here a controller may be meant.
  return problem->context.empty() ? std::string{summary(problem->code)} : problem->context;
}

FmdnAdaptor::Shown FmdnAdaptor::look() {
  return {.state = State(),
          .problem = Problem(),
          .problem_text = ProblemText(),
          .limitations = Limitations(),
          .windows = Windows(),
          .unwanted_tracking = UnwantedTrackingProtection(),
          .ringing = Ringing()};
}

// One signal for everything that one event has changed.
void FmdnAdaptor::announce() {
  const Shown before = std::exchange(shown_, look());
  std::vector<sdbus::PropertyName> changed;
  if (before.state != shown_.state) changed.emplace_back("State");
  if (before.problem != shown_.problem) changed.emplace_back("Problem");
  if (before.problem_text != shown_.problem_text) changed.emplace_back("ProblemText");
  if (before.limitations != shown_.limitations) changed.emplace_back("Limitations");
  if (before.windows != shown_.windows) changed.emplace_back("Windows");
  if (before.unwanted_tracking != shown_.unwanted_tracking) changed.emplace_back("UnwantedTrackingProtection");
  if (before.ringing != shown_.ringing) changed.emplace_back("Ringing");
  if (changed.empty()) return;
  if (before.state != shown_.state || before.problem != shown_.problem) {
    service::notify_status(shown_.problem.empty() ? shown_.state : shown_.state + ": " + shown_.problem_text);
  }
  getObject().emitPropertiesChangedSignal(INTERFACE_NAME, changed);
  pump_.poke();
}

}  // namespace signet::fmdnd
