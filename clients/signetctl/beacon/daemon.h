// fmdnd of this machine, as org.signet.Fmdn1 shows it (daemons/fmdnd/org.signet.Fmdn1.xml). Calls block.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace sdbus {
class IProxy;
}

namespace signet::ctl {

// What it says of itself; names as in the interface.
struct BeaconStatus {
  std::string version;
  std::string state;
  std::string problem;       // the name of an error; empty: all is well
  std::string problem_text;  // for people
  std::string store;
  std::vector<std::string> limitations;
  std::vector<std::string> windows;
  bool unwanted_tracking_protection = false;
  std::uint8_t ringing = 0;  // fmdn::RingComponent bits
};

class BeaconDaemon {
 public:
  // Errors: no_service: no bus, or fmdnd does not run; incompatible: it speaks another generation of the interface.
  static Result<BeaconDaemon> connect(std::chrono::microseconds limit);
  BeaconDaemon(BeaconDaemon&&) noexcept;
  BeaconDaemon& operator=(BeaconDaemon&&) noexcept;
  ~BeaconDaemon();

  Result<BeaconStatus> status();

  // `method`: one without arguments, or with `seconds` only. Errors: those of the method; access_denied: the bus
  // policy; timeout; outcome_unknown: it went away, or is late, in the middle of a FactoryReset.
  Result<void> call(const std::string& method);
  Result<void> call(const std::string& method, std::uint32_t seconds);

  Result<std::string> nfc_url();  // errors: not_found: there is no owner; and as of call()

 private:
  BeaconDaemon(std::unique_ptr<sdbus::IProxy> proxy, std::chrono::microseconds limit);

  std::unique_ptr<sdbus::IProxy> proxy_;
  std::chrono::microseconds limit_;
};

}  // namespace signet::ctl
