#include "activation/operations/context.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include "base/base64.h"
#include "jose/jose.h"

namespace signet::activation::operations {

std::string revocations_of(ChipKind kind, std::uint32_t ca_generation) {
  return "revocations " + std::string{name(kind)} + " " + std::to_string(ca_generation);
}

bool live(const Registration& registration, UnixTime now) {
  const bool of_the_future = registration.created_at > now + kSkew;  // of a clock that has been set right meanwhile
  if (registration.state == RegistrationState::reserved) return registration.expires_at > now && !of_the_future;
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

Result<void> cancel_reservations(Transaction& transaction, const Ueid& ueid, const identity::Ids& ids, UnixTime now,
                                 const char* action, const std::optional<identity::RegistrationId>& but) {
  SIGNET_ASSIGN(const auto reservations, transaction.reservations(ueid, ids, now));
  for (Registration reservation : reservations) {
    if (reservation.ueid != ueid || reservation.id == but) continue;
    reservation.state = RegistrationState::cancelled;
    reservation.sealed_escrow.clear();
    SIGNET_TRY(transaction.put(reservation));
    SIGNET_TRY(transaction.add(entry_of(reservation, now, action)));
  }
  return {};
}

Result<Device> touchable_device(View& view, const Actor& actor, const Ueid& ueid) {
  SIGNET_ASSIGN(auto device, view.device(ueid));
  if (device && actor.may_see(device->ids.model_id)) return *std::move(device);
  return fail(Errc::not_found, "ueid: there is no such device");
}

Result<std::string> sign_as_registrar(const Context& context, std::string_view type,
                                      const boost::json::object& payload) {
  const KeyRing::Key& key = context.keys.current(KeyPurpose::registrar, context.now);
  const boost::json::object header{
      {"alg", "ES256"}, {"typ", type}, {"x5c", boost::json::array{to_base64(key.certificate->der())}}};
  return jose::sign_jws(boost::json::serialize(header), boost::json::serialize(payload), key.private_key);
}

Result<void> revoke_older(const Context& context, const Ueid& ueid, std::uint32_t generation,
                          Transaction& transaction) {
  SIGNET_ASSIGN(const auto certificates, transaction.certificates(ueid));
  for (DeviceCertificate certificate : certificates) {
    if (certificate.revoked_at || certificate.generation >= generation) continue;
    certificate.revoked_at = context.now;
    SIGNET_TRY(transaction.put(certificate));
    SIGNET_TRY(transaction.advance(revocations_of(certificate.kind, certificate.ca_generation)));
  }
  return {};
}

}  // namespace signet::activation::operations
