#include "rpmb/transport/open.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include "fake_mmc.h"
#include "fake_sysfs.h"
#include "fake_ufs.h"

namespace signet::rpmb {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class OpenTransportTest : public ::testing::Test {
 protected:
  OpenTransportTest() {
    options_.chip.sysfs = sysfs_.root();
    options_.chip.devices = sysfs_.devices();
    options_.chip.lock_directory = sysfs_.scratch();
    std::filesystem::create_directories(sysfs_.devices());
  }

  void add_mmc() {
    sysfs_.add(FakeEmmc{.major = 246});
    mmc_.add(sysfs_.devices() / "mmcblk0rpmb", S_IFCHR, makedev(246, 0));
  }
  void add_ufs() {
    sysfs_.add(FakeUfs{});
    ufs_.add(sysfs_.devices() / "sg0", S_IFCHR, makedev(21, 0));
  }

  FakeSysfs sysfs_;
  ChipModel chip_{blank_chip(1, 2)};
  FakeMmc mmc_{chip_};
  FakeUfsUnit ufs_{chip_};
  TransportOptions options_;
};

TEST(TransportChoice, IsOneOfFourWords) {
  EXPECT_EQ(parse_transport_choice("auto"), TransportChoice::automatic);
  EXPECT_EQ(parse_transport_choice("mmc"), TransportChoice::mmc);
  EXPECT_EQ(parse_transport_choice("ufs"), TransportChoice::ufs);
  EXPECT_EQ(parse_transport_choice("emulator"), TransportChoice::emulator);
  EXPECT_EQ(parse_transport_choice(""), std::nullopt);
  EXPECT_EQ(parse_transport_choice("nvme"), std::nullopt);
}

TEST_F(OpenTransportTest, TakesAnEmmcFirst) {
  add_mmc();
  add_ufs();

  EXPECT_EQ(open_transport(options_, mmc_).value()->facts().kind, Kind::mmc);
}

TEST_F(OpenTransportTest, TakesUfsWhenThereIsNoEmmc) {
  add_ufs();

  EXPECT_EQ(open_transport(options_, ufs_).value()->facts().kind, Kind::ufs);
}

TEST_F(OpenTransportTest, SaysWhereItLookedForBoth) {
  const auto transport = open_transport(options_, mmc_);

  ASSERT_FALSE(transport);
  EXPECT_EQ(transport.error().code, Errc::no_chip);
  EXPECT_THAT(transport.error().context, AllOf(HasSubstr("bus/mmc_rpmb/devices"), HasSubstr("class/scsi_generic")));
}

// A machine without a chip must not come up on an emulated one because of a file that lies about.
TEST_F(OpenTransportTest, NeverTakesTheEmulatorByItself) {
  options_.emulator.file = sysfs_.scratch() / "chip";

  EXPECT_EQ(open_transport(options_, mmc_).error().code, Errc::no_chip);

  EXPECT_FALSE(std::filesystem::exists(options_.emulator.file));
}

TEST_F(OpenTransportTest, DoesNotGoOnToUfsWhenTheEmmcIsThereButFails) {
  add_mmc();
  add_ufs();
  mmc_.refuse_open(EACCES);

  EXPECT_EQ(open_transport(options_, mmc_).error().code, Errc::chip_permission);
}

TEST_F(OpenTransportTest, TellsAGivenNodeByItsKind) {
  add_mmc();
  add_ufs();
  options_.chip.node = sysfs_.devices() / "sg0";

  EXPECT_EQ(open_transport(options_, ufs_).value()->facts().kind, Kind::ufs);
}

TEST_F(OpenTransportTest, OpensTheEmulatorWhenAskedTo) {
  options_.transport = TransportChoice::emulator;
  options_.emulator.file = sysfs_.scratch() / "chip";
  options_.emulator.size = 131072;

  const auto transport = open_transport(options_);

  ASSERT_TRUE(transport);
  EXPECT_EQ((*transport)->facts().kind, Kind::emulator);
  EXPECT_EQ((*transport)->facts().blocks, 512);
}

TEST_F(OpenTransportTest, WatchesTheDirectoryOfTheGivenNode) {
  options_.chip.node = sysfs_.scratch() / "own" / "rpmb";
  std::filesystem::create_directories(options_.chip.node.parent_path());
  auto watch = watch_for_chip(options_);
  ASSERT_TRUE(watch);

  write_file(options_.chip.node, "");

  EXPECT_TRUE(watch->drain());
}

}  // namespace
}  // namespace signet::rpmb
