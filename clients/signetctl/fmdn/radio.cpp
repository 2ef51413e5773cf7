#include "signetctl/fmdn/radio.h"

#include "bluez/central/bluez_central.h"

namespace signet::ctl {

OpenCentral& central_opener() {
  static OpenCentral opener = bluez::open_bluez_central;
  return opener;
}

std::unique_ptr<bluez::Central> open_central(const std::string& adapter) { return must(central_opener()(adapter)); }

std::chrono::milliseconds limit_of(const Session& session) {
  return std::chrono::milliseconds{static_cast<std::int64_t>(session.options.timeout_s * 1000)};
}

}  // namespace signet::ctl
