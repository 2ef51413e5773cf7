// The accessory's side of Beacon Actions: a read gives a nonce, a write is judged and answered (FMDN specification,
// "Beacon Actions", data IDs 0x00 to 0x08). Knows nothing of GATT servers, stores, radios and sound makers: it says
// what they have to do.
//
// Three of the changes that a write can make must survive a power cut before the client hears of them: the choice of
// the owner's account key, a new identity key, the end of an identity key. For these write() decides and changes
// nothing; who has stored the change commits it, and only then is there a notification to send.
#pragma once

#include <optional>
#include <set>

#include "fmdn/eid.h"
#include "fmdn/ring.h"
#include "fmdn/unwanted_tracking.h"

namespace signet::fmdn {

// What the device is; from its configuration.
struct Profile {
  std::int8_t calibrated_power = 0;  // dBm at 0 m
  Curve curve = Curve::secp160r1;
  RingParts ring_parts = RingParts::none;
  bool ring_volumes = false;  // the three volumes can be chosen
  bool locator_tag = false;   // without its identity key it returns to the state of the factory
};

// How things are at the moment of a write.
struct Circumstances {
  std::span<const SecretBytes<16>> account_keys;  // in any order
  std::optional<std::size_t> owner;               // which of them is the owner's; nothing: not chosen yet
  BytesView eid;                                  // that answers give; empty while not provisioned
  std::uint32_t clock = 0;                        // of the beacon
  bool consent = false;                           // pairing mode, or some minutes after a button was pressed
  Instant now{0};
};

enum class KeyChange : std::uint8_t { set, replaced, cleared };

// What is to be stored before it takes effect: all of it or nothing. Where the parts cannot be stored at once, the
// owner comes first: an owner without an identity key is an ordinary state.
struct Change {
  std::optional<std::size_t> owner;  // of the account keys of the Circumstances
  std::optional<KeyChange> key;
  Eik eik;                     // unless cleared
  bool factory_reset = false;  // of a locator tag, after the answer; store a mark with the change to finish it after
                               // a power cut
};

// What becomes of the sound maker.
enum class RingStep : std::uint8_t {
  none,
  requested,  // bring it to Ring::sound(), tell settle(), and send what ring_notification() gives for its state
  silence,    // Ring::silence() and end the sound, once the answer is on its way: nobody can be told
};

// What is to be done after a write.
struct Outcome {
  std::optional<Refusal> refusal;  // answer the write with its error; then there is nothing else
  Bytes notification;              // before the answer to the write; empty: none, as for ring requests

  std::optional<std::size_t> account_key;  // that authenticated the request: the most recently used one
  bool clock_synchronised = false;         // ends what a locator tag advertises after a loss of power
  std::optional<KeyChange> key;  // advertise by the new one from the end of the connection, or not at all any more
  bool mode_changed = false;     // unwanted tracking: other frames from now on, and the address rotates once, now
  RingStep ring = RingStep::none;
  bool factory_reset = false;  // after the answer
};

struct Notification {
  ConnectionId to;
  Bytes octets;
};

// Not thread-safe. The references outlive it.
class BeaconActions {
 public:
  // `eik`: what a store has; nothing: not provisioned.
  BeaconActions(const Profile& profile, std::optional<Eik> eik, Ring& ring, crypto::Random& random);

  // As Nonces::read(); for nothing the answer is the protocol's "invalid offset".
  std::optional<Bytes> read(ConnectionId connection, std::size_t offset = 0) {
    return nonces_.read(connection, offset);
  }

  // Judges a write of any octets. Nothing: it asks for pending(), which is to be stored; then commit(), or abandon() if
  // that failed. Until then every other write is refused as an internal failure.
  std::optional<Outcome> write(ConnectionId connection, BytesView octets, const Circumstances& now);

  [[nodiscard]] const Change* pending() const { return pending_ ? &pending_->change : nullptr; }
  // The change is stored: it takes effect. The client may have gone meanwhile; then its notification has no receiver.
  Outcome commit();
  // It could not be stored: nothing has changed, and the client is told of an internal failure. Also the answer of
  // commit() when nothing is pending.
  Outcome abandon();

  void disconnected(ConnectionId connection);
  // As after a start with what a store has: forgets everything but the configuration, a pending change included.
  void restore(std::optional<Eik> eik);
  void factory_reset() { restore(std::nullopt); }

  // What the client that asked to ring is told of a change of the ringing, whatever the cause. Nothing: nobody did, or
  // it has gone. Silence ends its interest.
  std::optional<Notification> ring_notification(RingState state, Instant now);

  [[nodiscard]] const Eik* eik() const { return eik_ ? &*eik_ : nullptr; }
  UnwantedTracking& unwanted_tracking() { return unwanted_tracking_; }
  [[nodiscard]] const UnwantedTracking& unwanted_tracking() const { return unwanted_tracking_; }

  // Whether a request on this connection succeeded that carried the right key.
  [[nodiscard]] bool authenticated(ConnectionId connection) const { return authenticated_.contains(connection); }

 private:
  // A request that is well formed, and its surroundings.
  struct Request {
    ConnectionId connection;
    Nonce nonce;
    BeaconMessage message;
    const Circumstances& now;
  };
  struct Pending {
    std::optional<ConnectionId> connection;  // nothing: it has ended meanwhile
    Change change;
    Outcome outcome;  // of its success
  };

  // One operation each: what is to be done, or why not. One that proposes a change returns what its success will be.
  using Judged = tl::expected<Outcome, Refusal>;
  Judged judge(ConnectionId connection, BytesView octets, const Circumstances& now);
  Judged carry_out(const Request& request);
  Judged read_parameters(const Request& request);
  Judged read_provisioning_state(const Request& request);
  Judged set_eik(const Request& request);
  Judged clear_eik(const Request& request);
  Judged read_eik(const Request& request);
  Judged ring(const Request& request);
  Judged read_ringing_state(const Request& request);
  Judged activate_unwanted_tracking(const Request& request);
  Judged deactivate_unwanted_tracking(const Request& request);

  [[nodiscard]] bool has_hash(const Request& request, BytesView hash) const;
  void propose(const Request& request, Change change);

  Profile profile_;
  std::optional<Eik> eik_;
  Ring& ring_;
  Nonces nonces_;
  UnwantedTracking unwanted_tracking_;
  std::optional<Pending> pending_;
  std::set<ConnectionId> authenticated_;
};

// The octets of a notification of data ID 0x05. `nonce`: of the request to ring.
Bytes encode_ring_notification(const Eik& eik, const Nonce& nonce, const RingNotice& notice);

}  // namespace signet::fmdn
