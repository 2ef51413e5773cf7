#include "fmdn/vectors/run_vectors.h"

#include "fmdn/vectors/sections.h"

namespace signet::fmdn {

Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress) {
  SIGNET_ASSIGN(const boost::json::value value, vectors::parse(json, kVectorFormat));
  SIGNET_ASSIGN(const JsonCursor groups, (JsonCursor{value, ""}.member("groups")));

  struct Group {
    const char* name;
    Result<std::string> (*run)(const JsonCursor&);
  };
  constexpr Group kGroups[] = {
      {"primitives", run_primitive},
      {"eid", run_eid},
      {"eid_from_r_prime", run_eid_from_r_prime},
      {"frames", run_frame},
      {"derived_keys", run_derived_keys},
      {"rotation", run_rotation},
      {"eik_wrap", run_eik_wrap},
      {"beacon_actions", run_beacon_action},
      {"beacon_sequences", run_beacon_sequence},
      {"ring_notifications", run_ring_notification},
      {"message_stream", run_message_stream},
      {"reports", run_report},
      {"report_failures", run_report_failure},
      {"resolve_urx", run_resolve},
  };
  vectors::Recorder recorder{progress};
  for (const Group& group : kGroups) SIGNET_TRY(vectors::run_section(groups, group.name, recorder, group.run));
  return vectors::conclude(recorder);
}

}  // namespace signet::fmdn
