#include "rpmbd/arguments.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/unit/random_octets.h"

namespace signet::rpmbd {
namespace {

using testing::HasSubstr;

TEST(Arguments, OptionsOfProvisioningAreTakenByNameAndType) {
  const auto options = provisioning_options({{"root_backup", sdbus::Variant{"proven"}},
                                             {"root_backup_proof", sdbus::Variant{Bytes{1, 2}}},
                                             {"again", sdbus::Variant{true}}});

  ASSERT_TRUE(options);
  EXPECT_EQ(options->root_backup, "proven");
  EXPECT_EQ(options->root_backup_proof, (Bytes{1, 2}));
  EXPECT_TRUE(options->again);
}

TEST(Arguments, AnUnknownOptionOrAnotherTypeIsNamed) {
  EXPECT_EQ(provisioning_options({{"agian", sdbus::Variant{true}}}).error().context, "options: agian: unknown");
  EXPECT_EQ(provisioning_options({{"again", sdbus::Variant{"yes"}}}).error().context,
            "options: again: must be a boolean");
  EXPECT_EQ(provisioning_options({{"root_backup", sdbus::Variant{7}}}).error().context,
            "options: root_backup: must be a string");
  EXPECT_EQ(region_option({{"region", sdbus::Variant{"1M"}}}).error().context,
            "options: region: must be an unsigned 32-bit integer");
  EXPECT_EQ(region_option({{"size", sdbus::Variant{std::uint32_t{1}}}}).error().context, "options: size: unknown");
  EXPECT_EQ(*region_option({}), 0U);
}

sdbus::Variant random_value(RandomOctets& random) {
  switch (random.below(6)) {
    case 0: return sdbus::Variant{random.below(2) == 1};
    case 1: return sdbus::Variant{Bytes(random.below(100), 1)};
    case 2: return sdbus::Variant{static_cast<std::uint32_t>(random.below(1U << 31))};
    case 3: return sdbus::Variant{std::vector<std::string>{random.text(5, "abc")}};
    case 4: return sdbus::Variant{Dictionary{{"root_backup", sdbus::Variant{"proven"}}}};
    default: return sdbus::Variant{random.text(20, "abcdefghijklmnopqrstuvwxyz-")};
  }
}

TEST(Arguments, RandomOptionsAreTakenOrRefusedByName) {
  constexpr const char* kKeys[] = {"root_backup", "root_backup_proof", "again", "region"};
  RandomOctets random{2};
  int taken = 0;
  for (int i = 0; i < kRandomStrings; ++i) {
    Dictionary options;
    for (auto count = random.below(4); count > 0; --count) {
      const auto choice = random.below(5);
      options[choice < 4 ? kKeys[choice] : random.text(30)] = random_value(random);
    }
    const auto provisioning = provisioning_options(options);
    const auto region = region_option(options);

    taken += provisioning.has_value() + region.has_value();
    if (!provisioning) {
      ASSERT_EQ(provisioning.error().code, Errc::invalid_argument);
      ASSERT_TRUE(provisioning.error().context.starts_with("options: "));
    }
    if (!region) {
      ASSERT_EQ(region.error().code, Errc::invalid_argument);
    }
  }
  EXPECT_GT(taken, kRandomStrings / 4);
}

TEST(Arguments, ARemovalHasNoValue) {
  const auto changes = named_changes({BusChange{"a", false, Bytes{1}}, BusChange{"b", true, Bytes{2}}});

  ASSERT_EQ(changes.size(), 2U);
  EXPECT_EQ(changes[0].value, Bytes{1});
  EXPECT_EQ(changes[1].value, std::nullopt);
}

TEST(Arguments, TheSizeOfABatchCountsNamesAndValues) {
  EXPECT_EQ(octets_of({BusChange{"abc", false, Bytes(10)}, BusChange{"de", true, Bytes(5)}}), 20U);
}

TEST(Arguments, TheChipIsDescribedAsFarAsItIsKnown) {
  EXPECT_TRUE(chip_dictionary({}).empty());

  Status status;
  status.chip = rpmb::ChipFacts{.kind = rpmb::Kind::mmc, .node = "/dev/x", .cid_from_hardware = true, .blocks = 512};
  const auto chip = chip_dictionary(status);

  EXPECT_EQ(chip.at("transport").get<std::string>(), "mmc");
  EXPECT_FALSE(chip.at("emulated").get<bool>());
  EXPECT_EQ(chip.at("size").get<std::uint32_t>(), 131072U);
  EXPECT_EQ(chip.count("store_id"), 0U);
}

TEST(Arguments, AChipWhoseCidWasToldByTheConfigurationCountsAsEmulated) {
  Status status;
  status.chip = rpmb::ChipFacts{.kind = rpmb::Kind::mmc, .cid_from_hardware = false};

  EXPECT_TRUE(chip_dictionary(status).at("emulated").get<bool>());
}

TEST(Arguments, FactsOfEvidenceComeWithAGoodVerdictOnly) {
  const auto [good, facts] = verdict_answer({.verdict = "ok", .write_counter = 5});
  const auto [bad, nothing] = verdict_answer({.verdict = "length", .write_counter = 5});

  EXPECT_EQ(good, "ok");
  EXPECT_EQ(facts.at("write_counter").get<std::uint32_t>(), 5U);
  EXPECT_EQ(bad, "length");
  EXPECT_TRUE(nothing.empty());
}

}  // namespace
}  // namespace signet::rpmbd
