// Notifications of ringing, and the messages of the stream.
#include "base/hex.h"
#include "fastpair/stream_messages.h"
#include "fmdn/beacon_actions.h"
#include "fmdn/vectors/sections.h"

namespace signet::fmdn {
namespace {

using vectors::number_of;
using vectors::octets_of;
using vectors::text_of;

Result<void> compare_message(const JsonCursor& entry, const fastpair::Message& message, Differences& differences) {
  SIGNET_ASSIGN(const Bytes octets, fastpair::encode(message));
  return compare_if_there(entry, "message", octets, differences);
}

bool asks_for_capabilities(BytesView octets) {
  const auto messages = fastpair::MessageReader{}.take(octets);
  return messages.size() == 1 &&
         std::holds_alternative<fastpair::CapabilityUpdateRequest>(fastpair::parse_from_seeker(messages.front()));
}

Result<std::string> run_current_eid(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const auto clock, number_of<std::uint32_t>(entry, "clock"));
  const auto identity = identity_at(eik, clock, curve);
  if (!identity) return std::string{"there is no identifier"};
  Differences differences;
  SIGNET_TRY(compare_message(entry, fastpair::current_eid(clock, identity->eid), differences));
  return differences.text();
}

Result<std::string> run_tracking(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto provisioned, number_of<std::uint8_t>(entry, "provisioned"));
  SIGNET_ASSIGN(const auto address, octets_of<6>(entry, "ble_address"));
  SIGNET_ASSIGN(const Bytes request, octets_of(entry, "request"));
  Differences differences;
  if (!asks_for_capabilities(request)) differences.compare("request", "answered", "unknown");
  SIGNET_TRY(compare_message(entry, fastpair::fmdn_tracking(provisioned != 0, address), differences));
  return differences.text();
}

Result<std::string> run_firmware_version(const JsonCursor& entry) {
  SIGNET_ASSIGN(const std::string version, text_of(entry, "version"));
  Differences differences;
  SIGNET_TRY(compare_message(entry, fastpair::firmware_version(version), differences));
  return differences.text();
}

}  // namespace

Result<std::string> run_ring_notification(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto nonce, octets_of<sizeof(Nonce)>(entry, "ring_nonce"));
  SIGNET_ASSIGN(const auto state, number_of<std::uint8_t>(entry, "state"));
  SIGNET_ASSIGN(const auto components, number_of<std::uint8_t>(entry, "components"));
  SIGNET_ASSIGN(const auto left, number_of<std::uint16_t>(entry, "left_ds"));
  const RingNotice notice{.state = static_cast<RingState>(state), .ringing = components, .left = Deciseconds{left}};
  Differences differences;
  SIGNET_TRY(compare_if_there(entry, "notify", encode_ring_notification(eik, nonce, notice), differences));
  return differences.text();
}

Result<std::string> run_message_stream(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto eik, entry.find("eik"));
  if (eik) return run_current_eid(entry);
  SIGNET_ASSIGN(const auto address, entry.find("ble_address"));
  if (address) return run_tracking(entry);
  return run_firmware_version(entry);
}

}  // namespace signet::fmdn
