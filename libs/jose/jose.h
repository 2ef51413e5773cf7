// JSON Web Signature, Encryption and Key (RFC 7515, 7516, 7517) in the one form that Signet uses: compact, ES256;
// ECDH-ES with A256GCM. On top of libcjose, whose header is seen nowhere else.
#pragma once

#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"
#include "crypto/ecdsa.h"

namespace signet::jose {

// A compact JWS taken apart. Nothing has been verified.
struct Jws {
  std::string header;         // the octets of the protected header, JSON
  std::string payload;        // the octets that were signed
  std::string signing_input;  // BASE64URL(header) "." BASE64URL(payload)
  crypto::Es256Signature signature;
};

// Splits and decodes. Errors: ticket_invalid, names the part and the rule: three parts, canonical base64url, a header
// that is a JSON object without duplicate members, "alg" ES256, no "crit", no "b64", at most `limit` octets, a
// signature of 64 octets.
Result<Jws> parse_jws(std::string_view compact, std::size_t limit = 64 * 1024);

// `header`: a JSON object as text, of strings, objects and arrays; must hold "alg":"ES256". The payload is signed as it
// is. Error: invalid_argument, names the member of the header.
Result<std::string> sign_jws(const std::string& header, std::string_view payload, const crypto::P256PrivateKey& key);

// Verified with the library. False: the signature does not fit. `public_der`: SubjectPublicKeyInfo. Errors: those of
// parse_jws; invalid_argument (not a P-256 key).
Result<bool> verify_jws(std::string_view compact, BytesView public_der);

// ECDH-ES + A256GCM to the holder of the key. Errors: invalid_argument (not a P-256 key; nothing to encrypt).
Result<std::string> encrypt_jwe(BytesView plain, BytesView recipient_public_der);
// Errors: ticket_invalid: not such a JWE, or not for this key. The caller wipes the result.
Result<Bytes> decrypt_jwe(std::string_view compact, const crypto::P256PrivateKey& recipient);

// RFC 7638, SHA-256, base64url; of a P-256 SubjectPublicKeyInfo. Error: invalid_argument.
Result<std::string> key_thumbprint(BytesView public_der);

}  // namespace signet::jose
