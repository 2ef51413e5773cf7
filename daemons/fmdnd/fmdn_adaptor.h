// org.signet.Fmdn1 in front of the accessory. Translates; decides nothing.
#pragma once

#include <string>
#include <vector>

#include "fmdnd/accessory.h"
#include "glue/org.signet.Fmdn1-adaptor.h"

namespace signet::dbus {
class AsioBus;
}

namespace signet::fmdnd {

class FmdnAdaptor final : public sdbus::AdaptorInterfaces<org::signet::Fmdn1_adaptor> {
 public:
  FmdnAdaptor(sdbus::IConnection& bus, dbus::AsioBus& pump, Accessory& accessory);
  ~FmdnAdaptor() { unregisterAdaptor(); }

 private:
  // What the last signal told.
  struct Shown {
    std::string state;
    std::string problem;
    std::string problem_text;
    std::vector<std::string> limitations;
    std::vector<std::string> windows;
    bool unwanted_tracking = false;
    std::uint8_t ringing = 0;
  };

  void StartPairing(const std::uint32_t& seconds) override;
  void StopPairing() override { accessory_.stop_pairing(); }
  void GiveConsent(const std::uint32_t& seconds) override;
  void StartIdentifying() override;
  std::string GetNfcUrl() override;
  void Ring(const std::uint32_t& seconds) override;
  void StopRinging() override { accessory_.stop_ringing(); }
  void Pause() override { accessory_.pause(true); }
  void Resume() override { accessory_.pause(false); }
  void FactoryReset(sdbus::Result<>&& to) override;

  std::uint32_t InterfaceVersion() override { return 1; }
  std::string Version() override { return SIGNET_VERSION; }
  std::string State() override { return name(accessory_.state()); }
  std::string Problem() override;
  std::string ProblemText() override;
  std::vector<std::string> Limitations() override { return accessory_.limitations(); }
  std::string Store() override { return accessory_.store(); }
  bool UnwantedTrackingProtection() override { return accessory_.unwanted_tracking(); }
  std::uint8_t Ringing() override { return accessory_.ringing(); }
  std::vector<std::string> Windows() override { return accessory_.windows(); }

  Shown look();
  void announce();

  dbus::AsioBus& pump_;
  Accessory& accessory_;
  Shown shown_;
};

}  // namespace signet::fmdnd
