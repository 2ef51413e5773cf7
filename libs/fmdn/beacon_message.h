// The layout that requests and responses of Beacon Actions share, and what authenticates them (FMDN specification,
// "Beacon Actions"): data ID, number of octets that follow, 8 octets of authentication, additional data.
#pragma once

#include <tl/expected.hpp>

#include "fmdn/keys.h"
#include "fmdn/refusal.h"

namespace signet::fmdn {

enum class DataId : std::uint8_t {
  read_parameters = 0x00,
  read_provisioning_state = 0x01,
  set_eik = 0x02,
  clear_eik = 0x03,
  read_eik = 0x04,
  ring = 0x05,
  read_ringing_state = 0x06,
  activate_unwanted_tracking = 0x07,
  deactivate_unwanted_tracking = 0x08,
};

inline constexpr std::uint8_t kProtocolVersion = 0x01;
inline constexpr std::size_t kReadSize = 1 + sizeof(Nonce);  // what a read gives: version, nonce

using Authentication = std::array<std::uint8_t, 8>;

// `key`: any octets; account keys have 16, those derived from the identity key 8.
Authentication request_authentication(BytesView key, const Nonce& nonce, DataId id, BytesView additional);
Authentication response_authentication(BytesView key, const Nonce& nonce, DataId id, BytesView additional);

// The octets of a request or a response. `additional`: at most 247 octets.
Bytes encode(DataId id, const Authentication& authentication, BytesView additional);
Bytes response(BytesView key, const Nonce& nonce, DataId id, BytesView additional);

// A message taken apart; borrows the octets.
struct BeaconMessage {
  DataId id;
  Authentication authentication;
  BytesView additional;
};

// Refuses what is malformed, of an unknown operation, or of a length that no request of that operation has.
tl::expected<BeaconMessage, Refusal> parse_request(BytesView octets);

// Whether a message carries the authentication that `key` gives it, in constant time.
bool is_request_of(const BeaconMessage& message, BytesView key, const Nonce& nonce);
bool is_response_of(const BeaconMessage& message, BytesView key, const Nonce& nonce);

}  // namespace signet::fmdn
