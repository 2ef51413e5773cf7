// The registrar's own keys: two CAs, the key that signs challenges, and the one to which devices escrow.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "activation/records.h"
#include "activation/repository.h"
#include "activation/seal.h"
#include "base/result.h"
#include "crypto/random.h"

namespace signet::activation {

struct KeySpec {
  std::string organization;                         // in the certificates; 1 to 64 octets
  std::chrono::seconds ca_life{20 * 365 * 86400L};  // of a CA certificate
  std::chrono::seconds registrar_life{5 * 365 * 86400L};
};

// Makes the first generation of all keys, at once or not at all. Errors: already_exists; those of the store.
Result<void> make_keys(Repository& repository, const MasterKey& master, const KeySpec& spec, UnixTime now,
                       crypto::Random& random);

// One more generation, in use from `active_from` on; the older ones go on verifying and decrypting. A CA that is not
// active yet is handed out already (ca_pem), so that devices learn it in time. The registrar's certificate comes from
// the hardware CA that is active at `active_from`. Errors: not_found (no keys yet), damaged (another master key).
Result<void> rotate_key(Repository& repository, const MasterKey& master, KeyPurpose purpose, const KeySpec& spec,
                        UnixTime now, UnixTime active_from, crypto::Random& random);

// The keys as they were when loaded: a rotation by another process is seen by loading them anew.
class KeyRing {
 public:
  struct Key {
    KeyPurpose purpose;
    std::uint32_t generation;
    UnixTime active_from;
    crypto::P256PrivateKey private_key;
    std::optional<crypto::Certificate> certificate;  // not for escrow
  };

  // Errors: not_found: no keys yet; damaged: the master key is not the one they were sealed under; those of the store.
  static Result<KeyRing> load(Repository& repository, const MasterKey& master);

  // The newest of those active at `time`; there always is one.
  [[nodiscard]] const Key& current(KeyPurpose purpose, UnixTime time) const;
  [[nodiscard]] const Key* find(KeyPurpose purpose, std::uint32_t generation) const;
  [[nodiscard]] std::vector<const Key*> all(KeyPurpose purpose) const;  // newest first

  [[nodiscard]] std::string ca_pem() const;                                         // all CA certificates
  [[nodiscard]] std::span<const crypto::Certificate> anchors(ChipKind kind) const;  // newest first
  [[nodiscard]] std::string escrow_pem(UnixTime time) const;  // public key for rpmbd's configuration
  [[nodiscard]] const Seal& seal() const { return seal_; }

 private:
  KeyRing(std::vector<Key> keys, Seal seal);
  std::vector<Key> keys_;  // by purpose, newest first
  std::vector<crypto::Certificate> hardware_;
  std::vector<crypto::Certificate> emulated_;
  Seal seal_;
};

}  // namespace signet::activation
