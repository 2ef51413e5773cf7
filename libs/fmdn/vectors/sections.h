// The groups of an "fmdn-vectors/1" document. Internal to the runner of vectors. Each run ends in what differs.
#pragma once

#include "fmdn/eid.h"
#include "vectors/document.h"

namespace signet::fmdn {

using vectors::Differences;
using vectors::JsonCursor;

Result<std::string> run_primitive(const JsonCursor& entry);
Result<std::string> run_eid(const JsonCursor& entry);
Result<std::string> run_eid_from_r_prime(const JsonCursor& entry);
Result<std::string> run_frame(const JsonCursor& entry);
Result<std::string> run_derived_keys(const JsonCursor& entry);
Result<std::string> run_rotation(const JsonCursor& entry);
Result<std::string> run_eik_wrap(const JsonCursor& entry);
Result<std::string> run_beacon_action(const JsonCursor& entry);
Result<std::string> run_beacon_sequence(const JsonCursor& entry);
Result<std::string> run_ring_notification(const JsonCursor& entry);
Result<std::string> run_message_stream(const JsonCursor& entry);
Result<std::string> run_report(const JsonCursor& entry);
Result<std::string> run_report_failure(const JsonCursor& entry);
Result<std::string> run_resolve(const JsonCursor& entry);

Result<Curve> curve_in(const JsonCursor& entry);
Result<Eik> eik_in(const JsonCursor& entry);

// Compares member `name` with octets that were computed, where the case has it.
Result<void> compare_if_there(const JsonCursor& entry, std::string_view name, BytesView actual,
                              Differences& differences);

}  // namespace signet::fmdn
