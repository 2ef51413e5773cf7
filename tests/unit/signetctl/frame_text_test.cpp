#include "signetctl/frame_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/hex.h"

namespace signet::ctl {
namespace {

TEST(FrameText, TakesRawOctetsAndHexadecimalDigitsWithWhiteSpace) {
  const auto frame = rpmb::counter_request(rpmb::Nonce{1, 2, 3});
  std::string digits = to_hex(frame);
  digits.insert(100, "\n  ");

  EXPECT_EQ(parse_frames(frame), std::vector{frame});
  EXPECT_EQ(parse_frames(as_bytes(digits)), std::vector{frame});
}

TEST(FrameText, RefusesWhatIsNotWholeFrames) {
  for (const char* text : {"", "00", "000"}) EXPECT_THROW(parse_frames(as_bytes(text)), Failed) << text;
  EXPECT_THROW(parse_frames(Bytes(511, 0x80)), Failed);
}

TEST(FrameText, NamesTypesAndResults) {
  EXPECT_EQ(describe_type(0x0001), "key programming, request");
  EXPECT_EQ(describe_type(0x0400), "authenticated data read, answer");
  EXPECT_EQ(describe_type(0x0f00), "not defined");
  EXPECT_EQ(describe_type(0x0101), "not defined");
  EXPECT_EQ(describe_result(0x0000), "ok");
  EXPECT_EQ(describe_result(0x0083), "counter_failure, write counter expired");
}

TEST(FrameText, SaysZerosInsteadOf512Digits) {
  std::ostringstream out;

  print_frame(out, rpmb::result_request());

  EXPECT_NE(out.str().find("data           zeros"), std::string::npos);
  EXPECT_NE(out.str().find("0x0005  result register read, request"), std::string::npos);
}

}  // namespace
}  // namespace signet::ctl
