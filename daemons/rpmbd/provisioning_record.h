// What this machine remembers of a chip it has programmed: the only witness when the chip's own answers cannot be
// believed.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "identity/derivation.h"

namespace signet::rpmbd {

enum class Provisioned : std::uint8_t {
  pending,     // on disk before the key request was sent: the chip may or may not hold the key, the store may be
               // unfinished
  programmed,  // the chip has answered with the key, and the store was made
  verified,    // it has done so again after the power was off: some chips deny or lose a key until then
};
const char* name(Provisioned state);

struct ProvisioningRecord {
  identity::MaskedCid cid{};
  identity::CheckValue root_check{};
  identity::CheckValue key_check{};  // kcv, docs/identity.md
  Provisioned state = Provisioned::pending;
  std::string boot_id;  // the boot in which it was programmed
  std::string time;     // of the last change, UTC; for people
};

// A directory with one JSON file per chip, named after the masked CID: a firmware update of the chip changes the other
// octets.
class ProvisioningRecords {
 public:
  explicit ProvisioningRecords(std::string directory) : directory_{std::move(directory)} {}

  // Nothing when there is no record. Errors: config_invalid: a file that is not a whole record of this chip; io.
  Result<std::optional<ProvisioningRecord>> load(const identity::MaskedCid& cid) const;

  // Replaces the record, atomically; on disk (fsync) when it returns. Errors: no_space, io: the old record still
  // stands.
  Result<void> save(const ProvisioningRecord& record) const;

  [[nodiscard]] std::string path(const identity::MaskedCid& cid) const;

 private:
  std::string directory_;
};

// For tests and fuzzers; load() uses it. Error: config_invalid.
Result<ProvisioningRecord> parse_record(std::string_view text);

}  // namespace signet::rpmbd
