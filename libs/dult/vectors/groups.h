// The groups of a "dult-vectors/1" document. Internal to the runner of vectors.
#pragma once

#include <string>

#include "dult/service.h"
#include "vectors/document.h"

namespace signet::dult {

using vectors::Differences;
using vectors::JsonCursor;
using vectors::Recorder;
using vectors::text_of;

// Each returns what differs, one line; empty when nothing does.
Result<std::string> run_identifier(const JsonCursor& entry);
Result<std::string> run_nfc_url(const JsonCursor& entry);
Result<std::string> run_opcode(const JsonCursor& entry);
Result<std::string> run_encoding(const JsonCursor& entry);

// Records every step as a check of its own.
Result<void> run_sound_sequence(const JsonCursor& entry, Recorder& recorder);

// An owner, or none.
struct KnownIdentifier final : IdentifierSource {
  std::optional<Identifier> known;
  std::optional<Identifier> identifier() override { return known; }
};

// What a product is where a case does not say: it plays sounds and may be looked up by BLE.
Product any_product();

// "1: 020300030000 0303; 2: 020301030100", in the order of the connections.
std::string indications_text(const std::vector<Indication>& indications);

}  // namespace signet::dult
