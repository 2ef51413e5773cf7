// A record: what one authenticated write puts into one slot, or into a run of slots. Encrypted and self-describing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/aes_gcm.h"
#include "crypto/random.h"
#include "rpmb/frame.h"
#include "rpmb/store/store.h"

namespace signet::rpmb {

enum class RecordType : std::uint8_t { commit = 1, part = 2 };

// Octets of a record of n blocks (integers big-endian): 0 magic "SGR1", 4 type, 5 n, 6 zeros (2), 8 counter after (4),
// 12 nonce (12), 24 ciphertext, n * 256 - 16 tag. AES-256-GCM; additional data: octets 0..23, store id, block address
// (2). The body is padded with zeros to its full length, so that a record's length tells nothing.
class RecordCipher {
 public:
  RecordCipher(const SecretBytes<32>& key, const StoreId& store_id) : cipher_{key.view()}, store_id_{store_id} {}

  // `body` at most Layout::body(blocks). The nonce is fresh for every call: a record is built once and resent as it is.
  std::vector<Block> seal(RecordType type, std::uint16_t address, std::uint16_t blocks, std::uint32_t counter_after,
                          BytesView body, crypto::Random& random);

  struct Opened {
    RecordType type;
    std::uint32_t counter_after;
    std::span<std::uint8_t> body;  // within the given octets, decrypted in place, with its padding
  };
  // `octets`: exactly one record's worth. Nothing, and `octets` spoilt, when it is no record of this store at this
  // address.
  std::optional<Opened> open(std::uint16_t address, std::span<std::uint8_t> octets);

  // Whether `octets` begin like a record of `blocks` blocks; costs no decryption.
  static bool looks_like_record(BytesView octets, std::uint16_t blocks);

 private:
  crypto::AesGcm cipher_;
  StoreId store_id_;
};

}  // namespace signet::rpmb
