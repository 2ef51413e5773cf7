// How a signature is written: raw (r || s, or the HMAC), DER (ECDSA only), or raw in base64.
#pragma once

#include <string>

#include "base/bytes.h"

namespace signet::ctl {

enum class SignatureFormat { automatic, raw, der, base64 };

// Throws Failed: invalid_argument when an HMAC is asked for in DER.
Bytes format_signature(BytesView raw, SignatureFormat format);

// Back to raw octets. `automatic` tells the three apart by their form. What is not a signature of that form comes back
// as it is: whoever verifies it says so.
Bytes parse_signature(BytesView text, SignatureFormat format);

}  // namespace signet::ctl
