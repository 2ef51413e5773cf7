#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <array>

#include "fake_sysfs.h"
#include "rpmb/transport/mmc/discovery.h"
#include "tests/unit/random_octets.h"

namespace signet::rpmb::mmc {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr const char* kFirst = "aa015851454d55212101deadbeef2900";
constexpr const char* kSecond = "bb015851454d55212101deadbeef2900";

class MmcDiscoveryTest : public ::testing::Test {
 protected:
  MmcDiscoveryTest() {
    options_.sysfs = sysfs_.root();
    options_.devices = sysfs_.devices();
  }

  FakeSysfs sysfs_;
  NodeOptions options_;
};

TEST_F(MmcDiscoveryTest, FindsTheOneChip) {
  sysfs_.add(FakeEmmc{.index = 2, .cid = kFirst});

  EXPECT_EQ(find_node(options_).value(), sysfs_.devices() / "mmcblk2rpmb");
}

TEST_F(MmcDiscoveryTest, ChoosesByCidWhateverTheNumber) {
  sysfs_.add(FakeEmmc{.index = 0, .major = 246, .cid = kFirst});
  sysfs_.add(FakeEmmc{.index = 1, .major = 247, .cid = kSecond});
  options_.cid = cid_of(kSecond);

  EXPECT_EQ(find_node(options_).value(), sysfs_.devices() / "mmcblk1rpmb");
}

TEST_F(MmcDiscoveryTest, ListsSeveralChipsInsteadOfGuessing) {
  sysfs_.add(FakeEmmc{.index = 0, .major = 246, .cid = kFirst});
  sysfs_.add(FakeEmmc{.index = 1, .major = 247, .cid = kSecond});

  const auto node = find_node(options_);

  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, Errc::config_invalid);
  EXPECT_THAT(node.error().context, AllOf(HasSubstr(kFirst), HasSubstr(kSecond), HasSubstr("[chip] cid")));
}

TEST_F(MmcDiscoveryTest, SaysWhichChipsThereAreWhenTheConfiguredOneIsNot) {
  sysfs_.add(FakeEmmc{.cid = kFirst});
  options_.cid = cid_of(kSecond);

  const auto node = find_node(options_);

  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, Errc::no_chip);
  EXPECT_THAT(node.error().context, AllOf(HasSubstr(kFirst), HasSubstr(kSecond)));
}

TEST_F(MmcDiscoveryTest, SaysWhereItLookedWhenThereIsNothing) {
  const auto node = find_node(options_);

  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, Errc::no_chip);
  EXPECT_THAT(node.error().context, AllOf(HasSubstr("bus/mmc_rpmb/devices"), HasSubstr("no MMC device at all")));
}

TEST_F(MmcDiscoveryTest, SaysWhyACardHasNoRpmb) {
  write_file(sysfs_.root() / "block/mmcblk0/device/raw_rpmb_size_mult", "0\n");
  write_file(sysfs_.root() / "block/mmcblk1/device/type", "SD\n");
  write_file(sysfs_.root() / "block/mmcblk2/device/raw_rpmb_size_mult", "0x20\n");
  write_file(sysfs_.root() / "block/mmcblk2boot0/device/type", "MMC\n");

  const auto node = find_node(options_);

  ASSERT_FALSE(node);
  EXPECT_THAT(node.error().context,
              AllOf(HasSubstr("mmcblk0 is an eMMC without an RPMB partition"), HasSubstr("mmcblk1 is not an eMMC"),
                    HasSubstr("mmcblk2 has an RPMB partition that the kernel does not offer")));
}

TEST_F(MmcDiscoveryTest, ReadsWhatTheChipAnnounces) {
  sysfs_.add(FakeEmmc{.major = 246, .cid = kFirst, .size_multiple = "0x10"});

  const auto facts = read_facts(options_, "/dev/mmcblk0rpmb", makedev(246, 0));

  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->kind, Kind::mmc);
  EXPECT_EQ(facts->node, "/dev/mmcblk0rpmb");
  EXPECT_EQ(facts->cid, cid_of(kFirst));
  EXPECT_TRUE(facts->cid_from_hardware);
  EXPECT_EQ(facts->blocks, 8192);
}

TEST_F(MmcDiscoveryTest, PromisesTheWriteSizeThatTheChipAnnounces) {
  const auto frames = [&](int index, const char* sectors, const char* enhanced) {
    sysfs_.add(FakeEmmc{.index = index, .major = 246 + index, .sectors = sectors, .enhanced = enhanced});
    return read_facts(options_, "/dev/mmcblkNrpmb", makedev(static_cast<unsigned>(246 + index), 0))
        .value()
        .write_frames;
  };

  EXPECT_EQ(frames(0, "0x1", "0x10"), 32);
  EXPECT_EQ(frames(1, "0x1", "0"), 2);
  EXPECT_EQ(frames(2, "0x0", "0"), 1);
  EXPECT_EQ(frames(3, "garbage", "garbage"), 1);
}

TEST_F(MmcDiscoveryTest, RefusesAChipWithoutAnRpmbPartition) {
  sysfs_.add(FakeEmmc{.major = 246, .size_multiple = "0"});

  EXPECT_EQ(read_facts(options_, "/dev/mmcblk0rpmb", makedev(246, 0)).error().code, Errc::geometry);
}

TEST_F(MmcDiscoveryTest, RefusesASizeThatNoFrameCanAddress) {
  sysfs_.add(FakeEmmc{.major = 246, .size_multiple = "0x81"});

  EXPECT_EQ(read_facts(options_, "/dev/mmcblk0rpmb", makedev(246, 0)).error().code, Errc::geometry);
}

TEST_F(MmcDiscoveryTest, RefusesASizeThatDisagreesWithTheConfiguration) {
  sysfs_.add(FakeEmmc{.major = 246, .size_multiple = "0x10"});
  options_.size = 1048576;

  const auto facts = read_facts(options_, "/dev/mmcblk0rpmb", makedev(246, 0));

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, Errc::geometry);
  EXPECT_THAT(facts.error().context, AllOf(HasSubstr("2097152"), HasSubstr("1048576")));
}

TEST_F(MmcDiscoveryTest, RefusesAnotherChipThanTheConfiguredOne) {
  sysfs_.add(FakeEmmc{.major = 246, .cid = kFirst});
  options_.cid = cid_of(kSecond);

  EXPECT_EQ(read_facts(options_, "/dev/mmcblk0rpmb", makedev(246, 0)).error().code, Errc::no_chip);
}

TEST_F(MmcDiscoveryTest, TakesTheConfigurationsWordWhereSysfsHasNone) {
  options_.cid = cid_of(kSecond);
  options_.size = 131072;

  const auto facts = read_facts(options_, "/dev/cardrpmb", makedev(240, 1));

  ASSERT_TRUE(facts);
  EXPECT_EQ(facts->cid, cid_of(kSecond));
  EXPECT_FALSE(facts->cid_from_hardware);
  EXPECT_EQ(facts->blocks, 512);
}

TEST_F(MmcDiscoveryTest, SaysWhatToConfigureWhereSysfsHasNothing) {
  const auto facts = read_facts(options_, "/dev/cardrpmb", makedev(240, 1));

  ASSERT_FALSE(facts);
  EXPECT_EQ(facts.error().code, Errc::config_invalid);
  EXPECT_THAT(facts.error().context, HasSubstr("[chip] cid and size"));
}

TEST_F(MmcDiscoveryTest, RefusesAConfiguredSizeThatNoChipHas) {
  options_.cid = cid_of(kSecond);
  for (const std::uint64_t size : {0ULL, 1ULL, 131073ULL, 16ULL * 1024 * 1024 + 131072, ~0ULL}) {
    options_.size = size;

    EXPECT_EQ(read_facts(options_, "/dev/cardrpmb", makedev(240, 1)).error().code, Errc::config_invalid) << size;
  }
}

TEST_F(MmcDiscoveryTest, SurvivesRandomOctetsInEveryAttribute) {
  RandomOctets random{7};
  const auto card = sysfs_.add(FakeEmmc{.major = 246});
  const std::array attributes{std::pair{"enhanced_rpmb_supported", "0"}, std::pair{"rel_sectors", "0x1"},
                              std::pair{"raw_rpmb_size_mult", "0x10"}, std::pair{"cid", kFirst}};
  for (int i = 0; i < kRandomStrings / 10; ++i) {  // files are slow; sysfs_parse_test.cpp has all ten thousand
    const auto& [attribute, good] = attributes[random.below(attributes.size())];
    write_file(card / attribute, random.below(2) == 0 ? random.text(5000) : random.text(40, "0123456789abcdefx \n"));
    const auto facts = read_facts(options_, "/dev/mmcblk0rpmb", makedev(246, 0));

    if (facts) {
      ASSERT_EQ(facts->blocks % kUnitBlocks, 0U) << attribute;
      ASSERT_LE(facts->blocks, 65536U) << attribute;
      ASSERT_THAT(facts->write_frames, AnyOf(1, 2, 32)) << attribute;
    } else {
      ASSERT_THAT(facts.error().code, AnyOf(Errc::geometry, Errc::config_invalid)) << attribute;
    }
    ASSERT_TRUE(find_node(options_));  // the chip is there all the same
    write_file(card / attribute, good);
  }
}

}  // namespace
}  // namespace signet::rpmb::mmc
