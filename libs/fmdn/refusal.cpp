#include "fmdn/refusal.h"

#include <array>

namespace signet::fmdn {
namespace {

constexpr std::array<std::uint8_t, 3> kOthersThatNeedAKey{0x03, 0x07, 0x08};
constexpr std::array<std::uint8_t, 2> kRinging{0x05, 0x06};
constexpr std::array<std::uint8_t, 1> kRecovery{0x04};
constexpr std::array<std::uint8_t, 1> kSetEik{0x02};

constexpr std::array<AttError, 1> kInvalidValue{AttError::invalid_value};
constexpr std::array<AttError, 2> kInvalidValueOrUnlikely{AttError::invalid_value, AttError::unlikely_error};

constexpr Difference kDifferences[] = {
    {Refusal::not_provisioned, kOthersThatNeedAKey, AttError::unauthenticated, kInvalidValue},
    {Refusal::not_provisioned, kRinging, AttError::unauthenticated, kInvalidValueOrUnlikely},
    {Refusal::nothing_to_recover, kRecovery, AttError::unauthenticated, kInvalidValueOrUnlikely},
    {Refusal::hash_missing, kSetEik, AttError::unauthenticated, kInvalidValue},
    {Refusal::hash_unexpected, kSetEik, AttError::unauthenticated, kInvalidValue},
};

}  // namespace

AttError error_of(Refusal refusal) {
  switch (refusal) {
    case Refusal::no_nonce:
    case Refusal::not_provisioned:
    case Refusal::nothing_to_recover:
    case Refusal::not_authentic:
    case Refusal::not_owner:
    case Refusal::hash_missing:
    case Refusal::hash_unexpected:
    case Refusal::wrong_hash:
    case Refusal::missing_component: return AttError::unauthenticated;
    case Refusal::malformed:
    case Refusal::unknown_operation:
    case Refusal::wrong_length:
    case Refusal::illegal_value: return AttError::invalid_value;
    case Refusal::no_consent: return AttError::no_user_consent;
    case Refusal::internal: return AttError::unlikely_error;
  }
  return AttError::unlikely_error;
}

std::string_view words(Refusal refusal) {
  switch (refusal) {
    case Refusal::no_nonce: return "no nonce was read for it";
    case Refusal::malformed: return "its length octet disagrees with its size";
    case Refusal::unknown_operation: return "its data ID is not known";
    case Refusal::wrong_length: return "its length is not one that the operation has";
    case Refusal::not_provisioned:
    case Refusal::nothing_to_recover: return "the beacon is not provisioned";
    case Refusal::not_authentic: return "no key that may ask for it authenticates it";
    case Refusal::not_owner: return "its account key is not the owner's";
    case Refusal::hash_missing: return "the hash of the present key is missing";
    case Refusal::hash_unexpected: return "it has the hash of a key where there is none";
    case Refusal::wrong_hash: return "the hash of the present key is wrong";
    case Refusal::missing_component: return "it asks for components that are not there";
    case Refusal::no_consent: return "the user has not consented";
    case Refusal::illegal_value: return "it has a value that is not allowed";
    case Refusal::internal: return "it could not be carried out";
  }
  return "it could not be carried out";
}

std::span<const Difference> differences() { return kDifferences; }

}  // namespace signet::fmdn
