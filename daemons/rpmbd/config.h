// rpmbd.toml and its drop-ins, judged in full before anything is done with them (rpmbd.toml(5)).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "rpmb/transport/open.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

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

// Where this device is registered. The files are read by load_registrar().
struct RegistrarConfig {
  std::string url;                        // base URL
  std::string ca;                         // PEM file: CA certificates of the registrar
  std::string escrow;                     // PEM file: public key that the chip's key is encrypted to; or "none"
  std::string tls_ca;                     // PEM file: CA of the registrar's web server; empty: the system's
  std::vector<std::string> sn_audiences;  // whose tickets carry the serial number
};

struct Config {
  rpmb::TransportOptions transport;  // [chip] and [emulator]; lock_directory is the daemon's to say
  RootConfig root;
  WearConfig wear;
  StoreConfig store;
  std::optional<RegistrarConfig> registrar;
  std::vector<ClientRule> clients;
};

// Reads `path` and, in the order of their names, the drop-ins <path without .toml>.d/*.toml, which may hold [[client]]
// only. Error: config_invalid, "file:line: key: rule". A missing drop-in directory is fine, a missing file is not.
Result<Config> load_config(const std::string& path);

// The same for one text. `file` names it in errors.
Result<Config> parse_config(std::string_view text, const std::string& file);

}  // namespace signet::rpmbd
