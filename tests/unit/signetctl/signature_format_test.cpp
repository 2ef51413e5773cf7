#include "signetctl/signature_format.h"

#include <gtest/gtest.h>

#include "crypto/ecdsa.h"
#include "signetctl/session.h"
#include "tests/unit/random_octets.h"

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

constexpr SignatureFormat kEveryFormat[] = {SignatureFormat::automatic, SignatureFormat::raw, SignatureFormat::der,
                                            SignatureFormat::base64};

// Either what was given or, of a form that was recognised, fewer octets.
void expect_no_more_than_given(const std::string& text) {
  const Bytes given{text.begin(), text.end()};
  for (const auto format : kEveryFormat) {
    const auto parsed = parse_signature(given, format);
    const bool from_der = parsed.size() == crypto::kEs256Size;  // whose integers leave out leading zeros
    EXPECT_TRUE(parsed == given || parsed.size() < given.size() || from_der);
  }
}

TEST(SignatureFormat, RandomOctetsAreNeverMoreThanRubbish) {
  RandomOctets random{1};
  const std::string raw = random.exactly(crypto::kEs256Size);
  const Bytes der = format_signature(as_bytes(raw), SignatureFormat::der);
  const Bytes base64 = format_signature(as_bytes(raw), SignatureFormat::base64);

  expect_no_more_than_given(random.exactly(10'000));
  for (int i = 0; i < kRandomStrings; ++i) {
    expect_no_more_than_given(random.text(100));
    expect_no_more_than_given(random.damaged(std::string{as_text(der)}));
    expect_no_more_than_given(random.damaged(std::string{as_text(base64)}));
  }
}

}  // namespace
}  // namespace signet::ctl
