#include "dult/vectors/run_vectors.h"

#include <algorithm>
#include <map>

#include "base/hex.h"
#include "dult/vectors/groups.h"

namespace signet::dult {
namespace {

struct Group {
  std::string_view name;
  Result<std::string> (*run)(const JsonCursor& entry);
};
constexpr std::array kGroups{
    Group{"identifier", run_identifier},
    Group{"nfc_url", run_nfc_url},
    Group{"opcodes", run_opcode},
    Group{"encodings", run_encoding},
};
constexpr std::string_view kSoundSequences = "sound_sequences";

Result<void> run_group(const JsonCursor& groups, const Group& group, Recorder& recorder) {
  return vectors::for_each_entry(groups, group.name, [&](const JsonCursor& entry, const std::string&) -> Result<void> {
    SIGNET_ASSIGN(const std::string id, text_of(entry, "id"));
    SIGNET_ASSIGN(std::string difference, group.run(entry));
    recorder.record(std::string{group.name} + "/" + id, std::move(difference));
    return {};
  });
}

// A group that nobody runs would pass unseen.
Result<void> check_names(const JsonCursor& groups) {
  SIGNET_ASSIGN(const auto names, groups.names());
  for (const std::string& name : names) {
    if (name == kSoundSequences || std::ranges::find(kGroups, name, &Group::name) != kGroups.end()) continue;
    SIGNET_ASSIGN(const JsonCursor group, groups.member(name));
    return group.malformed("is no group that this program knows");
  }
  return {};
}

}  // namespace

Product any_product() { return {.manufacturer = "manufacturer", .model = "model"}; }

std::string indications_text(const std::vector<Indication>& indications) {
  std::map<ConnectionId, std::string> of;
  for (const Indication& indication : indications) of[indication.to] += " " + to_hex(indication.value);
  std::string text;
  for (const auto& [connection, values] : of) {
    text += (text.empty() ? "" : "; ") + std::to_string(connection) + ":" + values;
  }
  return text;
}

Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress) {
  SIGNET_ASSIGN(const boost::json::value value, vectors::parse(json, kVectorFormat));
  const JsonCursor document{value, ""};
  SIGNET_ASSIGN(const JsonCursor groups, document.member("groups"));
  SIGNET_TRY(check_names(groups));

  Recorder recorder{progress};
  for (const Group& group : kGroups) SIGNET_TRY(run_group(groups, group, recorder));
  SIGNET_TRY(vectors::for_each_entry(groups, kSoundSequences, [&](const JsonCursor& entry, const std::string&) {
    return run_sound_sequence(entry, recorder);
  }));
  return vectors::conclude(recorder);
}

}  // namespace signet::dult
