// Who asks, as far as it matters to the registrar.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::activation {

enum class Role : std::uint8_t {
  vendor,    // has sn tickets issued
  verifier,  // has nonces issued and tickets verified
  operator_  // sees devices and the audit log, blocks and cancels
};
std::string_view name(Role role);  // "vendor", "verifier", "operator"
std::optional<Role> parse_role(std::string_view text);

struct Actor {
  std::string name;  // of the credential; goes into the audit log
  Role role = Role::vendor;
  std::vector<std::string> models;  // none: all. A vendor and an operator see and touch no others.

  [[nodiscard]] bool may_see(std::string_view model_id) const;
};

// Error: access_denied, names the role that it takes.
Result<void> require_role(const Actor& actor, Role role);
// Error: access_denied, names the model.
Result<void> require_model(const Actor& actor, std::string_view model_id);

}  // namespace signet::activation
