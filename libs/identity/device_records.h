// What the store holds of the device's identity: the registered one, and a registration under way
// (docs/registration.md). Objects of kind `system`, out of reach of every namespace.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "crypto/ecdsa.h"
#include "crypto/sha256.h"
#include "crypto/x509.h"
#include "identity/ids.h"
#include "rpmb/store/store.h"

namespace signet::identity {

struct PendingRecord {
  RegistrationId id{};
  Ids ids;
  crypto::Digest sn_ticket{};  // the sn ticket itself is never kept
};

struct IdentityRecord {
  RegistrationId id{};
  Ids ids;
  crypto::Digest sn_ticket{};
  std::string registrar;  // base URL
  crypto::Certificate certificate;
};
std::uint32_t generation(const IdentityRecord& record);  // as its certificate says; 0 when it says none

// Every change is one batch: all of it is on the chip, or nothing. Errors of all: those of Store; damaged (what is
// there cannot be read).
class DeviceRecords {
 public:
  explicit DeviceRecords(rpmb::Store& store) : store_{store} {}

  Result<std::optional<IdentityRecord>> identity();
  Result<std::optional<PendingRecord>> pending();
  Result<crypto::P256PrivateKey> device_key();   // certificate_invalid: there is none
  Result<crypto::P256PrivateKey> pending_key();  // not_found

  Result<void> begin(const PendingRecord& pending, const crypto::P256PrivateKey& key);
  Result<void> complete(const IdentityRecord& identity);  // the pending key becomes the device key
  Result<void> cancel();                                  // the registration under way; not_found
  Result<void> release();                                 // the identity

 private:
  Result<std::optional<Bytes>> read(const char* name);
  Result<crypto::P256PrivateKey> read_key(const char* name, Errc missing);

  rpmb::Store& store_;
};

}  // namespace signet::identity
