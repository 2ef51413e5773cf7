#include "signetctl/base64.h"

#include <gtest/gtest.h>

namespace signet::ctl {
namespace {

struct Vector {
  const char* text;
  const char* base64;
};

TEST(Base64, AgreesWithRfc4648Section10) {
  for (const auto& [text, base64] :
       {Vector{"", ""}, Vector{"f", "Zg=="}, Vector{"fo", "Zm8="}, Vector{"foo", "Zm9v"}, Vector{"foob", "Zm9vYg=="},
        Vector{"fooba", "Zm9vYmE="}, Vector{"foobar", "Zm9vYmFy"}}) {
    EXPECT_EQ(to_base64(as_bytes(text)), base64);
    const auto back = from_base64(base64);
    ASSERT_TRUE(back) << base64;
    EXPECT_EQ(as_text(*back), text);
  }
}

TEST(Base64, RefusesWhatIsNotCanonical) {
  for (const char* text : {"Zg", "Zg=", "Z===", "Zh==", "Zg==Zg==", "Zm9%", "=Zm9"})
    EXPECT_FALSE(from_base64(text)) << text;
}

TEST(Base64, IgnoresWhiteSpace) { EXPECT_EQ(from_base64(" Zm\n9v\n"), (Bytes{'f', 'o', 'o'})); }

TEST(Pem, ComesBackAsItWasInLinesOf64) {
  const Bytes der(100, 0x5a);

  const auto pem = to_pem("PUBLIC KEY", der);

  EXPECT_EQ(pem.find('\n', 27) - 27, 64u);
  EXPECT_EQ(from_pem("PUBLIC KEY", "some text before\n" + pem), der);
  EXPECT_FALSE(from_pem("CERTIFICATE", pem));
}

}  // namespace
}  // namespace signet::ctl
