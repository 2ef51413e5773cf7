// An operator lets a device go: its certificates are revoked, its serial number is free, and the device gets a signed
// word with which it forgets who it was (docs/registration.md).
#include <boost/json/object.hpp>

#include "activation/operations/context.h"
#include "activation/unit.h"

namespace signet::activation::operations {
namespace {

constexpr const char* kProfile = "tag:signet,2026:release-1";

Result<Release> sign(const Context& context, const Device& device) {
  const UnixTime expires_at = context.now + context.config.reservation_life;
  const boost::json::object payload{{"profile", kProfile},
                                    {"ueid", to_text(device.ueid)},
                                    {"generation", device.generation},
                                    {"aud", context.config.base_url},
                                    {"iat", context.now.time_since_epoch().count()},
                                    {"exp", expires_at.time_since_epoch().count()}};
  SIGNET_ASSIGN(auto jws, sign_as_registrar(context, "sgt-release+jwt", payload));
  return Release{.release = std::move(jws), .expires_at = expires_at};
}

// Done twice, it is done, and signed anew.
Result<void> let_go(const Context& context, const Actor& actor, Device& device, Transaction& transaction) {
  if (device.released_at) return {};
  device.released_at = context.now;
  SIGNET_TRY(transaction.put(device));
  SIGNET_TRY(cancel_reservations(transaction, device.ueid, device.ids, context.now, "release_reservation"));
  SIGNET_TRY(revoke_older(context, device.ueid, device.generation + 1, transaction));
  return transaction.add({.at = context.now,
                          .actor = actor.name,
                          .action = "release",
                          .ueid = device.ueid,
                          .model_id = device.ids.model_id,
                          .sn = device.ids.sn,
                          .detail = "generation " + std::to_string(device.generation)});
}

struct Prepared {
  Device device;  // as it was read
  Release release;
};

Result<Prepared> prepare(const Context& context, const Actor& actor, const std::string& ueid_text) {
  SIGNET_TRY(require_role(actor, Role::operator_));
  SIGNET_ASSIGN(const auto ueid, parse_ueid(ueid_text));
  Prepared prepared;
  SIGNET_TRY(context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(prepared.device, touchable_device(view, actor, ueid));
    return {};
  }));
  SIGNET_ASSIGN(prepared.release, sign(context, prepared.device));
  return prepared;
}

}  // namespace

void release(const Context& context, const Actor& actor, const std::string& ueid, Done<Release> done) {
  auto prepared = prepare(context, actor, ueid);
  if (!prepared) return done(fail(std::move(prepared).error()));
  decide<Release>(
      context.repository,
      [context, actor, prepared = *std::move(prepared)](Transaction& transaction) -> Result<Answer<Release>> {
        SIGNET_ASSIGN(Device device, touchable_device(transaction, actor, prepared.device.ueid));
        if (device.generation != prepared.device.generation) {
          return fail(Errc::busy, "a registration of this device was confirmed at the same moment");
        }
        SIGNET_TRY(let_go(context, actor, device, transaction));
        return Answer<Release>{prepared.release};
      },
      std::move(done));
}

}  // namespace signet::activation::operations
