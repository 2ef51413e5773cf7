#include "signetctl/signature_format.h"

#include <gtest/gtest.h>

#include "crypto/ecdsa.h"
#include "signetctl/session.h"

namespace signet::ctl {
namespace {

Bytes a_signature() {
  const auto raw = crypto::P256PrivateKey::generate().sign(as_bytes("data"));
  return {raw.begin(), raw.end()};
}

TEST(SignatureFormat, EveryFormIsRecognisedByItself) {
  const Bytes raw = a_signature();

  for (const auto format : {SignatureFormat::raw, SignatureFormat::der, SignatureFormat::base64}) {
    const Bytes written = format_signature(raw, format);
    EXPECT_EQ(parse_signature(written, SignatureFormat::automatic), raw);
    EXPECT_EQ(parse_signature(written, format), raw);
  }
}

TEST(SignatureFormat, AnHmacIsNeverDer) {
  const Bytes mac(32, 1);

  EXPECT_THROW(format_signature(mac, SignatureFormat::der), Failed);
  EXPECT_EQ(parse_signature(mac, SignatureFormat::automatic), mac);
}

TEST(SignatureFormat, RubbishStaysRubbishForTheVerifierToRefuse) {
  const Bytes rubbish{1, 2, 3};

  EXPECT_EQ(parse_signature(rubbish, SignatureFormat::automatic), rubbish);
  EXPECT_EQ(parse_signature(rubbish, SignatureFormat::der), rubbish);
}

}  // namespace
}  // namespace signet::ctl
