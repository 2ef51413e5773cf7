// rpmbd.toml and its drop-ins, judged in full before anything is done with them (rpmbd.toml(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rpmb/transport.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

struct ChipConfig {
  std::string transport = "auto";     // "auto" (mmc, then ufs), "mmc", "ufs" or "emulator"
  std::string node;                   // empty: found through sysfs
  std::optional<rpmb::Cid> cid;       // which chip, when there are several
  std::optional<std::uint32_t> size;  // octets; only where sysfs does not tell
};

struct EmulatorConfig {
  std::string file;
  std::optional<std::uint32_t> size;          // octets; of a new chip, or what an existing one must have
  std::optional<std::uint16_t> write_frames;  // 1, 2 or 32; likewise
  std::string faults;                         // path of a fault file, or empty
};

struct RootConfig {
  std::string file = "/etc/signet/root-secret";  // used when there is no credential named signet-root
  bool survives_reflash = false;
};

struct WearConfig {
  std::uint32_t budget = 100'000;               // write requests the chip is good for
  std::optional<std::uint32_t> writes_per_day;  // all namespaces together
};

struct StoreConfig {
  std::uint32_t cache = 65536;  // octets of object contents kept in memory
};

struct Config {
  ChipConfig chip;
  EmulatorConfig emulator;
  RootConfig root;
  WearConfig wear;
  StoreConfig store;
  std::vector<ClientRule> clients;
};

// Reads `path` and, in the order of their names, the drop-ins <path without .toml>.d/*.toml, which may hold [[client]]
// only. Error: config_invalid, "file:line: key: rule". A missing drop-in directory is fine, a missing file is not.
Result<Config> load_config(const std::string& path);

// The same for one text. `file` names it in errors.
Result<Config> parse_config(std::string_view text, const std::string& file);

}  // namespace signet::rpmbd
