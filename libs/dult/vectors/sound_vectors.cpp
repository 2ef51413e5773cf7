// Courses of events: writes, and time that goes by.
#include <charconv>

#include "base/hex.h"
#include "dult/vectors/groups.h"

namespace signet::dult {
namespace {

using vectors::number_of;
using vectors::octets_of;

// A separated accessory whose ringer does at once what it is asked for.
class Accessory {
 public:
  Accessory() { service_.set_separated(true); }

  void write(ConnectionId from, BytesView octets) {
    Outcome outcome = service_.write(from, octets, 0, now_);
    if (outcome.error) errors_ += "an ATT error to " + std::to_string(from);
    take(std::move(outcome.effects));
  }

  // Stops at every deadline on the way.
  void elapse(Time time) {
    const Time end = now_ + time;
    for (auto next = service_.deadline(); next && *next <= end; next = service_.deadline()) {
      now_ = *next;
      take(service_.advance(now_));
    }
    now_ = end;
  }

  // What was indicated since the last call.
  std::string indicated() {
    const auto indications = std::exchange(indications_, {});
    return std::exchange(errors_, {}) + indications_text(indications);
  }

 private:
  void take(Effects effects) {
    indications_.insert(indications_.end(), effects.indications.begin(), effects.indications.end());
    if (effects.start) take(service_.sound_started(*effects.start, now_));
  }

  KnownIdentifier owner_;
  Service service_{any_product(), owner_};
  Time now_{0};
  std::vector<Indication> indications_;
  std::string errors_;
};

Result<void> run_event(const JsonCursor& step, Accessory& accessory) {
  SIGNET_ASSIGN(const auto elapse, step.find("elapse_s"));
  if (elapse) {
    SIGNET_ASSIGN(const auto seconds, elapse->number<std::uint16_t>());
    accessory.elapse(std::chrono::seconds{seconds});
    return {};
  }
  SIGNET_ASSIGN(const auto connection, number_of<std::uint16_t>(step, "conn"));
  SIGNET_ASSIGN(const Bytes write, octets_of(step, "write"));
  accessory.write(connection, write);
  return {};
}

Result<ConnectionId> connection_of(const JsonCursor& list, const std::string& name) {
  ConnectionId connection = 0;
  const auto read = std::from_chars(name.data(), name.data() + name.size(), connection);
  if (read.ec != std::errc{} || read.ptr != name.data() + name.size()) {
    return list.malformed("is not named by the number of a connection");
  }
  return connection;
}

Result<std::string> expected_indications(const JsonCursor& step) {
  SIGNET_ASSIGN(const JsonCursor lists, step.member("indicate"));
  SIGNET_ASSIGN(const auto names, lists.names());
  std::vector<Indication> expected;
  for (const std::string& name : names) {
    SIGNET_ASSIGN(const JsonCursor list, lists.member(name));
    SIGNET_ASSIGN(const ConnectionId connection, connection_of(list, name));
    SIGNET_ASSIGN(const auto values, list.elements());
    for (const JsonCursor& value : values) {
      SIGNET_ASSIGN(Bytes octets, value.octets());
      expected.push_back({connection, std::move(octets)});
    }
  }
  return indications_text(expected);
}

}  // namespace

Result<void> run_sound_sequence(const JsonCursor& entry, Recorder& recorder) {
  SIGNET_ASSIGN(const std::string id, text_of(entry, "id"));
  SIGNET_ASSIGN(const JsonCursor steps_at, entry.member("steps"));
  SIGNET_ASSIGN(const auto steps, steps_at.elements());
  Accessory accessory;
  for (std::size_t i = 0; i < steps.size(); ++i) {
    SIGNET_TRY(run_event(steps[i], accessory));
    SIGNET_ASSIGN(const std::string expected, expected_indications(steps[i]));
    Differences differences;
    differences.compare("indicate", expected, accessory.indicated());
    recorder.record("sound_sequences/" + id + "/step " + std::to_string(i + 1), differences.text());
  }
  return {};
}

}  // namespace signet::dult
