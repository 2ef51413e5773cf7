#include "fmdn/beacon_actions.h"

#include <utility>

#include "base/endian.h"
#include "crypto/hmac.h"

namespace signet::fmdn {
namespace {

constexpr std::uint8_t kEikIsSet = 0x01;
constexpr std::uint8_t kKeyIsTheOwners = 0x02;

tl::unexpected<Refusal> refuse(Refusal refusal) { return tl::unexpected{refusal}; }

Outcome refused(Refusal refusal) {
  Outcome outcome;
  outcome.refusal = refusal;
  return outcome;
}

// The account key that authenticates a message. All are tried, whichever it is, so that time tells nothing.
std::optional<std::size_t> matching_key(const BeaconMessage& message, const Nonce& nonce, const Circumstances& now) {
  std::optional<std::size_t> match;
  for (std::size_t i = 0; i < now.account_keys.size(); ++i) {
    if (is_request_of(message, now.account_keys[i].view(), nonce)) match = i;
  }
  return match;
}

// Whose the beacon is when the key at `authenticated` asks: that of the owner who was chosen, else the one that asks,
// which the choice then falls on.
std::size_t owner_when(std::size_t authenticated, const Circumstances& now) {
  return now.owner.value_or(authenticated);
}

// Whose it is without a choice: that of the owner who was chosen, else the only key there is.
const SecretBytes<16>* owner_key(const Circumstances& now) {
  const std::size_t index = now.owner.value_or(0);
  const bool known = now.owner ? index < now.account_keys.size() : now.account_keys.size() == 1;
  return known ? &now.account_keys[index] : nullptr;
}

std::array<std::uint8_t, 16> parameters(const Profile& profile, std::uint32_t clock) {
  std::array<std::uint8_t, 16> block{};
  block[0] = static_cast<std::uint8_t>(profile.calibrated_power);
  store_be(block, 1, clock);
  block[5] = profile.curve == Curve::secp256r1 ? 0x01 : 0x00;
  block[6] = static_cast<std::uint8_t>(profile.ring_parts);
  block[7] = profile.ring_volumes ? 0x01 : 0x00;
  return block;
}

Bytes answer(BytesView key, const Nonce& nonce, const BeaconMessage& request, BytesView additional = {}) {
  return response(key, nonce, request.id, additional);
}

}  // namespace

BeaconActions::BeaconActions(const Profile& profile, std::optional<Eik> eik, Ring& ring, crypto::Random& random)
    : profile_{profile}, eik_{std::move(eik)}, ring_{ring}, nonces_{random} {}

std::optional<Outcome> BeaconActions::write(ConnectionId connection, BytesView octets, const Circumstances& now) {
  const bool was_pending = pending_.has_value();
  Judged judged = judge(connection, octets, now);
  if (!judged) return refused(judged.error());
  if (!was_pending && pending_) {
    pending_->outcome = *std::move(judged);
    return std::nullopt;
  }
  return *std::move(judged);
}

BeaconActions::Judged BeaconActions::judge(ConnectionId connection, BytesView octets, const Circumstances& now) {
  const auto nonce = nonces_.take(connection);  // gone, whatever comes of the write
  if (!nonce) return refuse(Refusal::no_nonce);
  const auto message = parse_request(octets);
  if (!message) return refuse(message.error());
  if (pending_) return refuse(Refusal::internal);
  return carry_out({.connection = connection, .nonce = *nonce, .message = *message, .now = now});
}

BeaconActions::Judged BeaconActions::carry_out(const Request& request) {
  switch (request.message.id) {
    case DataId::read_parameters: return read_parameters(request);
    case DataId::read_provisioning_state: return read_provisioning_state(request);
    case DataId::set_eik: return set_eik(request);
    case DataId::clear_eik: return clear_eik(request);
    case DataId::read_eik: return read_eik(request);
    case DataId::ring: return ring(request);
    case DataId::read_ringing_state: return read_ringing_state(request);
    case DataId::activate_unwanted_tracking: return activate_unwanted_tracking(request);
    case DataId::deactivate_unwanted_tracking: return deactivate_unwanted_tracking(request);
  }
  return refuse(Refusal::unknown_operation);
}

BeaconActions::Judged BeaconActions::read_parameters(const Request& request) {
  const auto key = matching_key(request.message, request.nonce, request.now);
  if (!key) return refuse(Refusal::not_authentic);
  const auto& account_key = request.now.account_keys[*key];
  const auto sealed = crypto::AesKey{account_key.view()}.encrypt(parameters(profile_, request.now.clock));
  authenticated_.insert(request.connection);
  Outcome outcome;
  outcome.account_key = key;
  outcome.clock_synchronised = true;
  outcome.notification = answer(account_key.view(), request.nonce, request.message, sealed);
  return outcome;
}

BeaconActions::Judged BeaconActions::read_provisioning_state(const Request& request) {
  const auto key = matching_key(request.message, request.nonce, request.now);
  if (!key) return refuse(Refusal::not_authentic);
  const bool owner = owner_when(*key, request.now) == *key;
  Bytes state{static_cast<std::uint8_t>((eik_ ? kEikIsSet : 0) | (owner ? kKeyIsTheOwners : 0))};
  if (eik_) {
    if (request.now.eid.size() != crypto::EidCurve::of(profile_.curve).coordinate_size()) {
      return refuse(Refusal::internal);
    }
    append(state, request.now.eid);
  }
  Outcome outcome;
  outcome.account_key = key;
  outcome.notification = answer(request.now.account_keys[*key].view(), request.nonce, request.message, state);
  if (request.now.owner) {
    authenticated_.insert(request.connection);
  } else {
    propose(request, {.owner = key, .key = {}, .eik = {}});
  }
  return outcome;
}

BeaconActions::Judged BeaconActions::set_eik(const Request& request) {
  const auto key = matching_key(request.message, request.nonce, request.now);
  if (!key) return refuse(Refusal::not_authentic);
  if (owner_when(*key, request.now) != *key) return refuse(Refusal::not_owner);
  const BytesView hash = request.message.additional.subspan(kEikSize);
  if (eik_ && hash.empty()) return refuse(Refusal::hash_missing);
  if (!eik_ && !hash.empty()) return refuse(Refusal::hash_unexpected);
  if (eik_ && !has_hash(request, hash)) return refuse(Refusal::wrong_hash);

  const auto& account_key = request.now.account_keys[*key];
  Outcome outcome;
  outcome.account_key = key;
  outcome.key = eik_ ? KeyChange::replaced : KeyChange::set;
  outcome.notification = answer(account_key.view(), request.nonce, request.message);
  propose(request, {.owner = request.now.owner ? std::nullopt : key,
                    .key = outcome.key,
                    .eik = unwrap(request.message.additional.first<kEikSize>(), account_key.view())});
  return outcome;
}

BeaconActions::Judged BeaconActions::clear_eik(const Request& request) {
  if (!eik_) return refuse(Refusal::not_provisioned);
  const auto key = matching_key(request.message, request.nonce, request.now);
  if (!key) return refuse(Refusal::not_authentic);
  if (owner_key(request.now) != &request.now.account_keys[*key]) return refuse(Refusal::not_owner);
  if (!has_hash(request, request.message.additional)) return refuse(Refusal::wrong_hash);

  Outcome outcome;
  outcome.account_key = key;
  outcome.key = KeyChange::cleared;
  outcome.factory_reset = profile_.locator_tag;
  outcome.notification = answer(request.now.account_keys[*key].view(), request.nonce, request.message);
  propose(request, {.owner = {}, .key = outcome.key, .eik = {}, .factory_reset = profile_.locator_tag});
  return outcome;
}

BeaconActions::Judged BeaconActions::read_eik(const Request& request) {
  if (!eik_) return refuse(Refusal::nothing_to_recover);
  const ShortKey key = recovery_key(*eik_);
  if (!is_request_of(request.message, key.view(), request.nonce)) return refuse(Refusal::not_authentic);
  if (!request.now.consent) return refuse(Refusal::no_consent);
  const auto* owner = owner_key(request.now);
  if (owner == nullptr) return refuse(Refusal::internal);
  authenticated_.insert(request.connection);
  Outcome outcome;
  outcome.notification = answer(key.view(), request.nonce, request.message, wrap(*eik_, owner->view()));
  return outcome;
}

BeaconActions::Judged BeaconActions::ring(const Request& request) {
  if (!eik_) return refuse(Refusal::not_provisioned);
  const bool authentic = is_request_of(request.message, ring_key(*eik_).view(), request.nonce);
  if (!authentic && !unwanted_tracking_.skips_ringing_authentication()) return refuse(Refusal::not_authentic);
  const RingRequest wanted = decode_ring_request(request.message.additional.first<4>());
  if (const auto refusal = refusal_of(wanted, profile_.ring_parts, profile_.ring_volumes)) return refuse(*refusal);

  if (wanted.stops()) {
    ring_.stop(SoundSource::fmdn);
  } else {
    ring_.start({.source = SoundSource::fmdn,
                 .components = components_of(wanted, profile_.ring_parts),
                 .volume = static_cast<Volume>(wanted.volume),
                 .until = request.now.now + wanted.timeout});
  }
  ring_.set_context({.connection = request.connection, .nonce = request.nonce});
  if (authentic) authenticated_.insert(request.connection);
  Outcome outcome;
  outcome.ring = RingStep::requested;
  return outcome;
}

BeaconActions::Judged BeaconActions::read_ringing_state(const Request& request) {
  if (!eik_) return refuse(Refusal::not_provisioned);
  const ShortKey key = ring_key(*eik_);
  if (!is_request_of(request.message, key.view(), request.nonce)) return refuse(Refusal::not_authentic);
  std::array<std::uint8_t, 3> state{ring_.ringing(request.now.now)};
  store_be(state, 1, ring_.left(request.now.now).count());
  authenticated_.insert(request.connection);
  Outcome outcome;
  outcome.notification = answer(key.view(), request.nonce, request.message, state);
  return outcome;
}

BeaconActions::Judged BeaconActions::activate_unwanted_tracking(const Request& request) {
  if (!eik_) return refuse(Refusal::not_provisioned);
  const ShortKey key = unwanted_tracking_key(*eik_);
  if (!is_request_of(request.message, key.view(), request.nonce)) return refuse(Refusal::not_authentic);
  const BytesView additional = request.message.additional;
  const std::uint8_t flags = additional.empty() ? std::uint8_t{0} : additional[0];
  if ((flags & ~kSkipRingingAuthentication) != 0) return refuse(Refusal::illegal_value);
  authenticated_.insert(request.connection);
  Outcome outcome;
  outcome.mode_changed = unwanted_tracking_.activate(flags);
  outcome.notification = answer(key.view(), request.nonce, request.message);
  return outcome;
}

BeaconActions::Judged BeaconActions::deactivate_unwanted_tracking(const Request& request) {
  if (!eik_) return refuse(Refusal::not_provisioned);
  const ShortKey key = unwanted_tracking_key(*eik_);
  if (!is_request_of(request.message, key.view(), request.nonce)) return refuse(Refusal::not_authentic);
  if (!has_hash(request, request.message.additional)) return refuse(Refusal::wrong_hash);
  authenticated_.insert(request.connection);
  Outcome outcome;
  outcome.mode_changed = unwanted_tracking_.deactivate();
  outcome.notification = answer(key.view(), request.nonce, request.message);
  return outcome;
}

bool BeaconActions::has_hash(const Request& request, BytesView hash) const {
  return crypto::equal_constant_time(eik_hash(*eik_, request.nonce), hash);
}

void BeaconActions::propose(const Request& request, Change change) {
  pending_.emplace(Pending{.connection = request.connection, .change = std::move(change), .outcome = {}});
}

Outcome BeaconActions::commit() {
  if (!pending_) return refused(Refusal::internal);
  Pending done = *std::exchange(pending_, std::nullopt);
  if (done.connection) authenticated_.insert(*done.connection);
  if (done.change.key) {
    // A new key cannot speak for a request to ring that the old one authenticated, and no key for any.
    ring_.drop_context();
    if (done.change.key == KeyChange::cleared) {
      eik_.reset();
      done.outcome.mode_changed = unwanted_tracking_.deactivate();
      if (ring_.sound()) done.outcome.ring = RingStep::silence;
    } else {
      eik_ = std::move(done.change.eik);
    }
  }
  return std::move(done.outcome);
}

Outcome BeaconActions::abandon() {
  pending_.reset();
  return refused(Refusal::internal);
}

void BeaconActions::disconnected(ConnectionId connection) {
  nonces_.forget(connection);
  ring_.disconnected(connection);
  authenticated_.erase(connection);
  if (pending_ && pending_->connection == connection) pending_->connection.reset();
}

void BeaconActions::restore(std::optional<Eik> eik) {
  pending_.reset();
  authenticated_.clear();
  eik_ = std::move(eik);
  unwanted_tracking_.deactivate();
  ring_.drop_context();
}

std::optional<Notification> BeaconActions::ring_notification(RingState state, Instant now) {
  const auto context = ring_.context();
  if (!context || !eik_) return std::nullopt;
  const RingNotice notice{.state = state, .ringing = ring_.ringing(now), .left = ring_.left(now)};
  if (notice.ringing == 0) ring_.drop_context();
  return Notification{.to = context->connection, .octets = encode_ring_notification(*eik_, context->nonce, notice)};
}

Bytes encode_ring_notification(const Eik& eik, const Nonce& nonce, const RingNotice& notice) {
  return response(ring_key(eik).view(), nonce, DataId::ring, encode(notice));
}

}  // namespace signet::fmdn
