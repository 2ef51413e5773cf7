#include "rpmb/transport/node/device_node.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_devices.h"
#include "fake_sysfs.h"

namespace signet::rpmb {
namespace {

using ::testing::HasSubstr;

class DeviceNodeTest : public ::testing::Test {
 protected:
  Error error_of(const std::string& path) {
    auto node = open_node(devices_, path, O_RDWR);
    return node ? Error{Errc::internal, "opened"} : node.error();
  }

  FakeDevices devices_;
};

TEST_F(DeviceNodeTest, OpensACharacterDeviceAndTellsItsNumber) {
  devices_.add("/dev/mmcblk0rpmb", S_IFCHR, makedev(246, 0));

  const auto node = open_node(devices_, "/dev/mmcblk0rpmb", O_RDWR | O_CLOEXEC);

  ASSERT_TRUE(node);
  EXPECT_EQ(node->number, makedev(246, 0));
  EXPECT_EQ(devices_.opened_flags, std::vector<int>{O_RDWR | O_CLOEXEC});
}

TEST_F(DeviceNodeTest, AWrongPathIsNoChip) {
  const auto error = error_of("/dev/mmcblk7rpmb");

  EXPECT_EQ(error.code, Errc::no_chip);
  EXPECT_THAT(error.context, HasSubstr("/dev/mmcblk7rpmb"));
}

TEST_F(DeviceNodeTest, ABlockDeviceIsRefusedUnopenedAndTheRightNodeNamed) {
  devices_.add("/dev/mmcblk0", S_IFBLK);

  const auto error = error_of("/dev/mmcblk0");

  EXPECT_EQ(error.code, Errc::not_rpmb);
  EXPECT_THAT(error.context, HasSubstr("the RPMB node of this chip is /dev/mmcblk0rpmb"));
  EXPECT_TRUE(devices_.opened_flags.empty());
}

TEST_F(DeviceNodeTest, ADiskOfUfsIsRefusedWithAHintAtScsiGeneric) {
  devices_.add("/dev/sda", S_IFBLK);

  const auto error = error_of("/dev/sda");

  EXPECT_EQ(error.code, Errc::not_rpmb);
  EXPECT_THAT(error.context, HasSubstr("/dev/sg"));
}

TEST_F(DeviceNodeTest, AnRpmbBlockDeviceOfAnOldKernelIsNamedAsSuch) {
  devices_.add("/dev/mmcblk0rpmb", S_IFBLK);

  EXPECT_THAT(error_of("/dev/mmcblk0rpmb").context, HasSubstr("before 4.15"));
}

TEST_F(DeviceNodeTest, ARegularFileIsRefusedWithAHintAtTheEmulator) {
  devices_.add("/var/lib/chip", S_IFREG);

  const auto error = error_of("/var/lib/chip");

  EXPECT_EQ(error.code, Errc::not_rpmb);
  EXPECT_THAT(error.context, HasSubstr("transport = \"emulator\""));
}

TEST_F(DeviceNodeTest, ADirectoryIsRefused) {
  devices_.add("/dev", S_IFDIR);

  EXPECT_EQ(error_of("/dev").code, Errc::not_rpmb);
}

TEST_F(DeviceNodeTest, FailuresToOpenAreToldApart) {
  devices_.add("/dev/mmcblk0rpmb", S_IFCHR);
  const std::pair<int, Errc> expected[] = {
      {EACCES, Errc::chip_permission}, {EPERM, Errc::chip_permission}, {EBUSY, Errc::busy},
      {ENXIO, Errc::no_chip},          {ENODEV, Errc::no_chip},        {EMFILE, Errc::io}};
  for (const auto& [error, code] : expected) {
    devices_.refuse_open(error);

    EXPECT_EQ(error_of("/dev/mmcblk0rpmb").code, code) << error;
  }
}

TEST_F(DeviceNodeTest, MissingPermissionComesWithTheRemedy) {
  devices_.add("/dev/mmcblk0rpmb", S_IFCHR);
  devices_.refuse_open(EACCES);

  EXPECT_THAT(error_of("/dev/mmcblk0rpmb").context, HasSubstr("udev rule"));
}

// The same through the kernel: a directory that only its owner may enter, and a process that is somebody else.
TEST(DeviceNode, APathThatMayNotBeReachedIsAQuestionOfPermission) {
  if (::geteuid() != 0) GTEST_SKIP() << "only root can become somebody else";
  TemporaryDirectory directory;  // mode 0700
  write_file(directory.path() / "node", "");
  ASSERT_EQ(::seteuid(65534), 0);

  const auto node = open_node(kernel(), directory.path() / "node", O_RDWR);

  ASSERT_EQ(::seteuid(0), 0);
  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, Errc::chip_permission);
}

TEST(TransferError, TellsWhatTheCallerCanDo) {
  EXPECT_EQ(transfer_error(EILSEQ, "").code, Errc::io);
  EXPECT_EQ(transfer_error(EIO, "").code, Errc::io);
  EXPECT_EQ(transfer_error(EINVAL, "").code, Errc::io);
  EXPECT_EQ(transfer_error(ETIMEDOUT, "").code, Errc::timeout);
  EXPECT_EQ(transfer_error(ENODEV, "").code, Errc::no_chip);
  EXPECT_EQ(transfer_error(ENXIO, "").code, Errc::no_chip);
  EXPECT_EQ(transfer_error(ENOMEDIUM, "").code, Errc::no_chip);
  EXPECT_EQ(transfer_error(EACCES, "").code, Errc::chip_permission);
}

TEST(RpmbNodeOf, IsTheNodeOfTheSameChip) {
  EXPECT_EQ(rpmb_node_of("/dev/mmcblk0"), "/dev/mmcblk0rpmb");
  EXPECT_EQ(rpmb_node_of("/dev/mmcblk12p3"), "/dev/mmcblk12rpmb");
  EXPECT_EQ(rpmb_node_of("/dev/mmcblk1boot0"), "/dev/mmcblk1rpmb");
  EXPECT_EQ(rpmb_node_of("/dev/mmcblk"), "");
  EXPECT_EQ(rpmb_node_of("/dev/sda1"), "");
}

}  // namespace
}  // namespace signet::rpmb
