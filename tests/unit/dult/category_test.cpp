#include "dult/category.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace signet::dult {
namespace {

TEST(Category, TheTableIsThatOfTheProtocol) {
  EXPECT_EQ(category_name(1), "location tracker");
  EXPECT_EQ(category_name(128), "other");
  EXPECT_EQ(category_name(147), "flash drive");
  EXPECT_EQ(category_name(158), "keys");
  EXPECT_EQ(category_name(167), "personal item");
}

TEST(Category, EveryValueThatIsNotReservedHasOneName) {
  std::set<std::string_view> names;
  for (unsigned value = 0; value < 256; ++value) {
    EXPECT_EQ(is_category(static_cast<std::uint8_t>(value)), value == 1 || (value >= 128 && value <= 167)) << value;
  }
  for (const Category& category : kCategories) names.insert(category.name);
  EXPECT_EQ(names.size(), kCategories.size());
  EXPECT_TRUE(std::ranges::is_sorted(kCategories, {}, &Category::value));
}

TEST(Category, EveryNameIsFound) {
  for (const Category& category : kCategories) EXPECT_EQ(find_category(category.name), category.value);
}

TEST(Category, CaseAndSeparatorsMakeNoDifference) {
  EXPECT_EQ(find_category("Location Tracker"), 1);
  EXPECT_EQ(find_category("location-tracker"), 1);
  EXPECT_EQ(find_category("FLASH_DRIVE"), 147);
}

TEST(Category, AnythingElseIsNotFound) {
  for (const char* name : {"", "location", "locationtracker", "keys ", "129", "\xc3\xa9"}) {
    EXPECT_EQ(find_category(name), std::nullopt) << name;
  }
}

TEST(Category, AReservedValueIsNamedByItsNumber) {
  EXPECT_EQ(category_name(0), "category 0");
  EXPECT_EQ(category_name(168), "category 168");
}

}  // namespace
}  // namespace signet::dult
