#include "base/loopback.h"

#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet {
namespace {

TEST(Loopback, IsThisMachineByNameAndByAddress) {
  for (const char* host : {"localhost", "127.0.0.1", "127.0.0.2", "127.255.255.254", "[::1]", "[0:0:0:0:0:0:0:1]"}) {
    EXPECT_TRUE(is_loopback_host(host)) << host;
  }
}

TEST(Loopback, IsNoNameThatOnlyBeginsSo) {
  for (const char* host : {"localhost.evil.example", "127.0.0.1.evil.example", "127.0.0.1.5", "127.", "128.0.0.1",
                           "[::2]", "::1", "[::1", "[]", "", "localhost "}) {
    EXPECT_FALSE(is_loopback_host(host)) << host;
  }
}

TEST(Loopback, SurvivesRandomOctets) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) EXPECT_FALSE(is_loopback_host(random.text(64)));
}

}  // namespace
}  // namespace signet
