#include "signetctl/fmdn/beacon_link.h"

#include "fastpair/uuids.h"

namespace signet::ctl {
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

}  // namespace

Failed refused(bluez::AttError error, fmdn::DataId request) {
  return Failed{code_of(error), std::string{name_of(request)} +
                                    " was refused: " + fmdn::owner::explain(static_cast<std::uint8_t>(error), request)};
}

BeaconLink::BeaconLink(bluez::Link& link, std::chrono::milliseconds limit) : link_{link}, limit_{limit} {
  must(link_.subscribe(fastpair::kBeaconActionsUuid, limit_));
}

fmdn::Nonce BeaconLink::read_nonce() {
  const auto outcome = must(link_.read(fastpair::kBeaconActionsUuid, limit_));
  if (const auto* value = std::get_if<Bytes>(&outcome)) return must(fmdn::owner::parse_nonce(*value));
  const auto code = static_cast<std::uint8_t>(std::get<bluez::AttError>(outcome));
  throw Failed{Errc::io, "reading a nonce was refused with ATT error " + std::to_string(code) +
                             "; another client may hold the accessory: try again in 10 s"};
}

BeaconLink::Answer BeaconLink::exchange(fmdn::owner::Exchange exchange) {
  const auto written = must(link_.write(fastpair::kBeaconActionsUuid, exchange.request(), limit_));
  if (const auto* error = std::get_if<bluez::AttError>(&written)) throw refused(*error, exchange.id());
  Bytes data = wait_for(exchange, limit_);
  return {std::move(exchange), std::move(data)};
}

// Others' answers come by, too: notifications go to every subscriber, and a ring goes on while other things are asked.
Bytes BeaconLink::wait_for(const fmdn::owner::Exchange& exchange, std::chrono::milliseconds limit) {
  const auto until = std::chrono::steady_clock::now() + limit;
  bool forged = false;
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    const auto notification =
        link_.next_notification(fastpair::kBeaconActionsUuid, std::max(left, std::chrono::milliseconds{0}));
    if (!notification && forged) {
      throw Failed{Errc::bad_signature, std::string{name_of(exchange.id())} +
                                            ": an answer came whose authentication does not fit; it is not from this "
                                            "accessory, or was changed on its way. Nothing of it was used"};
    }
    if (!notification) throw Failed{notification.error()};
    auto data = exchange.open(*notification);
    if (data) return *std::move(data);
    forged = forged || data.error().code == Errc::bad_signature;
  }
}

fmdn::RingNotice BeaconLink::next_notice(const fmdn::owner::Exchange& ringing, std::chrono::milliseconds limit) {
  return must(fmdn::owner::decode_ring_notice(wait_for(ringing, limit)));
}

}  // namespace signet::ctl
