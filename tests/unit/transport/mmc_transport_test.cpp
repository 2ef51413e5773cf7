#include "rpmb/transport/mmc/mmc_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_mmc.h"
#include "node_transport_fixture.h"

namespace signet::rpmb {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

constexpr const char* kCid = "aa015851454d55212101deadbeef2900";
constexpr const char* kOtherCid = "bb015851454d55212101deadbeef2900";

class MmcTransportTest : public NodeTransportTest<MmcTransport, FakeMmc> {
 protected:
  MmcTransportTest() : NodeTransportTest{"mmcblk0rpmb"} {
    card_ = sysfs_.add(FakeEmmc{.major = 246, .cid = kCid, .size_multiple = "0x1"});
    add_node(makedev(246, 0));
  }

  FakeMmc& mmc_ = device_;
  std::filesystem::path card_;
};

void expect_data_command(const mmc_ioc_cmd& command, unsigned opcode, unsigned write_flag, std::size_t blocks,
                         const void* data) {
  EXPECT_EQ(command.opcode, opcode);
  EXPECT_EQ(static_cast<unsigned>(command.write_flag), write_flag);
  EXPECT_EQ(command.blocks, blocks);
  EXPECT_EQ(command.blksz, 512);
  EXPECT_EQ(command.arg, 0);  // the address is in the frame
  EXPECT_EQ(command.is_acmd, 0);
  EXPECT_EQ(command.flags, 0xb5);
  EXPECT_EQ(command.postsleep_min_us, 0);
  EXPECT_EQ(command.postsleep_max_us, 0);
  EXPECT_EQ(command.data_timeout_ns, 0);
  EXPECT_EQ(command.cmd_timeout_ms, 0);
  if (data != nullptr) {
    EXPECT_EQ(command.data_ptr, reinterpret_cast<std::uintptr_t>(data));
  }
}

TEST_F(MmcTransportTest, AWriteIsOneListOfRequestResultRequestAndAnswer) {
  const auto transport = open();
  const std::vector<Block> blocks(2);
  const auto request = write_request(0, 6, blocks);
  Frame response;

  ASSERT_TRUE(transport->program(request, response));

  ASSERT_EQ(mmc_.lists.size(), 1);
  const auto& list = mmc_.lists.front();
  ASSERT_EQ(list.size(), 3);
  expect_data_command(list[0], 25, 0x8000'0001, 2, request.data());
  expect_data_command(list[1], 25, 1, 1, nullptr);
  expect_data_command(list[2], 18, 0, 1, &response);
}

TEST_F(MmcTransportTest, AReadIsOneListOfRequestAndAnswer) {
  const auto transport = open();
  const Frame request = read_request({}, 0, 0);
  std::vector<Frame> response(8);

  ASSERT_TRUE(transport->read(request, response));

  ASSERT_EQ(mmc_.lists.size(), 1);
  const auto& list = mmc_.lists.front();
  ASSERT_EQ(list.size(), 2);
  expect_data_command(list[0], 25, 1, 1, &request);
  expect_data_command(list[1], 18, 0, 8, response.data());
}

TEST_F(MmcTransportTest, OpensForReadingAndWritingAndSendsNothing) {
  const auto transport = open();

  EXPECT_EQ(mmc_.opened_flags, std::vector<int>{O_RDWR | O_CLOEXEC});
  EXPECT_TRUE(mmc_.lists.empty());
}

TEST_F(MmcTransportTest, LeavesTheBlockCountOfAReadToTheKernel) { EXPECT_FALSE(open()->read_request_carries_count()); }

TEST_F(MmcTransportTest, CarriesAWholeSession) { expect_whole_session(32); }

TEST_F(MmcTransportTest, NeverLetsAnAnswerOfAFailedListThrough) {
  const auto transport = open();
  Frame response;
  mmc_.fail_next(EILSEQ, 2);  // after the write was carried out
  const auto written = transport->program(std::vector<Frame>{key_request(std::array<std::uint8_t, 32>{})}, response);
  std::vector<Frame> frames(4);
  mmc_.fail_next(EIO, 1);
  const auto read = transport->read(read_request({}, 0, 0), frames);

  EXPECT_EQ(written.error().code, Errc::io);
  EXPECT_EQ(response, Frame{});
  EXPECT_EQ(read.error().code, Errc::io);
  EXPECT_EQ(frames, std::vector<Frame>(4));
}

TEST_F(MmcTransportTest, TellsKernelErrorsApart) {
  const auto transport = open();
  Frame response;
  const std::pair<int, Errc> expected[] = {{EILSEQ, Errc::io},
                                           {EIO, Errc::io},
                                           {ETIMEDOUT, Errc::timeout},
                                           {ENODEV, Errc::no_chip},
                                           {ENXIO, Errc::no_chip},
                                           {ENOMEDIUM, Errc::no_chip},
                                           {EACCES, Errc::chip_permission}};
  for (const auto& [error, code] : expected) {
    mmc_.fail_next(error);

    EXPECT_EQ(transport->read(counter_request({}), {&response, 1}).error().code, code) << error;
  }
}

TEST_F(MmcTransportTest, RefusesSizesThatOneIoctlCannotCarry) {
  const auto transport = open();
  std::vector<Frame> frames(kMaxReadFrames + 1);
  Frame response;

  EXPECT_EQ(transport->read(counter_request({}), frames).error().code, Errc::invalid_argument);
  EXPECT_EQ(transport->read(counter_request({}), {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(transport->program({}, response).error().code, Errc::invalid_argument);
  EXPECT_TRUE(mmc_.lists.empty());
}

TEST_F(MmcTransportTest, TakesTheNodeItIsGivenAndFindsItsChipByDeviceNumber) {
  options_.node = "/dev/by-purpose/rpmb";
  mmc_.add("/dev/by-purpose/rpmb", S_IFCHR, makedev(246, 0));

  EXPECT_EQ(open()->facts().cid, cid_of(kCid));
}

TEST_F(MmcTransportTest, AWrongPathIsNoChip) {
  options_.node = "/dev/mmcblk9rpmb";

  EXPECT_EQ(failure().code, Errc::no_chip);
}

TEST_F(MmcTransportTest, TheBlockDeviceIsRefusedAndTheRightNodeNamed) {
  options_.node = "/dev/mmcblk0";
  mmc_.add("/dev/mmcblk0", S_IFBLK, makedev(179, 0));

  const auto error = failure();

  EXPECT_EQ(error.code, Errc::not_rpmb);
  EXPECT_THAT(error.context, HasSubstr("/dev/mmcblk0rpmb"));
}

TEST_F(MmcTransportTest, MissingPermissionAndABusyNodeAreNamed) { expect_open_errors_to_be_named(); }

TEST_F(MmcTransportTest, ASecondOwnerIsTurnedAway) {
  const auto first = open();

  const auto error = failure();

  EXPECT_EQ(error.code, Errc::busy);
  EXPECT_THAT(error.context, AllOf(HasSubstr(kCid), HasSubstr("process " + std::to_string(::getpid()))));
}

TEST_F(MmcTransportTest, TheLockEndsWithTheTransport) {
  open().reset();

  EXPECT_EQ(failure().context, "opened");
}

// Any other character device answers that it does not know the request; here the kernel's own.
TEST_F(MmcTransportTest, AnotherCharacterDeviceIsRefused) {
  options_.node = "/dev/null";

  const auto opened = MmcTransport::open(options_, kernel());

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::not_rpmb);
  EXPECT_THAT(opened.error().context, HasSubstr("MMC_IOC_MULTI_CMD"));
}

TEST_F(MmcTransportTest, TheSameChipKeepsItsIdentity) { EXPECT_TRUE(open()->check_identity()); }

TEST_F(MmcTransportTest, AnExchangedChipIsNoticed) {
  const auto transport = open();
  write_file(card_ / "cid", std::string{kOtherCid} + "\n");

  const auto checked = transport->check_identity();

  ASSERT_FALSE(checked);
  EXPECT_EQ(checked.error().code, Errc::chip_changed);
  EXPECT_THAT(checked.error().context, AllOf(HasSubstr(kCid), HasSubstr(kOtherCid)));
}

TEST_F(MmcTransportTest, AnotherChipUnderTheSamePathIsNoticed) {
  const auto transport = open();
  sysfs_.add(FakeEmmc{.index = 1, .major = 247, .cid = kOtherCid});
  add_node(makedev(247, 0));

  EXPECT_EQ(transport->check_identity().error().code, Errc::chip_changed);
}

TEST_F(MmcTransportTest, TheSameChipUnderANewDeviceHasToBeOpenedAnew) {
  const auto transport = open();
  sysfs_.add(FakeEmmc{.index = 1, .major = 247, .cid = kCid});
  add_node(makedev(247, 0));

  EXPECT_EQ(transport->check_identity().error().code, Errc::no_chip);
}

TEST_F(MmcTransportTest, AChipThatIsGoneIsNoticed) { expect_a_lost_node_to_be_noticed(); }

TEST_F(MmcTransportTest, AChipThatSysfsLostIsNoticed) {
  const auto transport = open();
  std::filesystem::remove(card_ / "cid");

  EXPECT_EQ(transport->check_identity().error().code, Errc::no_chip);
}

}  // namespace
}  // namespace signet::rpmb
