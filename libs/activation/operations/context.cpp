#include "activation/operations/context.h"

namespace signet::activation::operations {

std::string revocations_of(ChipKind kind, std::uint32_t ca_generation) {
  return "revocations " + std::string{name(kind)} + " " + std::to_string(ca_generation);
}

bool live(const Registration& registration, UnixTime now) {
  if (registration.state == RegistrationState::reserved) return registration.expires_at > now;
  return registration.state == RegistrationState::confirmed;
}

AuditEntry entry_of(const Registration& registration, UnixTime now, const char* action) {
  return {.at = now,
          .actor = "device",
          .action = action,
          .ueid = registration.ueid,
          .model_id = registration.ids.model_id,
          .sn = registration.ids.sn,
          .detail = "registration " + to_text(registration.id)};
}

}  // namespace signet::activation::operations
