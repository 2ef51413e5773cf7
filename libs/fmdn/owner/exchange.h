// The owner's side of Beacon Actions: a request, and whether an answer to it is genuine (FMDN specification, "Beacon
// Actions"). Each needs a nonce that was just read from the accessory.
#pragma once

#include "base/result.h"
#include "fmdn/beacon_message.h"
#include "fmdn/ring_request.h"

namespace signet::fmdn::owner {

using AccountKeyView = std::span<const std::uint8_t, 16>;

// What a read of the characteristic gave. Errors: invalid_argument: not 9 octets; unsupported: another major version.
Result<Nonce> parse_nonce(BytesView value);

// One request, with what it takes to know its answers. Wiped when destroyed.
class Exchange {
 public:
  // `key`: what authenticates the request and its answers. `additional`: at most 247 octets.
  Exchange(const Nonce& nonce, BytesView key, DataId id, BytesView additional = {});

  [[nodiscard]] DataId id() const { return id_; }
  [[nodiscard]] const Bytes& request() const { return request_; }  // to be written, with response

  // The additional data of a notification: the answer or, after a ring request, each of the changes that follow.
  // Errors: invalid_argument: not a message of Beacon Actions, or of another operation; bad_signature: not an answer of
  // this accessory to this request.
  [[nodiscard]] Result<Bytes> open(BytesView notification) const;

 private:
  Nonce nonce_;
  SecretBuffer key_;
  DataId id_;
  Bytes request_;
};

Exchange read_parameters(const Nonce& nonce, AccountKeyView account_key);
Exchange read_provisioning_state(const Nonce& nonce, AccountKeyView account_key);
// `present`: the key that the accessory has now; nothing: it is not provisioned.
Exchange set_eik(const Nonce& nonce, AccountKeyView owner_key, const Eik& eik, const Eik* present);
Exchange clear_eik(const Nonce& nonce, AccountKeyView owner_key, const Eik& present);
Exchange read_eik(const Nonce& nonce, const ShortKey& recovery_key);  // needs the user's consent at the accessory
Exchange ring(const Nonce& nonce, const ShortKey& ring_key, const RingRequest& request);
Exchange read_ringing_state(const Nonce& nonce, const ShortKey& ring_key);
Exchange activate_unwanted_tracking(const Nonce& nonce, const ShortKey& unwanted_tracking_key,
                                    std::uint8_t control_flags);
Exchange deactivate_unwanted_tracking(const Nonce& nonce, const Eik& eik);

}  // namespace signet::fmdn::owner
