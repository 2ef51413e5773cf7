// The registrar of the configuration, with the files that it names.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "identity/registration.h"
#include "rpmbd/config.h"

namespace signet::rpmbd {

struct Registrar {
  identity::RegistrarTrust trust;
  std::string tls_ca;  // PEM; empty: the system's trust store
  std::vector<std::string> sn_audiences;
};

// Errors: config_invalid, names the key, the file and the rule; also when there is no [registrar] at all.
Result<Registrar> load_registrar(const std::optional<RegistrarConfig>& config);

}  // namespace signet::rpmbd
