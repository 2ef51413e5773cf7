#include "rpmbd/provisioning_record.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "tests/unit/random_octets.h"

namespace signet::rpmbd {
namespace {

class RecordsTest : public testing::Test {
 protected:
  ~RecordsTest() override { std::filesystem::remove_all(directory_); }

  ProvisioningRecord sample() {
    ProvisioningRecord record{.state = Provisioned::pending, .boot_id = "b", .time = "t"};
    record.cid.octets.fill(0xab);
    record.root_check.fill(1);
    record.key_check.fill(2);
    return record;
  }

  static std::filesystem::path new_directory() {
    std::string pattern = (std::filesystem::temp_directory_path() / "signet-records-XXXXXX").string();
    return ::mkdtemp(pattern.data());
  }

  std::filesystem::path directory_ = new_directory();
  ProvisioningRecords records_{(directory_ / "provisioning").string()};
};

TEST_F(RecordsTest, ThereIsNoneForAnUnknownChip) {
  const auto none = records_.load(sample().cid);

  ASSERT_TRUE(none);
  EXPECT_FALSE(none->has_value());
}

TEST_F(RecordsTest, ComesBackAsItWasSaved) {
  ASSERT_TRUE(records_.save(sample()));

  const auto record = *records_.load(sample().cid);

  ASSERT_TRUE(record);
  EXPECT_EQ(record->root_check, sample().root_check);
  EXPECT_EQ(record->key_check, sample().key_check);
  EXPECT_EQ(record->state, Provisioned::pending);
  EXPECT_EQ(record->boot_id, "b");
  EXPECT_EQ(record->time, "t");
}

TEST_F(RecordsTest, IsReplacedAsAWhole) {
  ASSERT_TRUE(records_.save(sample()));
  auto later = sample();
  later.state = Provisioned::verified;

  ASSERT_TRUE(records_.save(later));

  EXPECT_EQ((*records_.load(sample().cid))->state, Provisioned::verified);
}

TEST_F(RecordsTest, ARecordOfAnotherChipUnderThisNameIsRefused) {
  ASSERT_TRUE(records_.save(sample()));
  auto other = sample();
  other.cid.octets.fill(0xcd);
  std::filesystem::copy(records_.path(sample().cid), records_.path(other.cid));

  const auto refused = records_.load(other.cid);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::config_invalid);
}

TEST_F(RecordsTest, SurvivesRandomAndDamagedContents) {
  ASSERT_TRUE(records_.save(sample()));
  std::ifstream stream{records_.path(sample().cid)};
  const std::string valid{std::istreambuf_iterator<char>{stream}, {}};
  RandomOctets random{1};
  for (int round = 0; round < kRandomStrings; ++round) {
    for (const auto& text : {random.text(300), random.damaged(valid)}) {
      const auto record = parse_record(text);

      if (!record) {
        ASSERT_EQ(record.error().code, Errc::config_invalid);
      }
    }
  }
  EXPECT_TRUE(parse_record(valid));
}

}  // namespace
}  // namespace signet::rpmbd
