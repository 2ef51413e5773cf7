#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/sysmacros.h>

#include <array>

#include "crypto/sha256.h"
#include "fake_sysfs.h"
#include "rpmb/transport/ufs/discovery.h"
#include "tests/unit/random_octets.h"

namespace signet::rpmb::ufs {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::HasSubstr;

constexpr const char* kToldCid = "00112233445566778899aabbccddeeff";

class UfsDiscoveryTest : public ::testing::Test {
 protected:
  UfsDiscoveryTest() {
    options_.sysfs = sysfs_.root();
    options_.devices = sysfs_.devices();
  }
  Result<ChipFacts> facts() { return read_facts(options_, "/dev/sg0", makedev(21, 0)); }

  FakeSysfs sysfs_;
  NodeOptions options_;
};

TEST_F(UfsDiscoveryTest, FindsTheRpmbUnitAmongOtherUnits) {
  sysfs_.add(FakeUfs{.index = 0, .lun = "0", .type = "0"});
  sysfs_.add(FakeUfs{.index = 1, .lun = "49488"});  // the device's own well-known unit
  sysfs_.add(FakeUfs{.index = 2, .lun = "49476"});

  EXPECT_EQ(find_node(options_).value(), sysfs_.devices() / "sg2");
}

TEST_F(UfsDiscoveryTest, ListsEveryRpmbUnitWhicheverIsMeant) {
  sysfs_.add(FakeUfs{.index = 0, .serial = "A"});
  sysfs_.add(FakeUfs{.index = 1, .lun = "0", .type = "0"});
  sysfs_.add(FakeUfs{.index = 2, .serial = "B"});

  EXPECT_THAT(list_nodes(options_), ::testing::ElementsAre(sysfs_.devices() / "sg0", sysfs_.devices() / "sg2"));
}

TEST_F(UfsDiscoveryTest, SaysWhereItLookedWhenThereIsNothing) {
  const auto node = find_node(options_);

  ASSERT_FALSE(node);
  EXPECT_EQ(node.error().code, Errc::no_chip);
  EXPECT_THAT(node.error().context, AllOf(HasSubstr("class/scsi_generic"), HasSubstr("49476")));
}

TEST_F(UfsDiscoveryTest, ChoosesByCidAndListsWhatThereIs) {
  sysfs_.add(FakeUfs{.index = 0, .serial = "A"});
  sysfs_.add(FakeUfs{.index = 1, .serial = "B"});
  const auto second = read_cid(options_.sysfs, makedev(21, 1));
  ASSERT_TRUE(second);

  const auto ambiguous = find_node(options_);
  options_.cid = second;
  const auto chosen = find_node(options_);
  options_.cid = rpmb::cid_of(kToldCid);
  const auto missing = find_node(options_);

  EXPECT_EQ(ambiguous.error().code, Errc::config_invalid);
  EXPECT_THAT(ambiguous.error().context, HasSubstr(to_hex(*second)));
  EXPECT_EQ(chosen.value(), sysfs_.devices() / "sg1");
  EXPECT_EQ(missing.error().code, Errc::no_chip);
}

TEST_F(UfsDiscoveryTest, MakesTheCidOfWhatTheDeviceSaysOfItself) {
  sysfs_.add(FakeUfs{.serial = "S1234"});

  using namespace std::string_literals;
  const auto digest = crypto::sha256(as_bytes("signet ufs cid v1\0000x01ce\n0x0824\nFAKEUFS\nS1234\n"s));
  const auto read = facts();

  ASSERT_TRUE(read);
  EXPECT_TRUE(read->cid_from_hardware);
  EXPECT_EQ(to_hex(read->cid), to_hex(BytesView{digest}.first(16)));
}

TEST_F(UfsDiscoveryTest, ReadsSizeAndTransferLimit) {
  sysfs_.add(FakeUfs{.block_count = "0x0000000000002000", .rw_size = "0x40"});

  const auto read = facts();

  ASSERT_TRUE(read);
  EXPECT_EQ(read->kind, Kind::ufs);
  EXPECT_EQ(read->blocks, 8192);
  EXPECT_EQ(read->read_frames, 64);
  EXPECT_EQ(read->write_frames, 32);  // no more than the eMMC's largest, which is what the layers above know
}

TEST_F(UfsDiscoveryTest, IsCarefulWithADeviceThatTellsNoLimit) {
  sysfs_.add(FakeUfs{.rw_size = "0"});

  const auto read = facts();

  ASSERT_TRUE(read);
  EXPECT_EQ(read->read_frames, 32);
  EXPECT_EQ(read->write_frames, 2);
}

TEST_F(UfsDiscoveryTest, LetsTheConfigurationNameASmallerRegionButNoLargerOne) {
  sysfs_.add(FakeUfs{.block_count = "0x2000"});
  options_.size = 131072;
  EXPECT_EQ(facts().value().blocks, 512);

  options_.size = 4 * 1024 * 1024;
  EXPECT_EQ(facts().error().code, Errc::geometry);
}

TEST_F(UfsDiscoveryTest, RefusesAUnitThatIsNotSetUp) {
  sysfs_.add(FakeUfs{.block_count = "0x0"});

  EXPECT_EQ(facts().error().code, Errc::geometry);
}

TEST_F(UfsDiscoveryTest, RefusesAnotherUnit) {
  sysfs_.add(FakeUfs{.lun = "0", .type = "0"});

  const auto read = facts();

  EXPECT_EQ(read.error().code, Errc::not_rpmb);
  EXPECT_THAT(read.error().context, HasSubstr("49476"));
}

TEST_F(UfsDiscoveryTest, RefusesAnotherDeviceThanTheConfiguredOne) {
  sysfs_.add(FakeUfs{});
  options_.cid = rpmb::cid_of(kToldCid);

  EXPECT_EQ(facts().error().code, Errc::no_chip);
}

TEST_F(UfsDiscoveryTest, TakesTheConfigurationsWordWhereSysfsHasNone) {
  sysfs_.add(FakeUfs{.serial = ""});
  options_.cid = rpmb::cid_of(kToldCid);
  options_.size = 131072;

  const auto read = facts();

  ASSERT_TRUE(read);
  EXPECT_EQ(read->cid, rpmb::cid_of(kToldCid));
  EXPECT_FALSE(read->cid_from_hardware);
  EXPECT_EQ(read->blocks, 512);
  EXPECT_TRUE(find_node(options_));
}

TEST_F(UfsDiscoveryTest, SaysWhichKeyToSetWhereSysfsHasNothing) {
  sysfs_.add(FakeUfs{.serial = ""});
  EXPECT_THAT(facts().error().context, HasSubstr("set [chip] cid"));

  options_.cid = rpmb::cid_of(kToldCid);
  EXPECT_EQ(facts().error().code, Errc::config_invalid);
  EXPECT_THAT(facts().error().context, HasSubstr("set [chip] size"));
}

TEST_F(UfsDiscoveryTest, SurvivesRandomOctetsInEveryAttribute) {
  RandomOctets random{11};
  const auto unit = sysfs_.add(FakeUfs{});
  const auto controller = unit / ".." / ".." / "..";
  const std::array attributes{std::pair{controller / "geometry_descriptor" / "rpmb_rw_size", "0x20"},
                              std::pair{controller / "string_descriptors" / "serial_number", "S1234"},
                              std::pair{controller / "device_descriptor" / "manufacturer_id", "0x01ce"},
                              std::pair{unit / "unit_descriptor" / "logical_block_count", "0x2000"},
                              std::pair{unit / "unit_descriptor" / "logical_block_size", "0x08"},
                              std::pair{unit / "type", "30"}};
  for (int i = 0; i < kRandomStrings / 10; ++i) {  // files are slow; sysfs_parse_test.cpp has all ten thousand
    const auto& [attribute, good] = attributes[random.below(attributes.size())];
    write_file(attribute, random.below(2) == 0 ? random.text(5000) : random.text(20, "0123456789abcdefx \n"));
    const auto found = facts();

    if (found) {
      ASSERT_TRUE(found->blocks > 0 && found->blocks <= 65536) << attribute;
      ASSERT_TRUE(found->write_frames > 0 && found->read_frames > 0) << attribute;
    } else {
      ASSERT_THAT(found.error().code, AnyOf(Errc::geometry, Errc::config_invalid, Errc::not_rpmb)) << attribute;
    }
    write_file(attribute, good);
  }
}

}  // namespace
}  // namespace signet::rpmb::ufs
