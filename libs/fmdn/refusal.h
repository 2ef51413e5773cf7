// Why a write to Beacon Actions is refused, and the error that its client gets for it (FMDN specification, "Beacon
// Actions", errors of each operation).
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace signet::fmdn {

// Errors of the attribute protocol that Beacon Actions answers with.
enum class AttError : std::uint8_t {
  unlikely_error = 0x0e,
  unauthenticated = 0x80,
  invalid_value = 0x81,
  no_user_consent = 0x82,
};

// In the order in which they are looked for: a request is refused for the first that holds.
enum class Refusal : std::uint8_t {
  no_nonce,            // never read on this connection, or used up
  malformed,           // shorter than two octets, or the length octet disagrees with the write
  unknown_operation,   // no such data ID here
  wrong_length,        // not a length that the operation has
  not_provisioned,     // nothing to clear, to ring or to protect
  nothing_to_recover,  // the same for the recovery of the key, which differs in practice
  not_authentic,       // of no key that may ask for this
  not_owner,           // of an account key that is not the owner's
  hash_missing,        // a new key while there is one needs the hash of the present one
  hash_unexpected,     // there is no key that the hash could be of
  wrong_hash,          // of another key or nonce
  missing_component,   // there is nothing there to ring
  no_consent,          // the user has not agreed
  illegal_value,       // of a ring request, or a reserved bit
  internal,            // nothing was changed, and it was not the client's fault
};

// The error according to the specification.
AttError error_of(Refusal refusal);

// For the log: what was wrong, in a clause.
std::string_view words(Refusal refusal);

// Where other implementations do not follow the specification. This is the one place that knows about it: the accessory
// follows the specification, the owner's side can explain what it gets from others.
struct Difference {
  Refusal refusal;
  std::span<const std::uint8_t> data_ids;  // of the operations that it concerns
  AttError specified;
  std::span<const AttError> also_seen;
};
std::span<const Difference> differences();

}  // namespace signet::fmdn
