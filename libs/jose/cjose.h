// Owners of libcjose's objects. Internal to jose.
#pragma once

#include <cjose/cjose.h>

#include <memory>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/free_with.h"
#include "crypto/ecdsa.h"

namespace signet::jose {

using Key = std::unique_ptr<cjose_jwk_t, FreeWith<cjose_jwk_release>>;
using Header = std::unique_ptr<cjose_header_t, FreeWith<cjose_header_release>>;
using JwsOwner = std::unique_ptr<cjose_jws_t, FreeWith<cjose_jws_release>>;
using JweOwner = std::unique_ptr<cjose_jwe_t, FreeWith<cjose_jwe_release>>;

// To be called before any other function of the library: makes it, and its JSON library, wipe what they free, since
// plaintexts and keys are in it.
void wipe_what_cjose_frees();

// Never null: the arguments are known to be a key.
Key public_key(const crypto::P256Point& point);
Key private_key(const crypto::P256PrivateKey& key);

// A JWE to be decrypted. The library of Debian 12 loses the buffer, of one octet, that it makes for an encrypted key
// that is empty, as it always is here; whoever sends messages would decide how much memory is lost. One at a time per
// thread.
class ImportedJwe {
 public:
  explicit ImportedJwe(std::string_view compact);  // wipe_what_cjose_frees() has been called
  ImportedJwe(const ImportedJwe&) = delete;
  ImportedJwe& operator=(const ImportedJwe&) = delete;
  ~ImportedJwe();

  [[nodiscard]] cjose_jwe_t* get() const { return jwe_.get(); }  // null: not one that the library takes

 private:
  std::vector<void*> octets_;  // buffers of one octet that are not free yet
  JweOwner jwe_;
};

}  // namespace signet::jose
