#include <gtest/gtest.h>

#include "base/base64.h"
#include "base/hex.h"
#include "jose/jose.h"
#include "tests/unit/random_octets.h"

namespace signet::jose {
namespace {

constexpr const char* kHeader = R"({"alg":"ES256"})";

// RFC 7515 appendix A.3.
constexpr const char* kRfcJws =
    "eyJhbGciOiJFUzI1NiJ9."
    "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
    "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

crypto::P256Point point(const std::string& x, const std::string& y) {
  const Bytes octets = from_base64url(x).value();
  const Bytes rest = from_base64url(y).value();
  crypto::P256Point result;
  std::copy(octets.begin(), octets.end(), result.begin());
  std::copy(rest.begin(), rest.end(), result.begin() + 32);
  return result;
}

Bytes rfc_key() {
  return crypto::public_from_point(
             point("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"))
      .value();
}

std::string part(std::string_view text) { return to_base64url(as_bytes(text)); }

std::string refusal(std::string_view compact) {
  auto jws = parse_jws(compact);
  if (jws) return "taken";
  EXPECT_EQ(jws.error().code, Errc::ticket_invalid);
  return jws.error().context;
}

std::string with_header(std::string_view header) {
  return part(header) + "." + part("{}") + "." + part(std::string(64, 'x'));
}

TEST(Jws, APublishedOneVerifies) {
  EXPECT_TRUE(verify_jws(kRfcJws, rfc_key()).value());
  Jws jws = parse_jws(kRfcJws).value();
  EXPECT_EQ(jws.header, kHeader);
  EXPECT_TRUE(jws.payload.starts_with("{\"iss\":\"joe\",\r\n"));
  EXPECT_TRUE(crypto::verify_es256(rfc_key(), as_bytes(jws.signing_input), jws.signature).value());
}

TEST(Jws, WhatAKeySignsItsPublicHalfVerifies) {
  crypto::P256PrivateKey key = crypto::P256PrivateKey::generate();
  const std::string payload{"any \0 octets \xff", 14};

  const std::string compact =
      sign_jws(R"({"alg":"ES256","typ":"x+jwt","x5c":["a/b=","é"],"n":{"m":[1,true,null,0.5]}})", payload, key).value();

  EXPECT_TRUE(verify_jws(compact, key.public_der()).value());
  EXPECT_FALSE(verify_jws(compact, crypto::P256PrivateKey::generate().public_der()).value());
  Jws jws = parse_jws(compact).value();
  EXPECT_EQ(jws.payload, payload);
  EXPECT_EQ(jws.header, R"({"alg":"ES256","typ":"x+jwt","x5c":["a/b=","é"],"n":{"m":[1,true,null,0.5]}})");
  EXPECT_TRUE(key.verify(as_bytes(jws.signing_input), jws.signature));
}

TEST(Jws, AnEmptyPayloadIsOne) {
  crypto::P256PrivateKey key = crypto::P256PrivateKey::generate();

  const std::string compact = sign_jws(kHeader, "", key).value();

  EXPECT_TRUE(verify_jws(compact, key.public_der()).value());
  EXPECT_EQ(parse_jws(compact).value().payload, "");
}

TEST(Jws, KeysWithLeadingZerosWork) {
  int found = 0;
  for (int i = 0; i < 2000 && found < 3; ++i) {
    crypto::P256PrivateKey key = crypto::P256PrivateKey::generate();
    const crypto::P256Point of = crypto::public_point(key.public_der()).value();
    if (of[0] != 0 && of[32] != 0) continue;
    ++found;
    EXPECT_TRUE(verify_jws(sign_jws(kHeader, "text", key).value(), key.public_der()).value());
  }
  EXPECT_EQ(found, 3);
}

TEST(Jws, OnlyAHeaderThatTheLibraryTakesIsSigned) {
  crypto::P256PrivateKey key = crypto::P256PrivateKey::generate();
  for (const char* header :
       {"", "{}", R"({"alg":"none"})", R"({"alg":"HS256"})", R"({"alg":"ES256","alg":"ES256"})",
        R"({"alg":"ES256","crit":["x"],"x":1})", R"({"alg":"ES256","n":1})", R"({"alg":"ES256","t":"\u0000"})"}) {
    EXPECT_EQ(sign_jws(header, "", key).error().code, Errc::invalid_argument) << header;
  }
}

TEST(Jws, OtherAlgorithmsAreRefused) {
  for (const char* algorithm : {"none", "HS256", "ES384", "RS256", "es256", "ES256 ", ""}) {
    EXPECT_EQ(refusal(with_header(std::string{R"({"alg":")"} + algorithm + "\"}")), "header: alg: must be ES256");
  }
  EXPECT_EQ(refusal(with_header("{}")), "header: alg: must be ES256");
  EXPECT_EQ(refusal(with_header(R"({"alg":["ES256"]})")), "header: alg: must be ES256");
}

TEST(Jws, CritAndB64AreRefused) {
  EXPECT_EQ(refusal(with_header(R"({"alg":"ES256","crit":["x"],"x":1})")), "header: crit: must not be there");
  EXPECT_EQ(refusal(with_header(R"({"alg":"ES256","crit":[]})")), "header: crit: must not be there");
  EXPECT_EQ(refusal(with_header(R"({"alg":"ES256","b64":true})")), "header: b64: must not be there");
}

TEST(Jws, AHeaderThatIsNoneIsRefused) {
  EXPECT_EQ(refusal(with_header(R"({"alg":"none","alg":"ES256"})")), R"(header: has the member "alg" twice)");
  EXPECT_EQ(refusal(with_header("[]")), "header: is not an object");
  EXPECT_TRUE(refusal(with_header("{")).starts_with("header: is not JSON: "));
  EXPECT_TRUE(refusal("." + part("{}") + "." + part(std::string(64, 'x'))).starts_with("header: is not JSON: "));
}

TEST(Jws, PartsAreCounted) {
  const std::string good = with_header(kHeader);

  EXPECT_EQ(refusal(good), "taken");
  for (const std::string& text :
       {std::string{}, std::string{"."}, good.substr(0, good.rfind('.')), good + ".", "." + good}) {
    EXPECT_EQ(refusal(text), "must have three parts") << text;
  }
}

TEST(Jws, SizesAreChecked) {
  const std::string good = with_header(kHeader);

  EXPECT_TRUE(parse_jws(good, good.size()));
  EXPECT_EQ(parse_jws(good, good.size() - 1).error().context,
            "has more than " + std::to_string(good.size() - 1) + " octets");
  for (std::size_t size : {0u, 63u, 65u}) {
    EXPECT_EQ(refusal(part(kHeader) + "." + part("{}") + "." + part(std::string(size, 'x'))),
              "signature: must have 64 octets");
  }
}

TEST(Jws, Base64urlMustBeCanonical) {
  const std::string header = part(kHeader);
  const std::string signature = part(std::string(64, 'x'));
  ASSERT_EQ(signature.back(), 'A');  // 64 octets leave four spare bits
  const std::string spare = signature.substr(0, signature.size() - 1) + "B";

  EXPECT_EQ(refusal(header + "." + part("{}") + "." + spare), "signature: must be canonical base64url");
  EXPECT_EQ(refusal(header + ".e31." + signature), "payload: must be canonical base64url");
  EXPECT_EQ(refusal(header + ".e30=." + signature), "payload: must be canonical base64url");
  EXPECT_EQ(refusal(header + ".e3+." + signature), "payload: must be canonical base64url");
  EXPECT_EQ(refusal(header + "\n.e30." + signature), "header: must be canonical base64url");
}

TEST(Jws, AnythingButAP256KeyIsRefused) {
  EXPECT_EQ(verify_jws(kRfcJws, Bytes(91)).error().code, Errc::invalid_argument);
  EXPECT_EQ(verify_jws("x", rfc_key()).error().code, Errc::ticket_invalid);
}

TEST(Jws, EveryCharacterCounts) {
  const std::string good = kRfcJws;
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t step : {1u, 7u, 63u}) {  // 1: of the last digit, a spare bit
      std::string altered = good;
      const auto at = kDigits.find(good[i]);
      altered[i] = at == std::string_view::npos ? 'A' : kDigits[(at + step) % kDigits.size()];
      const auto verified = verify_jws(altered, rfc_key());
      EXPECT_FALSE(verified && *verified) << altered;
    }
  }
}

TEST(Jws, RandomAndDamagedOnesAreHandled) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(parse_jws(random.text(100)));
    EXPECT_FALSE(parse_jws(random.text(100, "ABCabc019-_..")));
    const std::string damaged = random.damaged(kRfcJws, "ABCabc019-_.");
    const auto verified = verify_jws(damaged, rfc_key());
    EXPECT_EQ(verified && *verified, damaged == kRfcJws);
  }
}

// RFC 7638 has an RSA key only; this is the one of RFC 7515 A.3, computed with Python's jwcrypto.
TEST(Thumbprint, IsAKnownAnswer) {
  EXPECT_EQ(key_thumbprint(rfc_key()).value(), "oKIywvGUpTVTyxMQ3bwIIeQUudfr_CkLMjCE19ECD-U");
  EXPECT_EQ(key_thumbprint(Bytes(91)).error().code, Errc::invalid_argument);
}

}  // namespace
}  // namespace signet::jose
