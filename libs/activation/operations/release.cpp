// An operator lets a device go: its certificates are revoked, its serial number is free, and the device gets a signed
// word with which it forgets who it was (docs/registration.md).
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "activation/operations/context.h"
#include "activation/unit.h"
#include "base/base64.h"
#include "jose/jose.h"

namespace signet::activation::operations {
namespace {

namespace json = boost::json;

constexpr const char* kProfile = "tag:signet,2026:release-1";

Result<Release> sign(const Context& context, const Device& device) {
  const KeyRing::Key& key = context.keys.current(KeyPurpose::registrar, context.now);
  const UnixTime expires_at = context.now + context.config.reservation_life;
  const json::object header{
      {"alg", "ES256"}, {"typ", "sgt-release+jwt"}, {"x5c", json::array{to_base64(key.certificate->der())}}};
  const json::object payload{{"profile", kProfile},
                             {"ueid", to_text(device.ueid)},
                             {"generation", device.generation},
                             {"aud", context.config.base_url},
                             {"iat", context.now.time_since_epoch().count()},
                             {"exp", expires_at.time_since_epoch().count()}};
  SIGNET_ASSIGN(auto jws, jose::sign_jws(json::serialize(header), json::serialize(payload), key.private_key));
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

}  // namespace

void release(const Context& context, const Actor& actor, const std::string& ueid, Done<Release> done) {
  if (auto good = require_role(actor, Role::operator_); !good) return done(fail(good.error()));
  const auto parsed = parse_ueid(ueid);
  if (!parsed) return done(fail(parsed.error()));
  decide<Release>(
      context.repository,
      [context, actor, ueid = *parsed](Transaction& transaction) -> Result<Answer<Release>> {
        SIGNET_ASSIGN(Device device, touchable_device(transaction, actor, ueid));
        SIGNET_TRY(let_go(context, actor, device, transaction));
        SIGNET_ASSIGN(auto release, sign(context, device));
        return Answer<Release>{std::move(release)};
      },
      std::move(done));
}

}  // namespace signet::activation::operations
