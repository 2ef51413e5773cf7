// Key agreement, the blocks of pairing, and the Additional Data packet.
#include "crypto/hmac.h"
#include "crypto/sha256.h"
#include "fastpair/additional_data.h"
#include "fastpair/pairing_packets.h"
#include "fastpair/provider.h"
#include "fastpair/seeker.h"
#include "fastpair/vectors/sections.h"

namespace signet::fastpair {
namespace {

using vectors::octets_of;
using vectors::text_of;

Result<Bytes> ecb_of(const JsonCursor& entry, BytesView in) {
  SIGNET_ASSIGN(const AccountKey key, key_of(entry, "key"));
  if (in.size() % kBlockSize != 0) return entry.malformed("has an input that is not of whole blocks");
  const SessionKey cipher{key.clone()};
  Bytes out;
  for (std::size_t at = 0; at < in.size(); at += kBlockSize) {
    Block block;
    std::ranges::copy(in.subspan(at, kBlockSize), block.begin());
    append(out, cipher.encrypt(block));
  }
  return out;
}

Result<Bytes> primitive_of(const JsonCursor& entry, const std::string& kind, BytesView in) {
  if (kind == "sha256") {
    const crypto::Digest digest = crypto::sha256(in);
    return Bytes{digest.begin(), digest.end()};
  }
  if (kind == "hmac-sha256") {
    SIGNET_ASSIGN(const Bytes key, octets_of(entry, "key"));
    const crypto::Mac mac = crypto::HmacKey{key}.mac(in);
    return Bytes{mac.begin(), mac.end()};
  }
  if (kind == "aes-ecb") return ecb_of(entry, in);
  if (kind == "fp-aes-ctr") {
    SIGNET_ASSIGN(AccountKey key, key_of(entry, "key"));
    SIGNET_ASSIGN(const DataNonce nonce, octets_of<kDataNonceSize>(entry, "nonce"));
    return apply_ctr(SessionKey{std::move(key)}, nonce, in);
  }
  return entry.malformed("is of a kind that is not known");
}

Result<crypto::P256PrivateKey> private_key_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const auto scalar, octets_of<32>(entry, name));
  return crypto::P256PrivateKey::from_scalar(crypto::P256Scalar{scalar});
}

// One side of the agreement: its public key, and what it makes of the other's.
Result<void> compare_side(const JsonCursor& entry, const std::string& own, const std::string& other,
                          Differences& differences) {
  SIGNET_ASSIGN(const auto key, private_key_of(entry, own + "_private"));
  SIGNET_ASSIGN(const PublicKey point, crypto::public_point(key.public_der()));
  SIGNET_TRY(compare(entry, own + "_public", point, differences));
  SIGNET_ASSIGN(const PublicKey theirs, octets_of<kPublicKeySize>(entry, other + "_public"));
  const auto x = key.shared_x(theirs);
  const auto agreed = agree(key, theirs);
  if (!x || !agreed) {
    differences.compare(other + "_public", "a point of the curve", "none");
    return {};
  }
  SIGNET_TRY(compare(entry, "shared_x", x->view(), differences));
  return compare(entry, "aes_key", agreed->view(), differences);
}

// A Provider as a case of key-based pairing wants it.
struct CaseProvider {
  crypto::P256PrivateKey anti_spoofing;
  AccountKeys keys;
  GivenRandom random;
  Provider provider;

  CaseProvider(crypto::P256PrivateKey own_key, AccountKeys own_keys, const Address& address, Bytes salt)
      : anti_spoofing{std::move(own_key)},
        keys{std::move(own_keys)},
        random{std::move(salt)},
        provider{ProviderConfig{}, anti_spoofing, keys, random} {
    provider.set_addresses({.current = address, .identity = std::nullopt, .resolving_key = std::nullopt});
    provider.set_pairing_mode(true);
  }
};

std::string notified(const Reply& reply) {
  std::string all;
  for (const Decision& decision : reply.decisions) {
    if (const auto* notify = std::get_if<Notify>(&decision)) all += to_hex(notify->octets);
  }
  return all;
}

std::string bonded_with(const Reply& reply) {
  for (const Decision& decision : reply.decisions) {
    if (const auto* bonding = std::get_if<StartBonding>(&decision)) return to_hex(bonding->seeker);
  }
  return "";
}

Result<std::string> optional_text(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const auto at, entry.find(name));
  if (!at || at->is_null()) return std::string{};
  return at->text();
}

// The key of the session, and of the Provider: agreed on, or an account key that it has.
Result<AccountKeys> keys_for(const JsonCursor& entry, const std::optional<JsonCursor>& private_key, BytesView write,
                             Differences& differences) {
  AccountKeys keys;
  if (!private_key) {
    SIGNET_ASSIGN(const AccountKey key, key_of(entry, "aes_key"));
    SIGNET_TRY(keys.add(key));
    return keys;
  }
  SIGNET_ASSIGN(const auto own, private_key_of(entry, "provider_private"));
  PublicKey seeker{};
  if (write.size() == kRequestWithKeySize) std::ranges::copy(write.subspan(kBlockSize), seeker.begin());
  const auto agreed = agree(own, seeker);
  if (!agreed) {
    differences.compare("write", "a request with a point of the curve", "none");
    return keys;
  }
  SIGNET_TRY(compare(entry, "aes_key", agreed->view(), differences));
  return keys;
}

// The request both ways: what the write decrypts to, and what its fields make again.
Result<void> compare_request(const JsonCursor& entry, const SessionKey& key, BytesView write,
                             Differences& differences) {
  Block block{};
  std::ranges::copy(write.first(std::min(write.size(), kBlockSize)), block.begin());
  const Block raw = key.decrypt(block);
  SIGNET_TRY(compare(entry, "raw_request", raw, differences));
  GivenRandom salt{{raw.begin(), raw.end()}};
  const auto request = parse_request(raw);
  if (!request || !std::holds_alternative<PairingRequest>(*request)) {
    differences.compare("raw_request", "a request", "none");
    return {};
  }
  const Block again = make_request(std::get<PairingRequest>(*request), salt);
  return compare(entry, "raw_request", again, differences);
}

// The answer both ways; without one, the failure must have been counted.
Result<void> compare_answer(const JsonCursor& entry, const SessionKey& key, const Reply& reply, int failures,
                            Differences& differences) {
  SIGNET_ASSIGN(const JsonCursor expected_at, entry.member("notify"));
  const std::string actual = notified(reply);
  if (expected_at.is_null()) {
    differences.compare("notify", "", actual);
    differences.compare("the number of failures", "1", std::to_string(failures));
    return {};
  }
  SIGNET_TRY(compare(entry, "notify", from_hex(actual).value_or(Bytes{}), differences));
  Block block{};
  const Bytes octets = from_hex(actual).value_or(Bytes{});
  std::ranges::copy(BytesView{octets}.first(std::min(octets.size(), kBlockSize)), block.begin());
  return compare(entry, "raw_response", key.decrypt(block), differences);
}

Result<std::string> run_pairing(const JsonCursor& entry) {
  Differences differences;
  SIGNET_ASSIGN(const Bytes write, octets_of(entry, "write"));
  SIGNET_ASSIGN(const auto private_key, entry.find("provider_private"));
  SIGNET_ASSIGN(AccountKeys keys, keys_for(entry, private_key, write, differences));
  SIGNET_ASSIGN(const Address address, octets_of<kAddressSize>(entry, "provider_address"));
  SIGNET_ASSIGN(const std::string raw_response, optional_text(entry, "raw_response"));
  SIGNET_ASSIGN(const std::string seeker, optional_text(entry, "seeker_address"));
  SIGNET_ASSIGN(AccountKey octets, key_of(entry, "aes_key"));
  const SessionKey key{std::move(octets)};
  auto own = private_key ? private_key_of(entry, "provider_private") : crypto::P256PrivateKey::generate();
  if (!own) return fail(own.error());

  CaseProvider device{*std::move(own), std::move(keys), address, from_hex(raw_response).value_or(Bytes{})};
  const Reply reply = device.provider.write(Characteristic::key_based_pairing, "link", write, Time{});

  SIGNET_TRY(compare_request(entry, key, write, differences));
  SIGNET_TRY(compare_answer(entry, key, reply, device.provider.failures(Time{}), differences));
  differences.compare("seeker_address", seeker, bonded_with(reply));
  return differences.text();
}

// A block of one side, both ways: made from the passkey, and read from the octets.
Result<void> compare_passkey(const JsonCursor& entry, PasskeyOf whose, const char* raw_name, const char* encrypted_name,
                             Differences& differences) {
  SIGNET_ASSIGN(AccountKey octets, key_of(entry, "aes_key"));
  SIGNET_ASSIGN(const auto passkey, vectors::number_of<std::uint32_t>(entry, "passkey"));
  SIGNET_ASSIGN(const Block raw, octets_of<kBlockSize>(entry, raw_name));
  SIGNET_ASSIGN(const Block encrypted, octets_of<kBlockSize>(entry, encrypted_name));
  const SessionKey key{std::move(octets)};
  GivenRandom salt{{raw.begin(), raw.end()}};

  const Block made = make_passkey(whose, passkey, salt);
  SIGNET_TRY(compare(entry, raw_name, made, differences));
  SIGNET_TRY(compare(entry, encrypted_name, key.encrypt(made), differences));
  const auto read = parse_passkey(whose, key.decrypt(encrypted));
  differences.compare("the passkey read", std::to_string(passkey), read ? std::to_string(*read) : read.error().context);
  return {};
}

}  // namespace

Result<std::string> run_primitive(const JsonCursor& entry) {
  SIGNET_ASSIGN(const std::string kind, text_of(entry, "kind"));
  SIGNET_ASSIGN(const Bytes in, octets_of(entry, "in"));
  SIGNET_ASSIGN(const Bytes out, primitive_of(entry, kind, in));
  Differences differences;
  SIGNET_TRY(compare(entry, "out", out, differences));
  return differences.text();
}

Result<std::string> run_anti_spoofing(const JsonCursor& entry) {
  Differences differences;
  SIGNET_TRY(compare_side(entry, "provider", "seeker", differences));
  SIGNET_TRY(compare_side(entry, "seeker", "provider", differences));
  return differences.text();
}

Result<std::string> run_key_based_pairing(const JsonCursor& entry) { return run_pairing(entry); }

Result<std::string> run_passkey(const JsonCursor& entry) {
  Differences differences;
  SIGNET_TRY(compare_passkey(entry, PasskeyOf::seeker, "seeker_raw", "write", differences));
  SIGNET_TRY(compare_passkey(entry, PasskeyOf::provider, "provider_raw", "notify", differences));
  return differences.text();
}

Result<std::string> run_account_key(const JsonCursor& entry) {
  SIGNET_ASSIGN(AccountKey octets, key_of(entry, "aes_key"));
  SIGNET_ASSIGN(const AccountKey account_key, key_of(entry, "account_key"));
  SIGNET_ASSIGN(const Block write, octets_of<kBlockSize>(entry, "write"));
  SIGNET_ASSIGN(const bool accepted, vectors::boolean_of(entry, "accepted"));
  SIGNET_ASSIGN(const std::string reason, optional_text(entry, "reason"));
  const SessionKey key{octets.clone()};
  GivenRandom random{{}};

  Differences differences;
  SIGNET_TRY(compare(entry, "account_key", key.decrypt(write), differences));
  SIGNET_TRY(compare(entry, "write", Seeker::recall(octets, random).give(account_key), differences));
  const auto parsed = parse_account_key(key.decrypt(write));
  differences.compare("accepted", accepted ? "true" : "false", parsed ? "true" : "false");
  differences.compare("reason", reason, parsed ? "" : parsed.error().context);
  return differences.text();
}

Result<std::string> run_additional_data(const JsonCursor& entry) {
  SIGNET_ASSIGN(AccountKey octets, key_of(entry, "aes_key"));
  SIGNET_ASSIGN(const DataNonce nonce, octets_of<kDataNonceSize>(entry, "nonce"));
  SIGNET_ASSIGN(const Bytes data, octets_of(entry, "data"));
  SIGNET_ASSIGN(const Bytes packet, octets_of(entry, "packet"));
  const SessionKey key{std::move(octets)};

  Differences differences;
  SIGNET_TRY(compare(entry, "packet", seal_data(key, nonce, data).value_or(Bytes{}), differences));
  SIGNET_TRY(compare(entry, "data", open_data(key, packet).value_or(Bytes{}), differences));
  return differences.text();
}

}  // namespace signet::fastpair
