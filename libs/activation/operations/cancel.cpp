#include "activation/operations/context.h"

namespace signet::activation::operations {

void cancel(const Context& context, const Actor& actor, const std::string& id, Done<void> done) {
  if (auto allowed = require_role(actor, Role::operator_); !allowed) return done(std::move(allowed));
  auto parsed = parse_registration_id(id);
  if (!parsed) return done(fail(std::move(parsed).error()));
  context.repository.write(
      [context, actor, id = *parsed](Transaction& transaction) -> Result<void> {
        SIGNET_ASSIGN(auto found, transaction.registration(id));
        if (!found || (found->state == RegistrationState::reserved && !live(*found, context.now)) ||
            found->state == RegistrationState::cancelled) {
          return fail(Errc::not_found, "id: there is no such reservation");
        }
        SIGNET_TRY(require_model(actor, found->ids.model_id));
        if (found->state == RegistrationState::confirmed) {
          return fail(Errc::already_exists, "id: the registration is confirmed; block the device instead");
        }
        found->state = RegistrationState::cancelled;
        found->sealed_escrow.clear();
        SIGNET_TRY(transaction.put(*found));
        AuditEntry entry = entry_of(*found, context.now, "cancel");
        entry.actor = actor.name;
        return transaction.add(entry);
      },
      std::move(done));
}

}  // namespace signet::activation::operations
