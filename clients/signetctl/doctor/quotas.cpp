#include "signetctl/doctor/quotas.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>

namespace signet::ctl {
namespace {

struct Measure {
  std::string_view family;
  std::string_view what;
};
constexpr auto kMeasures = std::to_array<Measure>({{"signet_rpmb_namespace_objects", "objects"},
                                                   {"signet_rpmb_namespace_bytes", "octets"},
                                                   {"signet_rpmb_namespace_keys", "keys"},
                                                   {"signet_rpmb_namespace_writes_today", "writes a day"}});

using Samples = std::map<std::string, std::uint64_t>;  // by name and labels, as they stand in the text

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

Samples samples_in(std::string_view metrics) {
  Samples samples;
  while (!metrics.empty()) {
    const std::size_t size = std::min(metrics.find('\n'), metrics.size());
    const auto line = metrics.substr(0, size);
    metrics.remove_prefix(std::min(size + 1, metrics.size()));
    const auto space = line.rfind(' ');
    if (space == std::string_view::npos || line.starts_with('#')) continue;
    if (const auto value = number(line.substr(space + 1))) samples[std::string{line.substr(0, space)}] = *value;
  }
  return samples;
}

}  // namespace

std::vector<DaemonFacts::Quota> quotas_in(std::string_view metrics) {
  constexpr std::string_view kEnd = "\"}";
  std::vector<DaemonFacts::Quota> quotas;
  const auto samples = samples_in(metrics);
  for (const auto& [family, what] : kMeasures) {
    const std::string used = std::string{family} + "{namespace=\"";
    const std::string most = std::string{family} + "_quota{namespace=\"";
    for (const auto& [name, limit] : samples) {
      if (!name.starts_with(most) || !name.ends_with(kEnd)) continue;
      const auto space = name.substr(most.size(), name.size() - most.size() - kEnd.size());
      const auto usage = samples.find(used + space + std::string{kEnd});
      if (usage == samples.end()) continue;
      quotas.push_back({std::string{what} + " of namespace " + space, usage->second, limit});
    }
  }
  return quotas;
}

}  // namespace signet::ctl
