#include "fmdnd/battery.h"

#include <fstream>

namespace signet::fmdnd {

std::optional<int> battery_percent(const std::string& root, const std::string& supply) {
  std::ifstream stream{root + "/" + supply + "/capacity"};
  int percent = -1;
  if (!(stream >> percent) || percent < 0 || percent > 100) return std::nullopt;
  return percent;
}

fmdn::Battery battery_level(std::optional<int> percent) {
  if (!percent) return fmdn::Battery::unsupported;
  if (*percent <= 10) return fmdn::Battery::critical;
  return *percent <= 40 ? fmdn::Battery::low : fmdn::Battery::normal;
}

}  // namespace signet::fmdnd
