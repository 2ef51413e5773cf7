// Everything that is derived from the root secret (docs/identity.md, "Keys").
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace signet::identity {

inline constexpr std::size_t kRootSecretSize = 32;
using RootSecret = SecretBytes<kRootSecretSize>;
using CheckValue = std::array<std::uint8_t, 8>;
using Ueid = std::array<std::uint8_t, 33>;

// A CID with octets 9 (PRV) and 15 (CRC7) zeroed: both change with a firmware update of the chip. A type of its own, so
// that no key is ever derived from a CID as it was read.
struct MaskedCid {
  std::array<std::uint8_t, 16> octets{};
};
MaskedCid mask(const std::array<std::uint8_t, 16>& cid);

// HKDF-SHA256 with the root secret as input, the masked CID as salt and a label of its own for each purpose.
SecretBytes<32> rpmb_key(const RootSecret& root, const MaskedCid& cid);  // "signet rpmb key v1"
// "signet store v1"; the salt is the masked CID followed by `store_id` (32 octets), so that a new format is a new key.
SecretBytes<32> store_key(const RootSecret& root, const MaskedCid& cid, BytesView store_id);
Ueid ueid(const RootSecret& root, const MaskedCid& cid);  // 0x01 || "signet ueid v1"; public

// Tell keys apart without disclosing them: the first 8 octets of HMAC-SHA256(key, label).
CheckValue rpmb_key_check(const SecretBytes<32>& key);  // "signet kcv v1"
CheckValue root_check(const RootSecret& root);          // "signet root check v1"

// Proof that whoever asks for provisioning holds a copy of the root secret:
// HMAC-SHA256(root, "signet root backup proof v1" || challenge).
std::array<std::uint8_t, 32> backup_proof(const RootSecret& root, BytesView challenge);

}  // namespace signet::identity
