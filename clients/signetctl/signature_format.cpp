#include "signetctl/signature_format.h"

#include <algorithm>

#include "base/base64.h"
#include "crypto/ecdsa.h"
#include "signetctl/pem.h"
#include "signetctl/session.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kHmacSize = 32;

Bytes copy(BytesView bytes) { return {bytes.begin(), bytes.end()}; }

Bytes from_der(BytesView der) {
  const auto raw = crypto::es256_from_der(der);
  return raw ? Bytes{raw->begin(), raw->end()} : copy(der);
}

Bytes from_text(BytesView text) {
  const auto raw = from_base64_lines(as_text(text));
  return raw ? *raw : copy(text);
}

}  // namespace

Bytes format_signature(BytesView raw, SignatureFormat format) {
  switch (format) {
    case SignatureFormat::automatic:
    case SignatureFormat::base64: {
      const std::string text = to_base64(raw) + "\n";
      return {text.begin(), text.end()};
    }
    case SignatureFormat::raw: return copy(raw);
    case SignatureFormat::der: break;
  }
  if (raw.size() != crypto::kEs256Size)
    throw Failed{Errc::invalid_argument, "--format der: only for an ecdsa-p256 key"};
  crypto::Es256Signature signature{};
  std::copy(raw.begin(), raw.end(), signature.begin());
  return crypto::es256_to_der(signature);
}

Bytes parse_signature(BytesView text, SignatureFormat format) {
  switch (format) {
    case SignatureFormat::raw: return copy(text);
    case SignatureFormat::der: return from_der(text);
    case SignatureFormat::base64: return from_text(text);
    case SignatureFormat::automatic: break;
  }
  if (text.size() == crypto::kEs256Size || text.size() == kHmacSize) return copy(text);
  if (crypto::es256_from_der(text)) return from_der(text);
  return from_text(text);
}

}  // namespace signet::ctl
