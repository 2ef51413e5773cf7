#include <gtest/gtest.h>

#include <algorithm>

#include "base/base64.h"
#include "jose/jose.h"
#include "tests/unit/random_octets.h"

namespace signet::jose {
namespace {

// The key of RFC 7515 appendix A.3, published with its private half.
constexpr const char* kRfcScalar = "jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI";
// Of {"rpmb_key":"test"} to that key, made with Python's jwcrypto.
constexpr const char* kOfJwcrypto =
    "eyJhbGciOiJFQ0RILUVTIiwiZW5jIjoiQTI1NkdDTSIsImVwayI6eyJjcnYiOiJQLTI1NiIsImt0eSI6IkVDIiwieCI6ImRKcUg2Nm1POXhKOFg2dU"
    "Rx"
    "VG1PM0dka0hQSnhPZ1BmWF9hb3BLZ09oY3ciLCJ5IjoiRXhHaWx0b01Vdkc1UWtMdVljb3dOVmR5bmJUd2VOTGRybDRIcTRXQUlqYyJ9fQ.."
    "sVvoZEOZJfWjBy2u.dgt1ooS-Ixujihkv7o0HpDB2qQ.4XNdjSkBMvoQeEUg_FAPwA";

crypto::P256PrivateKey rfc_key() {
  const Bytes octets = from_base64url(kRfcScalar).value();
  return crypto::P256PrivateKey::from_scalar(crypto::P256Scalar{std::span<const std::uint8_t, 32>{octets}}).value();
}

std::string part(std::string_view text) { return to_base64url(as_bytes(text)); }

// The five parts of a JWE, to be put together again with another one of them.
std::vector<std::string> parts(const std::string& compact) {
  std::vector<std::string> parts(1);
  for (char c : compact) {
    if (c == '.') {
      parts.emplace_back();
    } else {
      parts.back() += c;
    }
  }
  return parts;
}
std::string with(std::string compact, std::size_t index, const std::string& part) {
  auto all = parts(compact);
  all[index] = part;
  compact.clear();
  for (const std::string& one : all) compact += (&one == all.data() ? "" : ".") + one;
  return compact;
}

class Jwe : public testing::Test {
 protected:
  std::string encrypted(std::string_view plain) {
    auto compact = encrypt_jwe(as_bytes(plain), key_.public_der());
    EXPECT_TRUE(compact) << to_string(compact.error());
    return compact.value_or("");
  }
  std::string refusal(std::string_view compact) {
    auto plain = decrypt_jwe(compact, key_);
    if (plain) return "taken";
    EXPECT_EQ(plain.error().code, Errc::ticket_invalid);
    return plain.error().context;
  }
  std::string refusal_of_header(const std::string& header) { return refusal(with(encrypted("text"), 0, part(header))); }
  // The good header with `from` replaced.
  std::string refusal_of(std::string_view from, std::string_view to) {
    const std::string good = encrypted("text");
    std::string header{as_text(from_base64url(parts(good)[0]).value())};
    const auto at = header.find(from);
    EXPECT_NE(at, std::string::npos) << header;
    header.replace(at, from.size(), to);
    return refusal(with(good, 0, part(header)));
  }

  crypto::P256PrivateKey key_ = crypto::P256PrivateKey::generate();
};

TEST_F(Jwe, ComesBackForItsRecipientAlone) {
  for (const std::string& plain : {std::string{"x"}, std::string{"\0\xff", 2}, std::string(4000, 'y')}) {
    const std::string compact = encrypted(plain);

    EXPECT_EQ(as_text(decrypt_jwe(compact, key_).value()), plain);
    EXPECT_EQ(decrypt_jwe(compact, crypto::P256PrivateKey::generate()).error().context,
              "JWE: is not for this key, or damaged");
  }
}

TEST_F(Jwe, OneOfAnotherImplementationIsRead) {
  EXPECT_EQ(as_text(decrypt_jwe(kOfJwcrypto, rfc_key()).value()), R"({"rpmb_key":"test"})");
}

TEST_F(Jwe, TheSameTextIsNeverEncryptedTheSameWay) { EXPECT_NE(encrypted("text"), encrypted("text")); }

TEST_F(Jwe, KeysWithLeadingZerosWork) {
  int found = 0;
  for (int i = 0; i < 2000 && found < 3; ++i) {
    key_ = crypto::P256PrivateKey::generate();
    const crypto::P256Point point = crypto::public_point(key_.public_der()).value();
    if (point[0] != 0 && point[32] != 0) continue;
    ++found;
    EXPECT_EQ(as_text(decrypt_jwe(encrypted("text"), key_).value()), "text");
  }
  EXPECT_EQ(found, 3);
  for (int i = 0; i < 1000; ++i) {  // ephemeral keys and shared secrets with leading zeros among them
    EXPECT_TRUE(decrypt_jwe(encrypted("text"), key_));
  }
}

TEST_F(Jwe, NothingIsNotEncryptedAndNotForAnyKey) {
  EXPECT_EQ(encrypt_jwe({}, key_.public_der()).error().code, Errc::invalid_argument);
  EXPECT_EQ(encrypt_jwe(as_bytes("x"), Bytes(91)).error().code, Errc::invalid_argument);
}

TEST_F(Jwe, OtherAlgorithmsAreRefused) {
  EXPECT_EQ(refusal_of(R"("ECDH-ES")", R"("dir")"), "JWE: header: alg: must be ECDH-ES");
  EXPECT_EQ(refusal_of(R"("ECDH-ES")", R"("ECDH-ES+A256KW")"), "JWE: header: alg: must be ECDH-ES");
  EXPECT_EQ(refusal_of(R"("A256GCM")", R"("A128GCM")"), "JWE: header: enc: must be A256GCM");
  EXPECT_EQ(refusal_of(R"("A256GCM")", R"("A256CBC-HS512")"), "JWE: header: enc: must be A256GCM");
}

TEST_F(Jwe, MembersThatChangeTheMeaningAreRefused) {
  for (const std::string name : {"crit", "zip", "apu", "apv"}) {
    EXPECT_EQ(refusal_of("{", "{\"" + name + "\":\"x\","), "JWE: header: " + name + ": must not be there");
  }
  EXPECT_EQ(refusal_of("{", R"({"alg":"ECDH-ES",)"), R"(JWE: header: has the member "alg" twice)");
  EXPECT_TRUE(refusal_of_header("{").starts_with("JWE: header: is not JSON: "));
}

TEST_F(Jwe, AnEphemeralKeyThatIsNoneIsRefused) {
  const std::string x(43, 'A');
  const std::string head = R"({"alg":"ECDH-ES","enc":"A256GCM")";

  EXPECT_EQ(refusal_of_header(head + "}"), "JWE: header: epk: is missing");
  EXPECT_EQ(refusal_of("\"P-256\"", "\"P-384\""), "JWE: header: epk: must be a P-256 key");
  EXPECT_EQ(refusal_of("\"EC\"", "\"OKP\""), "JWE: header: epk: must be a P-256 key");
  EXPECT_EQ(refusal_of("\"kty\"", "\"d\":\"AA\",\"kty\""), "JWE: header: epk: must be a public key");
  // Not on the curve: the shared secret would tell of the private key.
  EXPECT_EQ(refusal_of_header(head + R"(,"epk":{"kty":"EC","crv":"P-256","x":")" + x + R"(","y":")" + x + "\"}}"),
            "JWE: header: epk: must be a point of P-256");
  EXPECT_EQ(refusal_of_header(head + R"(,"epk":{"kty":"EC","crv":"P-256","x":"AA","y":")" + x + "\"}}"),
            "JWE: header: epk.x: must be base64url of 32 octets");
}

TEST_F(Jwe, PartsAndTheirSizesAreChecked) {
  const std::string good = encrypted("text");

  EXPECT_EQ(refusal(good), "taken");
  EXPECT_EQ(refusal(good + "."), "JWE: must have five parts");
  EXPECT_EQ(refusal(good.substr(0, good.rfind('.'))), "JWE: must have five parts");
  EXPECT_EQ(refusal(with(good, 1, "AAAA")), "JWE: encrypted key: must be empty");
  EXPECT_EQ(refusal(with(good, 2, part("0123456789a"))), "JWE: initialization vector: must have 12 octets");
  EXPECT_EQ(refusal(with(good, 3, "A")), "JWE: part 4: must be canonical base64url");
  EXPECT_EQ(refusal(std::string(16 * 1024 + 1, 'A')), "JWE: has more than 16384 octets");
}

// CVE-2023-37464: the library once believed the length of the tag that it was sent.
TEST_F(Jwe, AShortenedTagIsRefused) {
  const std::string good = encrypted("text");
  const Bytes tag = from_base64url(parts(good)[4]).value();

  for (std::size_t size = 0; size < tag.size(); ++size) {
    EXPECT_EQ(refusal(with(good, 4, to_base64url(BytesView{tag}.first(size)))),
              "JWE: authentication tag: must have 16 octets");
  }
}

TEST_F(Jwe, EveryCharacterCounts) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string good = encrypted("text");
  for (std::size_t i = 0; i < good.size(); ++i) {
    for (std::size_t step : {1u, 7u, 63u}) {
      std::string altered = good;
      const auto at = kDigits.find(good[i]);
      altered[i] = at == std::string_view::npos ? 'A' : kDigits[(at + step) % kDigits.size()];
      EXPECT_FALSE(decrypt_jwe(altered, key_)) << altered;
    }
  }
}

TEST_F(Jwe, RandomAndDamagedOnesAreRefused) {
  RandomOctets random{1};
  const std::string good = encrypted("text");
  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(decrypt_jwe(random.text(100), key_));
    EXPECT_FALSE(decrypt_jwe(random.text(40, "AB01-_...."), key_));
    const std::string damaged = random.damaged(good, "AB01-_.");
    EXPECT_EQ(decrypt_jwe(damaged, key_).has_value(), damaged == good);
  }
}

}  // namespace
}  // namespace signet::jose
