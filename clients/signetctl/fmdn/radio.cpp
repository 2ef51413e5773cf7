#include "signetctl/fmdn/radio.h"

#include "bluez/central/bluez_central.h"

namespace signet::ctl {

finder::OpenCentral& central_opener() {
  static finder::OpenCentral opener = bluez::open_bluez_central;
  return opener;
}

finder::Radio radio_of(Session& session, const std::string& adapter) {
  return {.open = central_opener(),
          .adapter = adapter,
          .limit = std::chrono::milliseconds{static_cast<std::int64_t>(session.options.timeout_s * 1000)},
          .progress = [&session](const std::string& text) { session.progress(text); }};
}

}  // namespace signet::ctl
