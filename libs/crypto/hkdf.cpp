// RFC 5869 on top of our HMAC: ten lines, where OpenSSL's EVP_KDF needs as many to set up and can fail in each.
#include "crypto/hkdf.h"

#include <algorithm>

#include "base/secret_bytes.h"
#include "crypto/hmac.h"

namespace signet::crypto {

void hkdf_sha256(BytesView secret, BytesView salt, std::string_view info, std::span<std::uint8_t> out) {
  Mac pseudo_random_key = HmacKey{salt}.mac(secret);
  HmacKey expand{pseudo_random_key};
  Mac block{};
  BytesView previous;  // T(0) is empty
  for (std::uint8_t index = 1; !out.empty(); ++index) {
    block = expand.mac({previous, as_bytes(info), BytesView{&index, 1}});
    std::size_t n = std::min(out.size(), block.size());
    std::copy_n(block.begin(), n, out.begin());
    out = out.subspan(n);
    previous = block;
  }
  wipe(pseudo_random_key.data(), pseudo_random_key.size());
  wipe(block.data(), block.size());
}

}  // namespace signet::crypto
