// Beacon Actions: single writes, and conversations.
#include "base/hex.h"
#include "fmdn/vectors/beacon_state.h"

namespace signet::fmdn {
namespace {

using vectors::boolean_of;
using vectors::octets_of;

std::string text_of(const Bytes& octets) { return octets.empty() ? "null" : to_hex(octets); }

// Hexadecimal text or null.
Result<std::string> nullable_in(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  if (at.is_null()) return std::string{"null"};
  return at.text();
}

// The answer to a write, and the notification before it.
Result<void> compare_outcome(const JsonCursor& expected, const Outcome& outcome, Differences& differences) {
  SIGNET_ASSIGN(const std::string error, nullable_in(expected, "error"));
  const std::uint8_t code = outcome.refusal ? static_cast<std::uint8_t>(error_of(*outcome.refusal)) : 0;
  differences.compare("error", error, outcome.refusal ? to_hex({&code, 1}) : "null");
  SIGNET_ASSIGN(const std::string notification, nullable_in(expected, "notify"));
  differences.compare("notify", notification, text_of(outcome.notification));
  return {};
}

// What changed, the reset of a locator tag included, and the notification that follows a ring request. Cases of foreign
// origin do not tell.
Result<void> compare_consequences(const JsonCursor& entry, const Outcome& outcome, BeaconOfCase& beacon,
                                  Differences& differences) {
  SIGNET_ASSIGN(const JsonCursor state, entry.member("state"));
  SIGNET_ASSIGN(const auto after, entry.find("after"));
  SIGNET_ASSIGN(const auto ring_notify, entry.find("ring_notify"));
  const std::string ring_notification = text_of(beacon.ring_notification(outcome));
  if (ring_notify) {
    SIGNET_ASSIGN(const std::string expected, ring_notify->text());
    differences.compare("ring_notify", expected, ring_notification);
  }
  if (!after) return {};
  if (!ring_notify) differences.compare("ring_notify", "null", ring_notification);
  SIGNET_ASSIGN(const auto reset, after->find("locator_tag_factory_reset"));
  bool resets = false;
  if (reset) {
    SIGNET_ASSIGN(resets, reset->boolean());
  }
  differences.compare("locator_tag_factory_reset", resets ? "true" : "false", outcome.factory_reset ? "true" : "false");
  return beacon.compare_changed(state, *after, differences);
}

Result<void> run_step(const JsonCursor& step, BeaconOfCase& beacon, Differences& differences) {
  SIGNET_ASSIGN(const auto write, step.find("write"));
  if (write) {
    SIGNET_ASSIGN(const Bytes octets, write->octets());
    const Outcome outcome = beacon.write(octets);
    beacon.ring_notification(outcome);
    return compare_outcome(step, outcome, differences);
  }
  SIGNET_ASSIGN(const auto nonce, octets_of<sizeof(Nonce)>(step, "read_nonce"));
  return compare_if_there(step, "value", beacon.read(nonce), differences);
}

}  // namespace

Result<std::string> run_beacon_action(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor state, entry.member("state"));
  SIGNET_ASSIGN(const auto beacon, BeaconOfCase::restore(state));
  SIGNET_ASSIGN(const JsonCursor nonce, entry.member("nonce"));
  if (!nonce.is_null()) {
    SIGNET_ASSIGN(const auto octets, octets_of<sizeof(Nonce)>(entry, "nonce"));
    beacon->read(octets);
  }
  SIGNET_ASSIGN(const Bytes write, octets_of(entry, "write"));
  const Outcome outcome = beacon->write(write);
  Differences differences;
  SIGNET_TRY(compare_outcome(entry, outcome, differences));
  SIGNET_TRY(compare_consequences(entry, outcome, *beacon, differences));
  return differences.text();
}

Result<std::string> run_beacon_sequence(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor state, entry.member("state"));
  SIGNET_ASSIGN(const auto beacon, BeaconOfCase::restore(state));
  SIGNET_ASSIGN(const JsonCursor at, entry.member("steps"));
  SIGNET_ASSIGN(const auto steps, at.elements());
  Differences differences;
  for (const JsonCursor& step : steps) SIGNET_TRY(run_step(step, *beacon, differences));
  SIGNET_ASSIGN(const JsonCursor after, entry.member("after"));
  SIGNET_TRY(beacon->compare(after, differences));
  return differences.text();
}

}  // namespace signet::fmdn
