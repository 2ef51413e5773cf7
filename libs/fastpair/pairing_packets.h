// The blocks of key-based pairing, in clear: request, response, passkey and account key (Fast Pair specification,
// "Procedures" and "GATT characteristics"). All are one AES block; encrypting it is the business of SessionKey.
#pragma once

#include <span>
#include <variant>
#include <vector>

#include "base/result.h"
#include "crypto/random.h"
#include "fastpair/address.h"
#include "fastpair/session_key.h"

namespace signet::fastpair {

// Sizes of a write to the Key-based Pairing characteristic.
inline constexpr std::size_t kRequestSize = kBlockSize;
inline constexpr std::size_t kRequestWithKeySize = kBlockSize + kPublicKeySize;

// A request of type 0x00. The Seeker's address is there with seeker_bonds == false or retroactive only.
struct PairingRequest {
  bool provider_bonds = false;  // the Provider shall begin bonding, with `seeker`
  bool notify_name = false;
  bool retroactive = false;  // only an account key is wanted, for the bond with `seeker` that exists
  bool ble_devices = false;  // the Seeker understands the extended response
  Address provider{};
  Address seeker{};
  bool operator==(const PairingRequest&) const = default;
};

inline constexpr std::uint8_t kPersonalisedName = 0x01;  // data ID of the Additional Data that an action announces
inline constexpr std::size_t kMostActionData = 5;

// A request of type 0x10.
struct ActionRequest {
  bool device_action = false;  // `group`, `code` and `data` count
  bool data_follows = false;   // a write of Additional Data will come, of kind `data_id`
  Address provider{};
  std::uint8_t group = 0;
  std::uint8_t code = 0;
  std::uint8_t data_id = 0;
  Bytes data;  // at most 5 octets
  bool operator==(const ActionRequest&) const = default;
};

using Request = std::variant<PairingRequest, ActionRequest>;

// The address that octets 2 to 7 of any request claim to be the Provider's.
Address provider_address(const Block& request);

// invalid_argument: another type, or data longer than the packet has room for.
Result<Request> parse_request(const Block& raw);

// The salt fills what the fields leave.
Block make_request(const PairingRequest& request, crypto::Random& random);
// invalid_argument: more data than 5 octets.
Result<Block> make_request(const ActionRequest& request, crypto::Random& random);

struct ExtendedFlags {
  bool ble_only = true;
  bool prefers_ble_bonding = true;
  bool prefers_le_transport = true;
  bool operator==(const ExtendedFlags&) const = default;
};

struct PairingResponse {
  std::optional<ExtendedFlags> extended;  // nothing: the standard response
  std::vector<Address> addresses;         // one; an extended response may have two
  bool operator==(const PairingResponse&) const = default;
};

// Only the first address of a standard response counts, the first two of an extended one.
Block make_response(const PairingResponse& response, crypto::Random& random);
// invalid_argument: another type, or a number of addresses that is neither 1 nor 2.
Result<PairingResponse> parse_response(const Block& raw);

inline constexpr std::uint32_t kMostPasskey = 999'999;
enum class PasskeyOf : std::uint8_t { seeker = 0x02, provider = 0x03 };

Block make_passkey(PasskeyOf whose, std::uint32_t passkey, crypto::Random& random);
// invalid_argument: it is of the other side, or the number has more than six digits.
Result<std::uint32_t> parse_passkey(PasskeyOf whose, const Block& raw);

// invalid_argument: the first octet is not 0x04.
Result<AccountKey> parse_account_key(const Block& raw);

}  // namespace signet::fastpair
