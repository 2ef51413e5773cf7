#include "base/base64.h"
#include "crypto/sha256.h"
#include "jose/jose.h"

namespace signet::jose {

Result<std::string> key_thumbprint(BytesView public_der) {
  SIGNET_ASSIGN(const crypto::P256Point point, crypto::public_point(public_der));
  const BytesView octets{point};
  // The required members, in lexicographic order, without white space (RFC 7638 section 3).
  const std::string jwk = R"({"crv":"P-256","kty":"EC","x":")" + to_base64url(octets.first(32)) + R"(","y":")" +
                          to_base64url(octets.subspan(32)) + R"("})";
  return to_base64url(crypto::sha256(as_bytes(jwk)));
}

}  // namespace signet::jose
