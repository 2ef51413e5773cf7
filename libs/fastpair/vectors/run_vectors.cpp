#include "fastpair/vectors/run_vectors.h"

#include <array>

#include "fastpair/vectors/sections.h"

namespace signet::fastpair {
namespace {

struct Group {
  std::string_view name;
  Result<std::string> (*run)(const JsonCursor& entry);
};
constexpr std::array kGroups{
    Group{"primitives", run_primitive},
    Group{"anti_spoofing", run_anti_spoofing},
    Group{"key_based_pairing", run_key_based_pairing},
    Group{"passkey", run_passkey},
    Group{"account_key", run_account_key},
    Group{"additional_data", run_additional_data},
    Group{"account_key_filter", run_filter},
    Group{"adverts", run_advert},
    Group{"message_stream", run_message},
};

Result<void> run_group(const JsonCursor& group, Recorder& recorder) {
  const std::string_view name = std::string_view{group.path()}.substr(group.path().find('.') + 1);
  const auto* known = std::ranges::find(kGroups, name, &Group::name);
  if (known == kGroups.end()) return group.malformed("is not a group of this format");
  SIGNET_ASSIGN(const auto entries, group.elements());
  for (const JsonCursor& entry : entries) {
    SIGNET_ASSIGN(const std::string id, vectors::text_of(entry, "id"));
    SIGNET_ASSIGN(std::string difference, known->run(entry));
    recorder.record(std::string{name} + "/" + id, std::move(difference));
  }
  return {};
}

}  // namespace

Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress) {
  SIGNET_ASSIGN(const boost::json::value value, vectors::parse(json, kVectorFormat));
  SIGNET_ASSIGN(const JsonCursor groups, (JsonCursor{value, ""}.member("groups")));
  SIGNET_ASSIGN(const std::vector<std::string> names, groups.names());

  Recorder recorder{progress};
  for (const std::string& name : names) {
    SIGNET_ASSIGN(const JsonCursor group, groups.member(name));
    SIGNET_TRY(run_group(group, recorder));
  }
  return vectors::conclude(recorder);
}

}  // namespace signet::fastpair
