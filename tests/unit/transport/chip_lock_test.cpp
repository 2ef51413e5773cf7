#include "rpmb/transport/node/chip_lock.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "fake_sysfs.h"

namespace signet::rpmb {
namespace {

using ::testing::HasSubstr;

class ChipLockTest : public ::testing::Test {
 protected:
  TemporaryDirectory directory_;
  const Cid one_ = cid_of("aa015851454d55212101deadbeef2900");
  const Cid other_ = cid_of("bb015851454d55212101deadbeef2900");
};

TEST_F(ChipLockTest, KeepsASecondOwnerAwayAndNamesTheFirst) {
  const auto held = ChipLock::acquire(directory_.path(), one_);
  ASSERT_TRUE(held);

  const auto second = ChipLock::acquire(directory_.path(), one_);

  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, Errc::busy);
  EXPECT_THAT(second.error().context, HasSubstr("process " + std::to_string(::getpid())));
}

TEST_F(ChipLockTest, EndsWithItsOwner) {
  { ASSERT_TRUE(ChipLock::acquire(directory_.path(), one_)); }

  EXPECT_TRUE(ChipLock::acquire(directory_.path(), one_));
}

TEST_F(ChipLockTest, IsPerChip) {
  const auto held = ChipLock::acquire(directory_.path(), one_);

  EXPECT_TRUE(ChipLock::acquire(directory_.path(), other_));
}

TEST_F(ChipLockTest, WantsADirectoryThatExists) {
  const auto lock = ChipLock::acquire(directory_.path() / "missing", one_);

  ASSERT_FALSE(lock);
  EXPECT_EQ(lock.error().code, Errc::config_invalid);
  EXPECT_THAT(lock.error().context, HasSubstr("runtime directory"));
}

TEST_F(ChipLockTest, DoesNotFollowALinkPlantedInItsPlace) {
  const auto target = directory_.path() / "precious";
  write_file(target, "precious");
  make_link(target, directory_.path() / ("chip-" + to_hex(one_) + ".lock"));

  const auto lock = ChipLock::acquire(directory_.path(), one_);

  EXPECT_FALSE(lock);
  EXPECT_EQ(std::filesystem::file_size(target), 8);
}

}  // namespace
}  // namespace signet::rpmb
