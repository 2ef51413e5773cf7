// What the device remembers of its owner, as one record: whole or not at all.
#pragma once

#include <optional>
#include <string>

#include "fastpair/account_keys.h"
#include "fmdn/keys.h"

namespace signet::fmdnd {

struct Record {
  explicit Record(fastpair::KeepKeys keep) : keys{keep} {}

  fastpair::AccountKeys keys;
  std::optional<fmdn::Eik> eik;  // nothing: not provisioned
  std::uint32_t clock = 0;       // of the beacon, when the record was made
  std::string name;              // personalised; nothing: none

  // Paired, but without an owner's key: what a locator tag is only for the time of its set-up.
  [[nodiscard]] bool waits_for_key() const { return !keys.empty() && !eik; }
  [[nodiscard]] Record clone() const;
};

// For a vault. Format 1: "SFMD", 1, clock u32 big-endian, length and octets of the account keys
// (AccountKeys::serialise()), length and octets of the identity key (0 or 32), length and octets of the name; each
// length one octet, but two of the keys.
SecretBuffer encode(const Record& record);

// Errors: damaged; unsupported_format: of a later version.
Result<Record> decode(BytesView octets, fastpair::KeepKeys keep);

}  // namespace signet::fmdnd
