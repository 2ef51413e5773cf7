#include "finder/requests.h"

#include "finder/moment.h"
#include "fmdn/unwanted_tracking.h"

namespace signet::finder {

namespace owner = fmdn::owner;

Result<Parameters> read_parameters(const Radio& radio, keyring::Keyring& keyring, const Target& target) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto key, visit.account_key());
  SIGNET_ASSIGN(const auto answer,
                visit.beacon().ask([&](const auto& nonce) { return owner::read_parameters(nonce, key); }));
  const auto now = present();
  SIGNET_ASSIGN(const auto told, owner::decode_parameters(answer.data, key));
  const auto before = visit.device().clock;
  SIGNET_TRY(visit.keep([&](keyring::Device& device) {
    device.clock = keyring::ClockReading{.beacon = told.clock, .wall = now};
    device.curve = told.curve;
  }));
  std::optional<std::int64_t> offset;
  if (before) offset = static_cast<std::int32_t>(told.clock - before->at(now));
  return Parameters{.told = told, .clock_offset = offset};
}

Result<State> read_state(const Radio& radio, keyring::Keyring& keyring, const Target& target) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto account_key, visit.account_key());
  SIGNET_ASSIGN(const auto answer, visit.beacon().ask([&](const auto& nonce) {
    return owner::read_provisioning_state(nonce, account_key);
  }));
  State state;
  SIGNET_ASSIGN(state.told, owner::decode_provisioning_state(answer.data));
  if (state.told.provisioned && visit.device().eik) {
    const auto key = fmdn::ring_key(*visit.device().eik);
    SIGNET_ASSIGN(const auto rings,
                  visit.beacon().ask([&](const auto& nonce) { return owner::read_ringing_state(nonce, key); }));
    SIGNET_ASSIGN(state.ringing, owner::decode_ringing_state(rings.data));
  }
  SIGNET_TRY(visit.keep([&](keyring::Device& device) { device.owner = state.told.owner; }));
  return state;
}

Result<fmdn::RingNotice> ring(const Radio& radio, keyring::Keyring& keyring, const Target& target,
                              const fmdn::RingRequest& request, bool wait, const HeardNotice& heard) {
  constexpr std::chrono::seconds kPatience{10};
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto* eik, visit.eik());
  const auto key = fmdn::ring_key(*eik);
  SIGNET_ASSIGN(const auto answer,
                visit.beacon().ask([&](const auto& nonce) { return owner::ring(nonce, key, request); }));
  SIGNET_ASSIGN(auto notice, owner::decode_ring_notice(answer.data));
  heard(notice);
  if (notice.state == fmdn::RingState::failed) {
    return fail(Errc::io, "'" + target.name + "' could not ring: none of these components is within reach");
  }
  while (wait && notice.ringing != 0) {
    SIGNET_ASSIGN(notice,
                  visit.beacon().next_notice(answer.exchange, std::chrono::milliseconds{notice.left} + kPatience));
    heard(notice);
  }
  return notice;
}

Result<void> protect(const Radio& radio, keyring::Keyring& keyring, const Target& target, Protection protection) {
  SIGNET_ASSIGN(Visit visit, Visit::begin(radio, keyring, target));
  SIGNET_ASSIGN(const auto* eik, visit.eik());
  SIGNET_TRY(visit.beacon().ask([&](const auto& nonce) {
    if (protection == Protection::off) return owner::deactivate_unwanted_tracking(nonce, *eik);
    const std::uint8_t flags = protection == Protection::on_and_anybody_may_ring ? fmdn::kSkipRingingAuthentication : 0;
    return owner::activate_unwanted_tracking(nonce, fmdn::unwanted_tracking_key(*eik), flags);
  }));
  return visit.keep([](keyring::Device&) {});
}

}  // namespace signet::finder
