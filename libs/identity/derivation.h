// Everything that is derived from the root secret (identity protocol, section 1).
#pragma once

#include <array>
#include <cstdint>

#include "base/bytes.h"
#include "base/secret_bytes.h"

namespace signet::identity {

inline constexpr std::size_t kRootSecretSize = 32;
using RootSecret = SecretBytes<kRootSecretSize>;
using MaskedCid = std::array<std::uint8_t, 16>;
using CheckValue = std::array<std::uint8_t, 8>;
using Ueid = std::array<std::uint8_t, 33>;

// The CID with octets 9 (PRV) and 15 (CRC7) zeroed: both change with a firmware update of the chip.
MaskedCid mask(const std::array<std::uint8_t, 16>& cid);

SecretBytes<32> rpmb_key(const RootSecret& root, const MaskedCid& cid);                       // "signet rpmb key v1"
SecretBytes<32> store_key(const RootSecret& root, const MaskedCid& cid, BytesView store_id);  // "signet store v1"
Ueid ueid(const RootSecret& root, const MaskedCid& cid);                                      // 0x01 || "signet ueid v1"

// Tells keys apart without disclosing them: the first 8 octets of HMAC(key, label).
CheckValue rpmb_key_check(const SecretBytes<32>& key);   // "signet kcv v1"
CheckValue root_check(const RootSecret& root);           // "signet root check v1"

// Proof that whoever asks for provisioning holds a copy of the root secret: HMAC(root, "signet root backup proof v1" || challenge).
std::array<std::uint8_t, 32> backup_proof(const RootSecret& root, BytesView challenge);

}  // namespace signet::identity
