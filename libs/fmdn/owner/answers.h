// What the answers of Beacon Actions say, once Exchange::open() has found them genuine. Errors are invalid_argument
// (not the size or sense that the specification gives the answer) or unsupported (a value that it does not define).
#pragma once

#include "fmdn/eid.h"
#include "fmdn/owner/exchange.h"

namespace signet::fmdn::owner {

struct Parameters {
  std::int8_t calibrated_power;  // dBm at 0 m
  std::uint32_t clock;           // seconds
  Curve curve;
  RingParts ring_parts;
  bool ring_volumes;
};
// `account_key`: that of the request.
Result<Parameters> decode_parameters(BytesView answer, AccountKeyView account_key);

struct ProvisioningState {
  bool provisioned;
  bool owner;  // the account key of the request is the owner's
  Bytes eid;   // when provisioned: 20 or 32 octets
};
Result<ProvisioningState> decode_provisioning_state(BytesView answer);

// `owner_key`: the owner's account key, which the answer is wrapped with.
Result<Eik> decode_eik(BytesView answer, AccountKeyView owner_key);

struct RingingState {
  Components ringing;
  Deciseconds left;
};
Result<RingingState> decode_ringing_state(BytesView answer);
Result<RingNotice> decode_ring_notice(BytesView answer);

// What an error that an accessory gave to a request means, in a sentence without its full stop. Any octet is allowed.
std::string explain(std::uint8_t att_error, DataId request);

}  // namespace signet::fmdn::owner
