#include "signetctl/frame_text.h"

#include <gtest/gtest.h>

#include <sstream>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

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

// Takes the input apart and shows it, or refuses it as a request that is not valid. Returns the number of frames.
std::size_t show(const std::string& input) try {
  const auto frames = parse_frames(as_bytes(input));
  for (const auto& frame : frames) {
    std::ostringstream out;
    print_frame(out, frame);
    EXPECT_FALSE(out.str().empty());
    EXPECT_EQ(frame_to_json(frame).size(), 11u);
  }
  return frames.size();
} catch (const Failed& failed) {
  EXPECT_EQ(failed.error().code, Errc::invalid_argument);
  EXPECT_FALSE(failed.error().context.empty());
  return 0;
}

TEST(FrameText, ShowsOrRefusesRandomOctets) {
  RandomOctets random{1};

  EXPECT_EQ(show(random.exactly(10'000)), 0u);
  for (int i = 0; i < kRandomStrings; ++i) {
    show(random.text(600));
    show(random.text(1100, "0123456789abcdefABCDEF \n"));
  }
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(show(random.exactly(2 * rpmb::kFrameSize)), 2u);
    EXPECT_EQ(show(random.exactly(2 * rpmb::kFrameSize, "0123456789abcdef")), 1u);
  }
}

}  // namespace
}  // namespace signet::ctl
