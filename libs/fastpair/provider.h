// The Provider's side of Fast Pair: what Seekers write and what becomes of their links goes in, decisions come out. It
// does no input or output, has no clock and keeps nothing: the caller carries the decisions out, in their order, and
// tells what came of it (Fast Pair specification, "Procedures").
//
//   key-based pairing --> bonding: passkey compared --> bonded --> account key          (ordinary devices)
//   key-based pairing ----------------------------------------> account key             (locator tags)
//   key-based pairing, retroactive, shortly after a bond --------> account key
//   action request --> additional data (the personalised name)
#pragma once

#include <chrono>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "crypto/random.h"
#include "fastpair/account_keys.h"
#include "fastpair/address.h"
#include "fastpair/failure_counter.h"
#include "fastpair/pairing_packets.h"
#include "fastpair/used_requests.h"

namespace signet::fastpair {

using Time = std::chrono::steady_clock::time_point;
using Link = std::string;    // the connection of a GATT client, as the caller names it
using Device = std::string;  // the other side of a pairing; may be the same peer under another name than its link's

// How long a Provider waits for the next step.
inline constexpr std::chrono::seconds kForPairing{10};  // after key-based pairing, for bonding or additional data
inline constexpr std::chrono::seconds kForPasskey{10};  // after the numeric comparison began, for the Seeker's passkey
inline constexpr std::chrono::seconds kForBond{30};     // after the passkeys were found equal; the pairing's own limit
inline constexpr std::chrono::seconds kForAccountKey{60};   // after the bond, or after key-based pairing without one
inline constexpr std::chrono::seconds kForRetroactive{60};  // after a bond that Fast Pair had no part in

enum class Characteristic : std::uint8_t { key_based_pairing, passkey, account_key, additional_data };

// Outcomes of a write, as the Attribute Protocol numbers them.
enum class Att : std::uint8_t { success = 0x00, invalid_length = 0x0d, unlikely_error = 0x0e };

// ---- decisions ----

struct Notify {  // to the link that wrote
  Link link;
  Characteristic characteristic;
  Bytes octets;
};
struct StartBonding {
  Address seeker;
};
struct ConfirmPairing {  // the answer to the numeric comparison with `device`
  Device device;
};
struct RejectPairing {
  Device device;
};
struct LeavePairing {  // Fast Pair has no part in it: what else the device allows decides
  Device device;
};
// The account keys as they are to be. They take effect when the caller puts them in the place of those that the
// Provider refers to: after they have been stored, or at once with order_only. Failing that, the write is answered with
// unlikely_error and nothing has changed.
struct StoreKeys {
  AccountKeys keys;
  bool order_only = false;
};
struct StoreName {  // store, then set_name()
  std::string name;
};
struct DeviceAction {  // as if it had come through the message stream
  std::uint8_t group = 0;
  std::uint8_t code = 0;
  Bytes data;
};
using Decision =
    std::variant<Notify, StartBonding, ConfirmPairing, RejectPairing, LeavePairing, StoreKeys, StoreName, DeviceAction>;
using Decisions = std::vector<Decision>;

struct Reply {
  Att att = Att::success;  // the answer to the write, after the decisions have been carried out
  Decisions decisions;
};

// ---- the Provider ----

enum class Bonding : std::uint8_t {
  required,
  none,  // a locator tag: the account key follows key-based pairing directly, and every bonding is refused
};

struct ProviderConfig {
  Bonding bonding = Bonding::required;
  bool only_fast_pair = true;             // pairing outside of a Fast Pair session is refused
  std::optional<Address> public_address;  // of BR/EDR; nothing: the device has LE only and answers with the address it
                                          // was asked by
  std::optional<Address> second_address;  // for extended responses
  ExtendedFlags flags;                    // for extended responses
};

// The addresses that the Provider is known by over the air.
struct OwnAddresses {
  Address current{};                                  // of the advert that Seekers connect to
  std::optional<Address> identity;                    // the one behind private addresses, if Seekers may use it
  std::optional<IdentityResolvingKey> resolving_key;  // with it, every private address that it resolves is ours
  [[nodiscard]] bool contain(const Address& address) const;
};

// A pairing that has come to the numeric comparison.
struct Comparison {
  Device device;
  std::optional<Link> link;  // when it is known to be the link of a GATT client
  Address address{};         // of the device
  std::uint32_t passkey = 0;
};

// Not thread-safe. `anti_spoofing`, `keys` and `random` must outlive it. `now` must never go back.
class Provider {
 public:
  Provider(ProviderConfig config, const crypto::P256PrivateKey& anti_spoofing, const AccountKeys& keys,
           crypto::Random& random)
      : config_{std::move(config)}, anti_spoofing_{anti_spoofing}, keys_{keys}, random_{random} {}

  void set_addresses(OwnAddresses addresses) { addresses_ = std::move(addresses); }
  // The device has BR/EDR, and its Seekers bond and speak with it there.
  void set_public_address(const Address& address) {
    config_.public_address = address;
    config_.flags = {.ble_only = false, .prefers_ble_bonding = false, .prefers_le_transport = false};
  }
  void set_pairing_mode(bool on) { pairing_mode_ = on; }  // sessions that are under way go on
  void set_name(std::string name) { name_ = std::move(name); }
  [[nodiscard]] bool pairing_mode() const { return pairing_mode_; }
  [[nodiscard]] const std::string& name() const { return name_; }  // empty: there is none

  // A write to one of the characteristics. Any octets may come. A request that no key fits is answered with success and
  // nothing else, so that it tells nothing; one that comes after ten failures, and a write that no session is waiting
  // for, with unlikely_error.
  Reply write(Characteristic characteristic, const Link& link, BytesView octets, Time now);

  Decisions comparison_began(const Comparison& comparison, Time now);
  Decisions bonded(const Device& device, const Address& address, Time now);
  Decisions pairing_failed(const Device& device, Time now);
  Decisions disconnected(const Link& link, Time now);

  // Whether an agent may let this device begin to pair at all; it is asked again at the numeric comparison.
  [[nodiscard]] bool may_pair(const Comparison& comparison, Time now);

  // Whether a Seeker is about to pair, or in the middle of it: nobody else may.
  [[nodiscard]] bool expects_pairing() const;

  // When to call expire(), for what waits; nothing waits when there is none.
  [[nodiscard]] std::optional<Time> deadline() const;
  Decisions expire(Time now);

  // Ends every session, as a factory reset must. The caller clears keys and name.
  Decisions reset();

  [[nodiscard]] int failures(Time now) const { return failures_.count(now); }
  [[nodiscard]] bool session_open(const Link& link) const { return sessions_.contains(link); }

 private:
  enum class Waiting : std::uint8_t { for_pairing, for_passkey, for_bond, for_account_key, for_data };

  struct Session {
    SessionKey key;
    Waiting waiting;
    Time until;
    std::optional<Address> seeker;                // that the request named
    std::optional<Device> device;                 // of the pairing, once there is one
    std::optional<std::uint32_t> own_passkey;     // of the numeric comparison
    std::optional<std::uint32_t> seeker_passkey;  // came first
  };
  using Sessions = std::map<Link, Session>;

  // A key that fits a request, and which of the account keys it is.
  struct Match {
    SessionKey key;
    Request request;
    std::optional<std::size_t> index;
  };
  struct OutsideBond {
    Address address;
    Time time;
  };

  Reply write_request(const Link& link, BytesView octets, Time now);
  Reply write_passkey(const Link& link, BytesView octets, Time now);
  Reply write_account_key(const Link& link, BytesView octets, Time now);
  Reply write_data(const Link& link, BytesView octets, Time now);

  std::optional<Match> match(BytesView octets) const;
  std::optional<Match> match_public_key(const Block& block, const PublicKey& seeker) const;
  std::optional<Match> match_account_key(const Block& block) const;
  std::optional<Match> match_key(SessionKey key, const Block& block, std::optional<std::size_t> index) const;

  void serve(const PairingRequest& request, const Link& link, SessionKey key, Time now, Decisions& out);
  void serve(const ActionRequest& request, const Link& link, SessionKey key, Time now, Decisions& out);
  [[nodiscard]] PairingResponse response_to(const Request& request) const;
  void notify(const Link& link, Characteristic characteristic, Bytes octets, Decisions& out) const;
  void notify_block(const Link& link, Characteristic characteristic, const SessionKey& key, const Block& raw,
                    Decisions& out) const;
  void notify_name(const Link& link, const SessionKey& key, Decisions& out) const;

  void open(const Link& link, Session session, Decisions& out);
  Sessions::iterator end(Sessions::iterator session, Decisions& out);
  Session* waiting(const Link& link, std::initializer_list<Waiting> states);
  Sessions::iterator session_for(const Comparison& comparison);
  void compare(Sessions::iterator session, Time now, Decisions& out);
  [[nodiscard]] bool bonded_outside(const Address& address, Time now) const;

  ProviderConfig config_;
  const crypto::P256PrivateKey& anti_spoofing_;
  const AccountKeys& keys_;
  crypto::Random& random_;
  OwnAddresses addresses_;
  bool pairing_mode_ = false;
  std::string name_;
  FailureCounter failures_;
  UsedRequests used_by_key_;      // requests under account keys: only their owners push one another's out
  UsedRequests used_in_pairing_;  // requests with a public key, that anybody can make while in pairing mode
  Sessions sessions_;
  std::vector<OutsideBond> outside_bonds_;
};

}  // namespace signet::fastpair
