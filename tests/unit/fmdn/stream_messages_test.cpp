#include "fmdn/stream_messages.h"

#include <gtest/gtest.h>

namespace signet::fmdn {
namespace {

TEST(StreamMessages, AVersionThatIsTooLongIsCutOff) {
  const Bytes message = firmware_version_message(std::string(70'000, '1'));

  EXPECT_EQ(message.size(), 4U + 65'535);
  EXPECT_EQ(message[2], 0xff);
  EXPECT_EQ(message[3], 0xff);
}

TEST(StreamMessages, OnlyTheRequestItselfIsOne) {
  EXPECT_TRUE(is_capability_update_request(Bytes{6, 1, 0, 0}));
  EXPECT_FALSE(is_capability_update_request(Bytes{}));
  EXPECT_FALSE(is_capability_update_request(Bytes{6, 1, 0}));
  EXPECT_FALSE(is_capability_update_request(Bytes{6, 1, 0, 1, 0}));
  EXPECT_FALSE(is_capability_update_request(Bytes{6, 3, 0, 0}));
}

}  // namespace
}  // namespace signet::fmdn
