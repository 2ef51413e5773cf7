#include <sys/sysmacros.h>

#include <gtest/gtest.h>

#include "fake_sysfs.h"
#include "rpmb/transport/node/sysfs.h"
#include "tests/unit/random_octets.h"

namespace signet::rpmb {
namespace {

TEST(SysfsNumber, IsDecimalOrHexadecimalWithWhiteSpaceAround) {
  EXPECT_EQ(sysfs::parse_number("30\n"), 30);
  EXPECT_EQ(sysfs::parse_number(" 0x10\n"), 16);
  EXPECT_EQ(sysfs::parse_number("0X1f"), 31);
  EXPECT_EQ(sysfs::parse_number("0"), 0);
  EXPECT_EQ(sysfs::parse_number("0xffffffffffffffff"), 0xffff'ffff'ffff'ffff);
}

TEST(SysfsNumber, IsNothingForAnythingElse) {
  for (const char* text : {"", "\n", "0x", "x10", "0x10 0x20", "-1", "+1", "12a", "0x1ffffffffffffffff", "1.5"}) {
    EXPECT_EQ(sysfs::parse_number(text), std::nullopt) << text;
  }
}

TEST(SysfsCid, Is32HexadecimalDigits) {
  const auto cid = sysfs::parse_cid("aa015851454d55212101deadbeef2900\n");

  ASSERT_TRUE(cid);
  EXPECT_EQ((*cid)[0], 0xaa);
  EXPECT_EQ((*cid)[14], 0x29);
}

TEST(SysfsCid, IsNothingForAnythingElse) {
  for (const char* text : {"", "aa", "aa015851454d55212101deadbeef29", "aa015851454d55212101deadbeef290000",
                           "aa015851454d55212101deadbeef29zz", "aa015851 54d55212101deadbeef2900"}) {
    EXPECT_EQ(sysfs::parse_cid(text), std::nullopt) << text;
  }
}

TEST(SysfsDevice, IsMajorAndMinor) {
  EXPECT_EQ(sysfs::parse_device("246:3\n"), makedev(246, 3));
  for (const char* text : {"", ":", "246", "246:", ":3", "246:3:1", "a:b", "-1:0", "4294967296:0"}) {
    EXPECT_EQ(sysfs::parse_device(text), std::nullopt) << text;
  }
}

// Whatever the octets, a parser either takes the text as a whole or leaves it.
TEST(SysfsParsers, SurviveRandomOctets) {
  RandomOctets random{20240501};
  for (int i = 0; i < kRandomStrings; ++i) {
    for (const auto& text : {random.text(100), random.text(40, "0123456789abcdefxX: \n"), random.text(5000)}) {
      const auto cid = sysfs::parse_cid(text);
      const auto number = sysfs::parse_number(text);
      const auto device = sysfs::parse_device(text);

      ASSERT_LE((cid && device) + (number && device), 0) << text;
      if (cid) {
        ASSERT_GE(text.size(), 2 * cid->size());
      }
      if (number) {
        ASSERT_EQ(sysfs::parse_number(std::to_string(*number)), number) << text;
      }
      if (device) {
        ASSERT_NE(text.find(':'), std::string::npos);
      }
    }
  }
}

TEST(SysfsRead, TakesTheSpaceOffAndAtMostAPage) {
  TemporaryDirectory directory;
  write_file(directory.path() / "small", "  MMC \n");
  write_file(directory.path() / "large", std::string(10'000, 'x'));

  EXPECT_EQ(sysfs::read(directory.path() / "small").value(), "MMC");
  EXPECT_EQ(sysfs::read(directory.path() / "large").value().size(), 4096);
}

TEST(SysfsRead, TellsAMissingAttributeFromABadOne) {
  TemporaryDirectory directory;
  write_file(directory.path() / "bad", "many");

  EXPECT_EQ(sysfs::read_number(directory.path() / "missing").error().code, Errc::not_found);
  EXPECT_EQ(sysfs::read_number(directory.path() / "bad").error().code, Errc::geometry);
  EXPECT_EQ(sysfs::read(directory.path()).error().code, Errc::io);  // a directory
  EXPECT_EQ(sysfs::find_number(directory.path() / "missing"), std::nullopt);
}

}  // namespace
}  // namespace signet::rpmb
