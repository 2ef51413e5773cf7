#include "identity/evidence.h"

namespace signet::identity {
namespace {

constexpr AttestationLabels kLabels{.data = "signet-evidence-v1 data", .counter = "signet-evidence-v1 counter"};

Bytes proven(std::string_view space, BytesView data) {
  Bytes b;
  append(b, as_bytes(space));
  b.push_back(0);
  append(b, data);
  return b;
}

}  // namespace

Result<Bytes> make_evidence(rpmb::Session& session, std::string_view space, BytesView data) {
  if (data.empty() || data.size() > kMaxEvidenceData) {
    return fail(Errc::invalid_argument, "evidence over " + std::to_string(data.size()) + " octets; it takes 1 to " +
                                            std::to_string(kMaxEvidenceData));
  }
  return make_attestation(session, kLabels, proven(space, data));
}

EvidenceVerdict verify_evidence(const crypto::HmacKey& rpmb_key, const rpmb::Ueid& ueid, std::string_view space,
                                BytesView data, BytesView frames) {
  return verify_attestation(rpmb_key, ueid, kLabels, proven(space, data), frames);
}

}  // namespace signet::identity
