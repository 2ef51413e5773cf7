#include "rpmbd/surroundings.h"

#include <systemd/sd-id128.h>

#include <array>
#include <cstdlib>
#include <filesystem>

namespace signet::rpmbd {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// Empty when it cannot be told: no chip then counts as verified after a power cut.
std::string boot_id() {
  // The unit hides /proc/sys, where the id would be read, and hands it over.
  if (auto handed_over = environment("SIGNET_BOOT_ID"); !handed_over.empty()) return handed_over;
  sd_id128_t id{};
  std::array<char, SD_ID128_STRING_MAX> text{};
  if (::sd_id128_get_boot(&id) < 0) return "";
  return ::sd_id128_to_string(id, text.data());
}

}  // namespace

ChipSources chip_sources(const Config& config, const std::string& state_dir, const ProvisioningRecords& records,
                         crypto::Random& random, const Clock& clock) {
  auto options = config.transport;
  const auto runtime_dir = environment("RUNTIME_DIRECTORY");
  options.chip.lock_directory = runtime_dir.empty() ? state_dir : runtime_dir;
  return {.open_transport = [options] { return rpmb::open_transport(options); },
          .load_root =
              [file = config.root.file, directory = environment("CREDENTIALS_DIRECTORY")] {
                return identity::load_root_secret(directory, file);
              },
          .records = records,
          .random = random,
          .clock = clock,
          .boot_id = boot_id(),
          .cache = config.store.cache};
}

}  // namespace signet::rpmbd
