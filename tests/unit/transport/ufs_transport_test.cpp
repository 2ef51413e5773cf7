#include "rpmb/transport/ufs/ufs_transport.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_ufs.h"
#include "node_transport_fixture.h"

namespace signet::rpmb {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

constexpr int kOut = 0xb5;
constexpr int kIn = 0xa2;

class UfsTransportTest : public NodeTransportTest<UfsTransport, FakeUfsUnit> {
 protected:
  UfsTransportTest() : NodeTransportTest{"sg0"} {
    sysfs_unit_ = sysfs_.add(FakeUfs{.block_count = "0x200"});
    add_node(makedev(21, 0));
  }
  static std::vector<Frame> key_programming() { return {key_request(std::array<std::uint8_t, kKeySize>{})}; }

  FakeUfsUnit& unit_ = device_;
  std::filesystem::path sysfs_unit_;
  Frame response_{};
};

TEST_F(UfsTransportTest, AWriteIsRequestResultRequestAndAnswer) {
  const auto transport = open();
  const std::vector<Block> blocks(32);

  ASSERT_TRUE(transport->program(write_request(0, 0, blocks), response_));

  ASSERT_EQ(unit_.commands.size(), 3);
  EXPECT_EQ(to_hex(unit_.commands[0].command), "b5ec00010000000040000000");
  EXPECT_EQ(to_hex(unit_.commands[1].command), "b5ec00010000000002000000");
  EXPECT_EQ(to_hex(unit_.commands[2].command), "a2ec00010000000002000000");
  EXPECT_EQ(unit_.commands[0].direction, SG_DXFER_TO_DEV);
  EXPECT_EQ(unit_.commands[2].direction, SG_DXFER_FROM_DEV);
  EXPECT_EQ(unit_.commands[0].timeout_ms, 10'000);  // twice what a slow chip takes
}

TEST_F(UfsTransportTest, AReadIsRequestAndAnswer) {
  const auto transport = open();
  std::vector<Frame> response(8);

  ASSERT_TRUE(transport->read(read_request({}, 0, 8), response));

  ASSERT_EQ(unit_.commands.size(), 2);
  EXPECT_EQ(to_hex(unit_.commands[0].command), "b5ec00010000000002000000");
  EXPECT_EQ(to_hex(unit_.commands[1].command), "a2ec00010000000010000000");
}

TEST_F(UfsTransportTest, WantsTheBlockCountInAReadRequest) { EXPECT_TRUE(open()->read_request_carries_count()); }

TEST_F(UfsTransportTest, CarriesAWholeSession) { expect_whole_session(2); }

TEST_F(UfsTransportTest, RepeatsAFirstCommandAfterAUnitAttention) {
  const auto transport = open();
  unit_.trouble(1, FakeUfsUnit::unit_attention());
  unit_.trouble(2, FakeUfsUnit::unit_attention());

  EXPECT_TRUE(transport->program(key_programming(), response_));

  EXPECT_THAT(unit_.operations(), ElementsAre(kOut, kOut, kOut, kOut, kIn));
  EXPECT_TRUE(chip_.key());
}

TEST_F(UfsTransportTest, GivesUpOnAUnitThatReportsOneEventAfterTheOther) {
  const auto transport = open();
  for (std::size_t i = 1; i < 20; ++i) unit_.trouble(i, FakeUfsUnit::unit_attention());

  EXPECT_EQ(transport->program(key_programming(), response_).error().code, Errc::io);

  EXPECT_THAT(unit_.operations(), ElementsAre(kOut, kOut, kOut, kOut));
  EXPECT_FALSE(chip_.key());
}

TEST_F(UfsTransportTest, NeverRepeatsAResultRequestThatMetAUnitAttention) {
  const auto transport = open();
  unit_.trouble(2, FakeUfsUnit::unit_attention());

  EXPECT_EQ(transport->program(key_programming(), response_).error().code, Errc::io);

  EXPECT_THAT(unit_.operations(), ElementsAre(kOut, kOut));
  EXPECT_TRUE(chip_.key());  // the write did take effect: the caller has to find that out
}

TEST_F(UfsTransportTest, NeverRepeatsTheFetchOfAnAnswerThatMetAUnitAttention) {
  const auto transport = open();
  unit_.trouble(3, FakeUfsUnit::unit_attention());

  EXPECT_EQ(transport->program(key_programming(), response_).error().code, Errc::io);

  EXPECT_THAT(unit_.operations(), ElementsAre(kOut, kOut, kIn));
  EXPECT_EQ(response_, Frame{});  // and what came instead is not shown
}

TEST_F(UfsTransportTest, ASessionFindsOutWhatBecameOfAWriteThatAResetInterrupted) {
  const auto transport = open();
  crypto::SystemRandom random;
  const Key key{crypto::SystemRandom{}.bytes<kKeySize>()};
  ASSERT_TRUE(program_key(*transport, key, random));
  Session session{*transport, key, random};
  ASSERT_TRUE(session.read_counter());
  const std::vector<Block> blocks(1, Block{1});
  unit_.trouble(2, FakeUfsUnit::unit_attention());

  EXPECT_EQ(session.write(0, blocks).value(), Written::taken);

  EXPECT_EQ(chip_.state().registers.write_counter, 1);
}

TEST_F(UfsTransportTest, TellsFailuresApart) {
  const auto transport = open();
  const std::pair<FakeUfsUnit::Trouble, Errc> expected[] = {
      {{.error = EIO}, Errc::io},
      {{.error = ETIMEDOUT}, Errc::timeout},
      {{.error = ENODEV}, Errc::no_chip},
      {{.error = EPERM}, Errc::chip_permission},
      {{.host_status = 1}, Errc::no_chip},
      {{.host_status = 3}, Errc::timeout},
      {{.host_status = 7}, Errc::io},
      {{.driver_status = 6}, Errc::timeout},
      {{.status = 8}, Errc::io},                               // busy
      {{.status = 2}, Errc::io},                               // without sense data
      {{.status = 2, .sense = {0x72, 5, 0x20, 0}}, Errc::io},  // unknown command
      {{.resid = 1}, Errc::io},                                // cut short
  };
  for (const auto& [what, code] : expected) {
    unit_.trouble(2, what);  // the fetch

    const auto read = transport->read(counter_request({}), {&response_, 1});

    ASSERT_FALSE(read);
    EXPECT_EQ(read.error().code, code) << read.error().context;
  }
}

TEST_F(UfsTransportTest, RefusesANodeThatIsNoScsiGeneric) {
  options_.node = "/dev/null";

  const auto opened = UfsTransport::open(options_, kernel());

  EXPECT_EQ(opened.error().code, Errc::not_rpmb);
}

TEST_F(UfsTransportTest, RefusesAScsiGenericDriverWithoutSgIo) {
  unit_.set_version(20136);

  const auto error = failure();

  EXPECT_EQ(error.code, Errc::not_rpmb);
  EXPECT_THAT(error.context, AllOf(HasSubstr("20136"), HasSubstr("30000")));
}

TEST_F(UfsTransportTest, RefusesAUnitThatCallsItselfADisk) {
  unit_.set_peripheral_type(0);

  EXPECT_EQ(failure().code, Errc::not_rpmb);
}

TEST_F(UfsTransportTest, MissingPermissionAndABusyNodeAreNamed) { expect_open_errors_to_be_named(); }

TEST_F(UfsTransportTest, TheDiskOfTheSameDeviceIsRefused) {
  options_.node = "/dev/sda";
  unit_.add("/dev/sda", S_IFBLK, makedev(8, 0));

  EXPECT_EQ(failure().code, Errc::not_rpmb);
}

TEST_F(UfsTransportTest, ASecondOwnerIsTurnedAway) {
  const auto first = open();

  EXPECT_EQ(failure().code, Errc::busy);
}

TEST_F(UfsTransportTest, AnExchangedDeviceIsNoticed) {
  const auto transport = open();
  ASSERT_TRUE(transport->check_identity());
  write_file(sysfs_unit_ / "../../.." / "string_descriptors" / "serial_number", "another\n");

  EXPECT_EQ(transport->check_identity().error().code, Errc::chip_changed);
}

TEST_F(UfsTransportTest, ADeviceThatIsGoneIsNoticed) { expect_a_lost_node_to_be_noticed(); }

}  // namespace
}  // namespace signet::rpmb
