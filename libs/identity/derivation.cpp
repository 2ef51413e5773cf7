#include "identity/derivation.h"

#include <algorithm>

#include "crypto/hkdf.h"
#include "crypto/hmac.h"

namespace signet::identity {
namespace {

constexpr std::size_t kProductRevision = 9;  // PRV of the CID register
constexpr std::size_t kCrc = 15;

SecretBytes<32> derive(const RootSecret& root, BytesView salt, std::string_view label) {
  SecretBytes<32> key;
  crypto::hkdf_sha256(root.view(), salt, label, key.writable());
  return key;
}

CheckValue check(BytesView key, std::string_view label) {
  crypto::Mac mac = crypto::HmacKey{key}.mac(as_bytes(label));
  CheckValue value;
  std::copy_n(mac.begin(), value.size(), value.begin());
  return value;
}

}  // namespace

MaskedCid mask(const std::array<std::uint8_t, 16>& cid) {
  MaskedCid masked{cid};
  masked.octets[kProductRevision] = 0;
  masked.octets[kCrc] = 0;
  return masked;
}

SecretBytes<32> rpmb_key(const RootSecret& root, const MaskedCid& cid) {
  return derive(root, cid.octets, "signet rpmb key v1");
}

SecretBytes<32> store_key(const RootSecret& root, const MaskedCid& cid, BytesView store_id) {
  Bytes salt(cid.octets.begin(), cid.octets.end());
  append(salt, store_id);
  return derive(root, salt, "signet store v1");
}

Ueid ueid(const RootSecret& root, const MaskedCid& cid) {
  Ueid id{0x01};
  crypto::hkdf_sha256(root.view(), cid.octets, "signet ueid v1", std::span{id}.subspan<1>());
  return id;
}

CheckValue rpmb_key_check(const SecretBytes<32>& key) { return check(key.view(), "signet kcv v1"); }

CheckValue root_check(const RootSecret& root) { return check(root.view(), "signet root check v1"); }

std::array<std::uint8_t, 32> backup_proof(const RootSecret& root, BytesView challenge) {
  return crypto::HmacKey{root.view()}.mac({as_bytes("signet root backup proof v1"), challenge});
}

}  // namespace signet::identity
