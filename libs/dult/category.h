// What an accessory is: the values of Get_Accessory_Category and their names in configuration and on the command line.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet::dult {

struct Category {
  std::uint8_t value;
  std::string_view name;  // lower case, words separated by spaces
};

extern const std::array<Category, 41> kCategories;  // in the order of their values
inline constexpr std::uint8_t kLocationTracker = 1;

// Case, and '-' or '_' instead of a space, make no difference: "flash drive", "Flash_Drive".
std::optional<std::uint8_t> find_category(std::string_view name);

// "location tracker"; "category 2" for a reserved value.
std::string category_name(std::uint8_t value);
bool is_category(std::uint8_t value);

}  // namespace signet::dult
