// The sections of an "identity-vectors/1" document. Internal to the runner of vectors.
#pragma once

#include <map>

#include "crypto/x509.h"
#include "vectors/document.h"

namespace signet::identity {

using vectors::Differences;
using vectors::JsonCursor;
using vectors::Recorder;
using vectors::text_of;

// What tickets refer to by name.
struct VectorTrust {
  std::map<std::string, crypto::Certificate> certificates;
  std::map<std::string, crypto::RevocationList> lists;
};

Result<void> run_ticket(const JsonCursor& entry, const VectorTrust& trust, Recorder& recorder);

Result<Bytes> base64_of(const JsonCursor& value);

}  // namespace signet::identity
