#include <gtest/gtest.h>

#include "base/hex.h"
#include "rpmb/transport/ufs/scsi.h"
#include "tests/unit/random_octets.h"

namespace signet::rpmb::scsi {
namespace {

TEST(SecurityProtocol, NamesProtocolRegionAndLength) {
  EXPECT_EQ(to_hex(security_protocol_out(0, 512)), "b5ec00010000000002000000");
  EXPECT_EQ(to_hex(security_protocol_in(0, 32 * 512)), "a2ec00010000000040000000");
  EXPECT_EQ(to_hex(security_protocol_in(3, 1024 * 512)), "a2ec03010000000800000000");
}

TEST(Inquiry, AsksForTheStandardData) { EXPECT_EQ(to_hex(inquiry()), "120000002400000000000000"); }

TEST(Inquiry, TellsAWellKnownUnitFromOthers) {
  EXPECT_TRUE(is_well_known_unit(Bytes{0x1e, 0}));
  EXPECT_FALSE(is_well_known_unit(Bytes{0x00, 0}));  // a disk
  EXPECT_FALSE(is_well_known_unit(Bytes{0x3e, 0}));  // a well-known unit that is not connected
  EXPECT_FALSE(is_well_known_unit({}));
}

TEST(SenseData, OfFixedFormat) {
  const Bytes octets{0x70, 0, 0x06, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x29, 0x03, 0, 0, 0, 0};

  EXPECT_EQ(parse_sense(octets), (Sense{6, 0x29, 0x03}));
}

TEST(SenseData, OfDescriptorFormat) {
  const Bytes octets{0x72, 0x06, 0x29, 0x00, 0, 0, 0, 0};

  EXPECT_EQ(parse_sense(octets), (Sense{6, 0x29, 0x00}));
}

TEST(SenseData, IgnoresTheValidBitAndTheFlagsBesideTheKey) {
  const Bytes octets{0xf0, 0, 0xe5, 0, 0, 0, 0, 10, 0, 0, 0, 0, 0x24, 0x00};

  EXPECT_EQ(parse_sense(octets), (Sense{5, 0x24, 0x00}));
}

TEST(SenseData, ThatIsTooShortOrOfAnotherFormatIsNothing) {
  EXPECT_EQ(parse_sense({}), std::nullopt);
  EXPECT_EQ(parse_sense(Bytes{0x70, 0, 6}), std::nullopt);
  EXPECT_EQ(parse_sense(Bytes{0x72, 6, 0x29}), std::nullopt);
  EXPECT_EQ(parse_sense(Bytes(18, 0)), std::nullopt);
}

TEST(SenseData, SurvivesTenThousandRandomOctetsAndNamesAKeyOfFourBits) {
  const std::string octets = RandomOctets{3}.exactly(10'000);
  for (std::size_t from = 0; from < octets.size(); ++from) {
    const auto view = as_bytes(octets).subspan(from);
    for (const auto& part : {view, view.first(std::min<std::size_t>(view.size(), from % 20))}) {
      const auto sense = parse_sense(part);
      EXPECT_TRUE(!sense || sense->key < 16);
      EXPECT_EQ(is_well_known_unit(part), !part.empty() && part[0] == 0x1e);
    }
  }
}

}  // namespace
}  // namespace signet::rpmb::scsi
