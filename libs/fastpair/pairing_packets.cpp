#include "fastpair/pairing_packets.h"

#include <algorithm>

namespace signet::fastpair {
namespace {

constexpr std::uint8_t kTypePairing = 0x00;
constexpr std::uint8_t kTypeAction = 0x10;
constexpr std::uint8_t kTypeResponse = 0x01;
constexpr std::uint8_t kTypeExtendedResponse = 0x02;

constexpr std::uint8_t kProviderBonds = 0x40;
constexpr std::uint8_t kNotifyName = 0x20;
constexpr std::uint8_t kRetroactive = 0x10;
constexpr std::uint8_t kBleDevices = 0x08;

constexpr std::uint8_t kDeviceAction = 0x80;
constexpr std::uint8_t kDataFollows = 0x40;

constexpr std::uint8_t kBleOnly = 0x80;
constexpr std::uint8_t kPrefersBleBonding = 0x40;
constexpr std::uint8_t kPrefersLeTransport = 0x20;

constexpr std::size_t kProviderAt = 2;
constexpr std::size_t kSeekerAt = 8;
constexpr std::size_t kActionDataAt = 11;
constexpr std::size_t kExtendedHeader = 3;

std::uint8_t bit(bool set, std::uint8_t mask) { return set ? mask : std::uint8_t{0}; }

std::uint8_t flags_of(const PairingRequest& request) {
  return static_cast<std::uint8_t>(bit(request.provider_bonds, kProviderBonds) | bit(request.notify_name, kNotifyName) |
                                   bit(request.retroactive, kRetroactive) | bit(request.ble_devices, kBleDevices));
}

std::uint8_t flags_of(const ExtendedFlags& flags) {
  return static_cast<std::uint8_t>(bit(flags.ble_only, kBleOnly) | bit(flags.prefers_ble_bonding, kPrefersBleBonding) |
                                   bit(flags.prefers_le_transport, kPrefersLeTransport));
}

Address address_at(const Block& raw, std::size_t offset) {
  Address address;
  std::copy_n(raw.begin() + static_cast<std::ptrdiff_t>(offset), kAddressSize, address.begin());
  return address;
}

void put_address(Block& raw, std::size_t offset, const Address& address) {
  std::ranges::copy(address, raw.begin() + static_cast<std::ptrdiff_t>(offset));
}

void salt_from(Block& raw, std::size_t offset, crypto::Random& random) { random.fill(std::span{raw}.subspan(offset)); }

PairingRequest parse_pairing(const Block& raw) {
  PairingRequest request{.provider_bonds = (raw[1] & kProviderBonds) != 0,
                         .notify_name = (raw[1] & kNotifyName) != 0,
                         .retroactive = (raw[1] & kRetroactive) != 0,
                         .ble_devices = (raw[1] & kBleDevices) != 0,
                         .provider = address_at(raw, kProviderAt)};
  if (request.provider_bonds || request.retroactive) request.seeker = address_at(raw, kSeekerAt);
  return request;
}

Result<Request> parse_action(const Block& raw) {
  ActionRequest request{.device_action = (raw[1] & kDeviceAction) != 0,
                        .data_follows = (raw[1] & kDataFollows) != 0,
                        .provider = address_at(raw, kProviderAt)};
  if (!request.device_action) {
    request.data_id = raw[10];
    return request;
  }
  const std::size_t size = raw[10];
  if (size > kMostActionData) return fail(Errc::invalid_argument, "action request: the data is longer than 5 octets");
  request.group = raw[8];
  request.code = raw[9];
  const auto data = std::span{raw}.subspan(kActionDataAt, size);
  request.data.assign(data.begin(), data.end());
  return request;
}

}  // namespace

Address provider_address(const Block& request) { return address_at(request, kProviderAt); }

Result<Request> parse_request(const Block& raw) {
  if (raw[0] == kTypePairing) return parse_pairing(raw);
  if (raw[0] == kTypeAction) return parse_action(raw);
  return fail(Errc::invalid_argument, "key-based pairing request: its type is not known");
}

Block make_request(const PairingRequest& request, crypto::Random& random) {
  Block raw{kTypePairing, flags_of(request)};
  put_address(raw, kProviderAt, request.provider);
  std::size_t salt = kSeekerAt;
  if (request.provider_bonds || request.retroactive) {
    put_address(raw, kSeekerAt, request.seeker);
    salt += kAddressSize;
  }
  salt_from(raw, salt, random);
  return raw;
}

Result<Block> make_request(const ActionRequest& request, crypto::Random& random) {
  if (request.data.size() > kMostActionData) {
    return fail(Errc::invalid_argument, "action request: the data is longer than 5 octets");
  }
  Block raw{kTypeAction, static_cast<std::uint8_t>(bit(request.device_action, kDeviceAction) |
                                                   bit(request.data_follows, kDataFollows))};
  put_address(raw, kProviderAt, request.provider);
  std::size_t salt = kActionDataAt;
  if (request.device_action) {
    raw[8] = request.group;
    raw[9] = request.code;
    raw[10] = static_cast<std::uint8_t>(request.data.size());
    std::ranges::copy(request.data, raw.begin() + kActionDataAt);
    salt += request.data.size();
  } else {
    raw[10] = request.data_id;
  }
  salt_from(raw, salt, random);
  return raw;
}

Block make_response(const PairingResponse& response, crypto::Random& random) {
  Block raw{kTypeResponse};
  std::size_t at = 1;
  std::size_t most = 1;
  if (response.extended) {
    most = std::clamp<std::size_t>(response.addresses.size(), 1, 2);
    raw[0] = kTypeExtendedResponse;
    raw[1] = flags_of(*response.extended);
    raw[2] = static_cast<std::uint8_t>(most);
    at = kExtendedHeader;
  }
  for (std::size_t i = 0; i < most; ++i, at += kAddressSize) {
    if (i < response.addresses.size()) put_address(raw, at, response.addresses[i]);
  }
  salt_from(raw, at, random);
  return raw;
}

Result<PairingResponse> parse_response(const Block& raw) {
  if (raw[0] == kTypeResponse) return PairingResponse{.extended = std::nullopt, .addresses = {address_at(raw, 1)}};
  if (raw[0] != kTypeExtendedResponse) {
    return fail(Errc::invalid_argument, "key-based pairing response: its type is not known");
  }
  const std::size_t count = raw[2];
  if (count != 1 && count != 2) {
    return fail(Errc::invalid_argument, "key-based pairing response: the number of addresses is neither 1 nor 2");
  }
  PairingResponse response{.extended = ExtendedFlags{.ble_only = (raw[1] & kBleOnly) != 0,
                                                     .prefers_ble_bonding = (raw[1] & kPrefersBleBonding) != 0,
                                                     .prefers_le_transport = (raw[1] & kPrefersLeTransport) != 0},
                           .addresses = {}};
  for (std::size_t i = 0; i < count; ++i) {
    response.addresses.push_back(address_at(raw, kExtendedHeader + i * kAddressSize));
  }
  return response;
}

Block make_passkey(PasskeyOf whose, std::uint32_t passkey, crypto::Random& random) {
  Block raw{static_cast<std::uint8_t>(whose), static_cast<std::uint8_t>(passkey >> 16),
            static_cast<std::uint8_t>(passkey >> 8), static_cast<std::uint8_t>(passkey)};
  salt_from(raw, 4, random);
  return raw;
}

Result<std::uint32_t> parse_passkey(PasskeyOf whose, const Block& raw) {
  if (raw[0] != static_cast<std::uint8_t>(whose)) {
    return fail(Errc::invalid_argument, "passkey block: its type is not that of the other side's passkey");
  }
  const std::uint32_t passkey = (std::uint32_t{raw[1]} << 16) | (std::uint32_t{raw[2]} << 8) | raw[3];
  if (passkey > kMostPasskey) return fail(Errc::invalid_argument, "passkey block: the passkey is above 999999");
  return passkey;
}

Result<AccountKey> parse_account_key(const Block& raw) {
  if (raw[0] != kAccountKeyFirstOctet) {
    return fail(Errc::invalid_argument, "first octet is not 0x04");
  }
  return AccountKey{std::span<const std::uint8_t, kBlockSize>{raw}};
}

}  // namespace signet::fastpair
