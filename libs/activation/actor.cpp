#include "activation/actor.h"

#include <algorithm>
#include <array>

namespace signet::activation {
namespace {

constexpr std::array kRoles{Role::vendor, Role::verifier, Role::operator_};

}  // namespace

std::string_view name(Role role) {
  switch (role) {
    case Role::vendor: return "vendor";
    case Role::verifier: return "verifier";
    case Role::operator_: return "operator";
  }
  return "";
}

std::optional<Role> parse_role(std::string_view text) {
  for (Role role : kRoles) {
    if (name(role) == text) return role;
  }
  return std::nullopt;
}

bool Actor::may_see(std::string_view model_id) const {
  return models.empty() || std::find(models.begin(), models.end(), model_id) != models.end();
}

Result<void> require_role(const Actor& actor, Role role) {
  if (actor.role == role) return {};
  return fail(Errc::access_denied, "takes a credential of the role " + std::string{name(role)} + "; " + actor.name +
                                       " has the role " + std::string{name(actor.role)});
}

Result<void> require_model(const Actor& actor, std::string_view model_id) {
  if (actor.may_see(model_id)) return {};
  return fail(Errc::access_denied, "the credential " + actor.name + " is not for the model " + std::string{model_id});
}

}  // namespace signet::activation
