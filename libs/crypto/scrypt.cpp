#include "crypto/scrypt.h"

#include <openssl/err.h>
#include <openssl/evp.h>

namespace signet::crypto {

bool scrypt(BytesView pass_phrase, BytesView salt, const ScryptCost& cost, std::span<std::uint8_t> out) {
  if (cost.log2_n < 1 || cost.log2_n > 24) return false;
  const std::uint64_t n = std::uint64_t{1} << cost.log2_n;
  // What OpenSSL counts: a table of N blocks, one of `parallel`, and a little for itself.
  const std::uint64_t memory = 128 * std::uint64_t{cost.block_size} * (n + cost.parallel + 4);
  const bool done = EVP_PBE_scrypt(reinterpret_cast<const char*>(pass_phrase.data()), pass_phrase.size(), salt.data(),
                                   salt.size(), n, cost.block_size, cost.parallel, memory, out.data(), out.size()) == 1;
  ERR_clear_error();
  return done;
}

}  // namespace signet::crypto
