#include "fake_tag.h"

#include <cstdlib>

#include "fastpair/uuids.h"
#include "fmdn/frame.h"
#include "fmdn/report.h"

namespace signet::ctl {
namespace {

constexpr const char* kSuffix = "-8366-4814-8eb0-01de32100bea";
const std::string kKeyBasedPairing = std::string{"fe2c1234"} + kSuffix;
const std::string kPasskey = std::string{"fe2c1235"} + kSuffix;
const std::string kAccountKey = std::string{"fe2c1236"} + kSuffix;
const std::string kAdditionalData = std::string{"fe2c1237"} + kSuffix;
const std::string kBeaconActions = std::string{"fe2c1238"} + kSuffix;
const std::string kDult{dult::kCharacteristicUuid};

constexpr fastpair::Address kOctets{0x00, 0xaa, 0x01, 0x00, 0x00, 0x00};
constexpr std::size_t kBeforeServiceData = 7;  // flags, length, type, UUID

const dult::Product kProduct{.model_id = FakeTag::kModel, .manufacturer = "Signet", .model = "Tag \x1b[2J"};

std::optional<fastpair::Characteristic> characteristic_of(const std::string& uuid) {
  if (uuid == kKeyBasedPairing) return fastpair::Characteristic::key_based_pairing;
  if (uuid == kPasskey) return fastpair::Characteristic::passkey;
  if (uuid == kAccountKey) return fastpair::Characteristic::account_key;
  if (uuid == kAdditionalData) return fastpair::Characteristic::additional_data;
  return std::nullopt;
}

std::string uuid_of(fastpair::Characteristic characteristic) {
  switch (characteristic) {
    case fastpair::Characteristic::key_based_pairing: return kKeyBasedPairing;
    case fastpair::Characteristic::passkey: return kPasskey;
    case fastpair::Characteristic::account_key: return kAccountKey;
    case fastpair::Characteristic::additional_data: return kAdditionalData;
  }
  return "";
}

class FakeLink final : public bluez::Link {
 public:
  explicit FakeLink(FakeTag& tag) : tag_{tag} {}
  ~FakeLink() override { tag_.disconnected(); }

  Result<bluez::ReadOutcome> read(const std::string& uuid, std::chrono::milliseconds) override {
    return tag_.read(uuid);
  }
  Result<bluez::WriteOutcome> write(const std::string& uuid, BytesView value, std::chrono::milliseconds) override {
    return tag_.write(uuid, value);
  }
  Result<void> subscribe(const std::string& uuid, std::chrono::milliseconds) override {
    tag_.subscribe(uuid);
    return {};
  }
  Result<Bytes> next_notification(const std::string& uuid, std::chrono::milliseconds limit) override {
    return tag_.next_notification(uuid, limit);
  }
  Result<std::uint32_t> begin_bonding(std::chrono::milliseconds) override { return tag_.begin_bonding(); }
  Result<void> finish_bonding(bool same, std::chrono::milliseconds) override { return tag_.finish_bonding(same); }
  bool has(const std::string& uuid) override { return uuid != fastpair::kModelIdUuid || !tag_.profile.locator_tag; }

 private:
  FakeTag& tag_;
};

}  // namespace

FakeTag::FakeTag(bool locator_tag)
    : profile{.calibrated_power = -20,
              .ring_parts = fmdn::RingParts::left_right_and_case,
              .ring_volumes = true,
              .locator_tag = locator_tag},
      actions{profile, std::nullopt, ring, random},
      dult{kProduct, *this},
      provider_{{.bonding = locator_tag ? fastpair::Bonding::none : fastpair::Bonding::required},
                anti_spoofing,
                keys,
                random} {
  provider_.set_addresses({.current = kOctets});
}

Bytes FakeTag::eid() const {
  return provisioned() ? fmdn::identity_at(*actions.eik(), clock, profile.curve)->eid : Bytes{};
}

bluez::Sighting FakeTag::sighting() {
  bluez::Sighting seen{.address = address, .random_address = true, .rssi = std::int16_t{-60}, .name = "Tag\n"};
  if (provisioned()) {
    const auto identity = fmdn::identity_at(*actions.eik(), clock, profile.curve);
    const Bytes frame = fmdn::frame(*identity, {.unwanted_tracking = actions.unwanted_tracking().active()});
    seen.service_data[0xfeaa] = {frame.begin() + kBeforeServiceData, frame.end()};
  } else if (pairing_mode) {
    seen.service_data[0xfe2c] = fastpair::encode(fastpair::Discoverable{kModel});
  } else {
    const auto salt = random.bytes<fastpair::kSaltSize>();
    seen.service_data[0xfe2c] = fastpair::encode(fastpair::non_discoverable(keys.keys(), salt, std::nullopt, false));
  }
  return seen;
}

bluez::ReadOutcome FakeTag::read(const std::string& uuid) {
  if (uuid != kBeaconActions || refuse_reads) return bluez::AttError::insufficient_authorization;
  return actions.read(kConnection).value();
}

Result<bluez::WriteOutcome> FakeTag::write(const std::string& uuid, BytesView value) {
  if (before_write) before_write();
  bluez::WriteOutcome outcome;
  if (const auto characteristic = characteristic_of(uuid)) {
    outcome = write_pairing(*characteristic, value);
  } else if (uuid == kBeaconActions) {
    outcome = write_beacon(value);
  } else {
    outcome = write_dult(value);
  }
  if (!lose_answers) return outcome;
  notifications_.clear();
  return fail(Errc::timeout, "the fake's answer is lost");
}

void FakeTag::notify(const std::string& uuid, Bytes value) {
  if (forge_answers && value.size() > 2) value[2] ^= 1;
  if (subscribed_[uuid]) notifications_[uuid].push_back(std::move(value));
}

bluez::WriteOutcome FakeTag::write_pairing(fastpair::Characteristic to, BytesView value) {
  provider_.set_pairing_mode(pairing_mode);
  auto reply = provider_.write(to, kLink, value, fastpair::Time{now_});
  for (auto& decision : reply.decisions) {
    if (std::holds_alternative<fastpair::ConfirmPairing>(decision)) confirmed_ = true;
    if (auto* told = std::get_if<fastpair::Notify>(&decision)) notify(uuid_of(told->characteristic), told->octets);
    if (auto* stored = std::get_if<fastpair::StoreKeys>(&decision)) {
      keys = std::move(stored->keys);
      pairing_mode = false;
    }
  }
  if (reply.att == fastpair::Att::success) return {};
  return static_cast<bluez::AttError>(reply.att);
}

// The digits that it shows itself are others when somebody has come between.
Result<std::uint32_t> FakeTag::begin_bonding() {
  constexpr std::uint32_t kDigits = 123456;
  provider_.comparison_began(
      {.device = kLink, .link = kLink, .address = {}, .passkey = somebody_between ? kDigits + 1 : kDigits},
      fastpair::Time{now_});
  return kDigits;
}

Result<void> FakeTag::finish_bonding(bool same) {
  if (!same || !confirmed_) return fail(Errc::access_denied, "bonding: rejected");
  provider_.bonded(kLink, {}, fastpair::Time{now_});
  bonded = true;
  return {};
}

void FakeTag::persist(const fmdn::Change& change) {
  if (change.owner && !keys.set_owner(*change.owner)) std::abort();  // a bug of the test's own
}

bluez::WriteOutcome FakeTag::write_beacon(BytesView value) {
  const Bytes present = eid();
  auto outcome = actions.write(kConnection, value,
                               {.account_keys = keys.keys(),
                                .owner = keys.owner(),
                                .eid = present,
                                .clock = clock,
                                .consent = consent,
                                .now = now_});
  if (!outcome) {
    persist(*actions.pending());
    outcome = actions.commit();
  }
  if (outcome->refusal) return static_cast<bluez::AttError>(fmdn::error_of(*outcome->refusal));
  if (!outcome->notification.empty()) notify(kBeaconActions, outcome->notification);
  dult.set_separated(actions.unwanted_tracking().active());
  if (outcome->ring == fmdn::RingStep::requested) {
    const auto state = ring.settle(ring.sound() ? ring.sound()->components : fmdn::Components{0});
    if (const auto told = actions.ring_notification(state, now_)) notify(kBeaconActions, told->octets);
  }
  if (outcome->factory_reset) {
    keys.clear();
    actions.factory_reset();
  }
  return {};
}

bluez::WriteOutcome FakeTag::write_dult(BytesView value) {
  const auto outcome = dult.write(kConnection, value, 0, now_);
  if (outcome.error) return static_cast<bluez::AttError>(*outcome.error);
  carry_out(outcome.effects);
  return {};
}

void FakeTag::carry_out(const dult::Effects& effects) {
  for (const auto& indication : effects.indications) notify(kDult, indication.value);
  if (effects.start) {
    sound_ = effects.start;
    carry_out(dult.sound_started(*sound_, now_));
  }
}

std::optional<dult::Identifier> FakeTag::identifier() {
  if (!provisioned()) return std::nullopt;
  const auto present = fmdn::truncate(eid());
  return dult::make_identifier(present, fmdn::recovery_key(*actions.eik()).view());
}

// Nobody waits in a test: what would come within that time comes at once.
void FakeTag::pass(std::chrono::milliseconds time) {
  if (ring.sound() && ring.sound()->until <= now_ + time) {
    now_ = ring.sound()->until;
    ring.expire(now_);
    if (const auto told = actions.ring_notification(fmdn::RingState::timed_out, now_)) {
      notify(kBeaconActions, told->octets);
    }
  }
  if (const auto due = dult.deadline(); due && *due <= now_ + time) {
    now_ = *due;
    carry_out(dult.advance(now_));
  }
}

Result<Bytes> FakeTag::next_notification(const std::string& uuid, std::chrono::milliseconds limit) {
  auto& waiting = notifications_[uuid];
  const fmdn::Instant until = now_ + limit;
  if (waiting.empty()) pass(limit);
  if (waiting.empty()) {
    now_ = std::max(now_, until);
    return fail(Errc::timeout, "waiting for a notification: none came");
  }
  Bytes value = std::move(waiting.front());
  waiting.pop_front();
  return value;
}

void FakeTag::disconnected() {
  actions.disconnected(kConnection);
  dult.disconnected(kConnection);
  provider_.disconnected(kLink, fastpair::Time{now_});
  subscribed_.clear();
  notifications_.clear();
}

Result<std::unique_ptr<bluez::Link>> FakeCentral::connect(const std::string& address, std::chrono::milliseconds) {
  if (!in_range_ || address != tag_.address) return fail(Errc::timeout, "device " + address + " was not seen in time");
  return std::unique_ptr<bluez::Link>{std::make_unique<FakeLink>(tag_)};
}

}  // namespace signet::ctl
