#include "crypto/hmac.h"

#include <gtest/gtest.h>

#include <string>

#include "base/hex.h"

namespace signet::crypto {
namespace {

// RFC 4231 section 4, test cases 1 to 7; case 5 is published truncated.
struct Rfc4231 {
  Bytes key;
  Bytes data;
  std::string mac;
};

Bytes text(std::string_view words) { return {as_bytes(words).begin(), as_bytes(words).end()}; }
Bytes counting(std::uint8_t from, std::uint8_t to) {
  Bytes bytes;
  for (unsigned value = from; value <= to; ++value) bytes.push_back(static_cast<std::uint8_t>(value));
  return bytes;
}

const Rfc4231 kCases[] = {
    {Bytes(20, 0x0b), text("Hi There"), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
    {text("Jefe"), text("what do ya want for nothing?"),
     "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
    {Bytes(20, 0xaa), Bytes(50, 0xdd), "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
    {counting(1, 25), Bytes(50, 0xcd), "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
    {Bytes(20, 0x0c), text("Test With Truncation"), "a3b6167473100ee06e0c796c2955552b"},
    {Bytes(131, 0xaa), text("Test Using Larger Than Block-Size Key - Hash Key First"),
     "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
    {Bytes(131, 0xaa),
     text("This is a test using a larger than block-size key and a larger than block-size data. The key needs to be "
          "hashed before being used by the HMAC algorithm."),
     "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
};

TEST(Hmac, MatchesRfc4231) {
  for (const Rfc4231& test : kCases) {
    std::string mac = to_hex(HmacKey{test.key}.mac(test.data));

    EXPECT_EQ(mac.substr(0, test.mac.size()), test.mac);
  }
}

TEST(Hmac, PiecesGiveTheMacOfTheWhole) {
  for (const Rfc4231& test : kCases) {
    HmacKey key{test.key};
    BytesView data{test.data};
    for (std::size_t cut = 0; cut <= data.size(); cut += 7) {
      HmacKey::Stream stream{key};
      stream.update(data.first(cut));
      stream.update(data.subspan(cut));

      EXPECT_EQ(stream.finish(), key.mac(data));
      EXPECT_EQ(key.mac({data.first(cut), data.subspan(cut)}), key.mac(data));
    }
  }
}

TEST(Hmac, OneKeyServesManyMacs) {
  HmacKey key{kCases[0].key};
  for (int i = 0; i < 3; ++i) EXPECT_EQ(to_hex(key.mac(kCases[0].data)), kCases[0].mac);
}

TEST(Hmac, AMovedKeyStillWorks) {
  HmacKey key{kCases[0].key};

  HmacKey moved{std::move(key)};

  EXPECT_EQ(to_hex(moved.mac(kCases[0].data)), kCases[0].mac);
}

TEST(Hmac, AnEmptyKeyAndNoDataAreAllowed) {
  EXPECT_EQ(to_hex(HmacKey{BytesView{}}.mac(BytesView{})),
            "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(Sha256, MatchesFips180) {
  EXPECT_EQ(to_hex(sha256(as_bytes(""))), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(to_hex(sha256(as_bytes("abc"))), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256({as_bytes("a"), as_bytes(""), as_bytes("bc")}), sha256(as_bytes("abc")));
}

TEST(ConstantTime, ComparesContentsAndLength) {
  EXPECT_TRUE(equal_constant_time(as_bytes("same"), as_bytes("same")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sane")));
  EXPECT_FALSE(equal_constant_time(as_bytes("same"), as_bytes("sam")));
  EXPECT_TRUE(equal_constant_time({}, {}));
}

}  // namespace
}  // namespace signet::crypto
