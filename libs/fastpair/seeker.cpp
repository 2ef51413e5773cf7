#include "fastpair/seeker.h"

#include <algorithm>

namespace signet::fastpair {
namespace {

Result<Block> block_of(BytesView notification, const char* what) {
  if (notification.size() != kBlockSize) {
    return fail(Errc::invalid_argument, std::string{what} + " is not of 16 octets");
  }
  Block block;
  std::ranges::copy(notification, block.begin());
  return block;
}

}  // namespace

Result<Seeker> Seeker::meet(const PublicKey& anti_spoofing, crypto::Random& random) {
  return meet(anti_spoofing, crypto::P256PrivateKey::generate(), random);
}

Result<Seeker> Seeker::meet(const PublicKey& anti_spoofing, const crypto::P256PrivateKey& own, crypto::Random& random) {
  auto key = agree(own, anti_spoofing);
  if (!key) return fail(Errc::invalid_argument, "anti-spoofing key: the point is not on the curve P-256");
  SIGNET_ASSIGN(const PublicKey own_public, crypto::public_point(own.public_der()));
  return Seeker{SessionKey{*std::move(key)}, own_public, random};
}

Seeker Seeker::recall(const AccountKey& key, crypto::Random& random) {
  return Seeker{SessionKey{key.clone()}, std::nullopt, random};
}

Bytes Seeker::request(const Block& raw) const {
  const Block encrypted = key_.encrypt(raw);
  Bytes out(own_ ? kRequestWithKeySize : kRequestSize);
  std::ranges::copy(encrypted, out.begin());
  if (own_) std::ranges::copy(*own_, out.begin() + kBlockSize);
  return out;
}

Bytes Seeker::pairing_request(const PairingRequest& wanted) { return request(make_request(wanted, *random_)); }

Result<Bytes> Seeker::action_request(const ActionRequest& wanted) {
  SIGNET_ASSIGN(const Block raw, make_request(wanted, *random_));
  return request(raw);
}

Result<PairingResponse> Seeker::read_response(BytesView notification) const {
  SIGNET_ASSIGN(const Block block, block_of(notification, "key-based pairing response"));
  return parse_response(key_.decrypt(block));
}

Bytes Seeker::passkey(std::uint32_t shown) {
  const Block encrypted = key_.encrypt(make_passkey(PasskeyOf::seeker, shown, *random_));
  return {encrypted.begin(), encrypted.end()};
}

Result<std::uint32_t> Seeker::read_passkey(BytesView notification) const {
  SIGNET_ASSIGN(const Block block, block_of(notification, "passkey notification"));
  return parse_passkey(PasskeyOf::provider, key_.decrypt(block));
}

AccountKey Seeker::new_account_key() {
  AccountKey key;
  random_->fill(key.writable());
  key.writable()[0] = kAccountKeyFirstOctet;
  return key;
}

Bytes Seeker::give(const AccountKey& key) const {
  Block block;
  std::ranges::copy(key.view(), block.begin());
  const Block encrypted = key_.encrypt(block);
  wipe(block.data(), block.size());
  return {encrypted.begin(), encrypted.end()};
}

Result<Bytes> Seeker::give_name(std::string_view name) {
  if (!valid_name(as_bytes(name)) && name.size() <= kMostData) {
    return fail(Errc::invalid_argument, "personalised name: not UTF-8, or with control characters");
  }
  return seal_data(key_, random_->bytes<kDataNonceSize>(), as_bytes(name));
}

Result<std::string> Seeker::read_name(BytesView notification) const {
  SIGNET_ASSIGN(const Bytes name, open_data(key_, notification));
  if (!valid_name(name))
    return fail(Errc::invalid_argument, "personalised name: not UTF-8, or with control characters");
  return std::string{as_text(name)};
}

}  // namespace signet::fastpair
