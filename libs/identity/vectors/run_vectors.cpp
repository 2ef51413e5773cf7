#include "identity/vectors/run_vectors.h"

#include <algorithm>

#include "base/base64.h"
#include "base/hex.h"
#include "identity/attestation.h"
#include "identity/derivation.h"
#include "identity/ids.h"
#include "identity/vectors/sections.h"
#include "jose/jose.h"

namespace signet::identity {
namespace {

using vectors::octets_of;
using vectors::run_section;

// Compares the text of member `name` with what was computed.
Result<void> compare(const JsonCursor& entry, std::string_view name, const std::string& actual,
                     Differences& differences) {
  SIGNET_ASSIGN(const std::string expected, text_of(entry, name));
  differences.compare(name, expected, actual);
  return {};
}

Result<std::string> run_derivation(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto secret, octets_of<kRootSecretSize>(entry, "root_secret"));
  SIGNET_ASSIGN(const auto cid, octets_of<16>(entry, "cid"));
  const RootSecret root{secret};
  const SecretBytes<32> key = rpmb_key(root, mask(cid));
  Differences differences;
  SIGNET_TRY(compare(entry, "rpmb_key", to_hex(key.view()), differences));
  SIGNET_TRY(compare(entry, "ueid", to_hex(ueid(root, mask(cid))), differences));
  SIGNET_TRY(compare(entry, "kcv", to_hex(rpmb_key_check(key)), differences));
  SIGNET_TRY(compare(entry, "cid_hash", to_hex(cid_hash(mask(cid))), differences));
  return differences.text();
}

Result<std::string> run_identity_digest(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto id, octets_of<16>(entry, "registration_id"));
  Ids ids;
  SIGNET_ASSIGN(ids.model_id, text_of(entry, "model_id"));
  SIGNET_ASSIGN(ids.sn, text_of(entry, "sn"));
  SIGNET_ASSIGN(ids.app_id, text_of(entry, "app_id"));
  Differences differences;
  if (const auto checked = check_ids(ids); !checked) differences.compare("ids", "", checked.error().context);
  SIGNET_TRY(compare(entry, "digest", to_hex(identity_digest(id, ids)), differences));
  return differences.text();
}

Result<std::string> run_thumbprint(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor key_at, entry.member("public_key"));
  SIGNET_ASSIGN(const Bytes key, key_at.octets());
  const auto thumbprint = jose::key_thumbprint(key);
  if (!thumbprint) return thumbprint.error().context;
  Differences differences;
  SIGNET_TRY(compare(entry, "thumbprint", *thumbprint, differences));
  return differences.text();
}

Result<std::string> run_nonce(const JsonCursor& entry) {
  SIGNET_ASSIGN(const std::string label, text_of(entry, "label"));
  SIGNET_ASSIGN(const JsonCursor b_at, entry.member("b"));
  SIGNET_ASSIGN(const Bytes b, b_at.octets());
  Differences differences;
  SIGNET_TRY(compare(entry, "nonce", to_hex(attestation_nonce(label, b)), differences));
  return differences.text();
}

// Every member of the object `section`, base64 of DER.
template <class Thing>
Result<std::map<std::string, Thing>> read_things(const JsonCursor& document, std::string_view section) {
  std::map<std::string, Thing> things;
  SIGNET_ASSIGN(const auto at, document.find(section));
  if (!at) return things;
  SIGNET_ASSIGN(const std::vector<std::string> names, at->names());
  for (const std::string& name : names) {
    SIGNET_ASSIGN(const JsonCursor value, at->member(name));
    SIGNET_ASSIGN(const Bytes der, base64_of(value));
    auto thing = Thing::from_der(der);
    if (!thing) return value.malformed(thing.error().context);
    things.emplace(name, *std::move(thing));
  }
  return things;
}

}  // namespace

Result<Bytes> base64_of(const JsonCursor& value) {
  SIGNET_ASSIGN(const std::string text, value.text());
  auto octets = from_base64(text);
  if (!octets) return value.malformed("is not base64");
  return *std::move(octets);
}

Result<vectors::Report> run_vectors(std::string_view json, const vectors::Progress& progress) {
  SIGNET_ASSIGN(const boost::json::value value, vectors::parse(json, kVectorFormat));
  const JsonCursor document{value, ""};

  Recorder recorder{progress};
  SIGNET_TRY(run_section(document, "derivations", recorder, run_derivation));
  SIGNET_TRY(run_section(document, "identity_digests", recorder, run_identity_digest));
  SIGNET_TRY(run_section(document, "thumbprints", recorder, run_thumbprint));
  SIGNET_TRY(run_section(document, "nonces", recorder, run_nonce));
  VectorTrust trust;
  SIGNET_ASSIGN(trust.certificates, read_things<crypto::Certificate>(document, "certificates"));
  SIGNET_ASSIGN(trust.lists, read_things<crypto::RevocationList>(document, "revocation_lists"));
  SIGNET_TRY(vectors::for_each_entry(document, "tickets", [&](const JsonCursor& entry, const std::string&) {
    return run_ticket(entry, trust, recorder);
  }));
  return vectors::conclude(recorder);
}

}  // namespace signet::identity
