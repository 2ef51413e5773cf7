#include "dult/category.h"

#include <algorithm>

namespace signet::dult {

constexpr std::array<Category, 41> kCategories{{
    {1, "location tracker"},
    {128, "other"},
    {129, "luggage"},
    {130, "backpack"},
    {131, "jacket"},
    {132, "coat"},
    {133, "shoes"},
    {134, "bike"},
    {135, "scooter"},
    {136, "stroller"},
    {137, "wheelchair"},
    {138, "boat"},
    {139, "helmet"},
    {140, "skateboard"},
    {141, "skis"},
    {142, "snowboard"},
    {143, "surfboard"},
    {144, "camera"},
    {145, "laptop"},
    {146, "watch"},
    {147, "flash drive"},
    {148, "drone"},
    {149, "headphones"},
    {150, "earphones"},
    {151, "inhaler"},
    {152, "sunglasses"},
    {153, "handbag"},
    {154, "wallet"},
    {155, "umbrella"},
    {156, "water bottle"},
    {157, "tools"},
    {158, "keys"},
    {159, "smart case"},
    {160, "remote"},
    {161, "hat"},
    {162, "motorbike"},
    {163, "consumer electronics"},
    {164, "apparel"},
    {165, "transportation"},
    {166, "sports"},
    {167, "personal item"},
}};

namespace {

char plain(char c) {
  if (c >= 'A' && c <= 'Z') return static_cast<char>(c - 'A' + 'a');
  return c == '-' || c == '_' ? ' ' : c;
}

}  // namespace

std::optional<std::uint8_t> find_category(std::string_view name) {
  const auto* found = std::ranges::find_if(kCategories, [name](const Category& category) {
    return std::ranges::equal(category.name, name, [](char ours, char theirs) { return ours == plain(theirs); });
  });
  if (found == kCategories.end()) return std::nullopt;
  return found->value;
}

std::string category_name(std::uint8_t value) {
  const auto* found = std::ranges::find(kCategories, value, &Category::value);
  return found == kCategories.end() ? "category " + std::to_string(value) : std::string{found->name};
}

bool is_category(std::uint8_t value) {
  return std::ranges::find(kCategories, value, &Category::value) != kCategories.end();
}

}  // namespace signet::dult
