#include "finder/beacon_link.h"

#include "fastpair/uuids.h"

namespace signet::finder {
namespace {

Errc code_of(bluez::AttError error) {
  switch (static_cast<fmdn::AttError>(error)) {
    case fmdn::AttError::unauthenticated:
    case fmdn::AttError::no_user_consent: return Errc::access_denied;
    case fmdn::AttError::invalid_value: return Errc::invalid_argument;
    case fmdn::AttError::unlikely_error: return Errc::io;
  }
  return Errc::io;
}

const char* name_of(fmdn::DataId request) {
  switch (request) {
    case fmdn::DataId::read_parameters: return "reading the parameters";
    case fmdn::DataId::read_provisioning_state: return "reading the provisioning state";
    case fmdn::DataId::set_eik: return "setting the identity key";
    case fmdn::DataId::clear_eik: return "clearing the identity key";
    case fmdn::DataId::read_eik: return "reading the identity key back";
    case fmdn::DataId::ring: return "ringing";
    case fmdn::DataId::read_ringing_state: return "reading the ringing state";
    case fmdn::DataId::activate_unwanted_tracking: return "turning unwanted-tracking protection on";
    case fmdn::DataId::deactivate_unwanted_tracking: return "turning unwanted-tracking protection off";
  }
  return "the request";
}

Failure refused(bluez::AttError error, fmdn::DataId request) {
  return fail(code_of(error), std::string{name_of(request)} +
                                  " was refused: " + fmdn::owner::explain(static_cast<std::uint8_t>(error), request));
}

// `error`: why no more notifications are waited for.
Failure without_answer(fmdn::DataId request, bool forged, const Error& error) {
  if (!forged) return fail(error);
  return fail(Errc::bad_signature, std::string{name_of(request)} +
                                       ": an answer came whose authentication does not fit; it is not from this "
                                       "accessory, or was changed on its way. Nothing of it was used");
}

}  // namespace

Result<BeaconLink> BeaconLink::begin(bluez::Link& link, std::chrono::milliseconds limit) {
  SIGNET_TRY(link.subscribe(fastpair::kBeaconActionsUuid, limit));
  return BeaconLink{link, limit};
}

Result<fmdn::Nonce> BeaconLink::read_nonce() {
  SIGNET_ASSIGN(const auto outcome, link_->read(fastpair::kBeaconActionsUuid, limit_));
  if (const auto* value = std::get_if<Bytes>(&outcome)) return fmdn::owner::parse_nonce(*value);
  const auto code = static_cast<std::uint8_t>(std::get<bluez::AttError>(outcome));
  return fail(Errc::io, "reading a nonce was refused with ATT error " + std::to_string(code) +
                            "; another client may hold the accessory: try again in 10 s");
}

Result<BeaconLink::Answer> BeaconLink::exchange(fmdn::owner::Exchange exchange) {
  SIGNET_ASSIGN(const auto written, link_->write(fastpair::kBeaconActionsUuid, exchange.request(), limit_));
  if (const auto* error = std::get_if<bluez::AttError>(&written)) return refused(*error, exchange.id());
  SIGNET_ASSIGN(Bytes data, wait_for(exchange, limit_));
  return Answer{std::move(exchange), std::move(data)};
}

// Others' answers come by, too: notifications go to every subscriber, and a ring goes on while other things are asked.
// One that waits already is still taken when the time is over, but no more of them.
Result<Bytes> BeaconLink::wait_for(const fmdn::owner::Exchange& exchange, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  bool forged = false;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const auto notification =
        link_->next_notification(fastpair::kBeaconActionsUuid, std::max(left, std::chrono::milliseconds{0}));
    if (!notification) return without_answer(exchange.id(), forged, notification.error());
    auto data = exchange.open(*notification);
    if (data) return data;
    forged = forged || data.error().code == Errc::bad_signature;
    if (left.count() <= 0)
      return without_answer(exchange.id(), forged,
                            {Errc::timeout, "waiting for an answer: other notifications came, but not that"});
  }
}

Result<fmdn::RingNotice> BeaconLink::next_notice(const fmdn::owner::Exchange& ringing,
                                                 std::chrono::milliseconds limit) {
  SIGNET_ASSIGN(const Bytes data, wait_for(ringing, limit));
  return fmdn::owner::decode_ring_notice(data);
}

}  // namespace signet::finder
