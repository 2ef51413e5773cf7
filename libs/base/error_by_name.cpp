#include "base/error_by_name.h"

#include <algorithm>
#include <array>

namespace signet {
namespace {

constexpr auto kCodes = std::to_array<Errc>({
#define SIGNET_ERROR(code, name, category, summary) Errc::name,
#include "base/errors.def"
#undef SIGNET_ERROR
});

}  // namespace

std::optional<Errc> error_by_name(std::string_view wanted) {
  const auto* found = std::ranges::find_if(kCodes, [&](Errc code) { return name(code) == wanted; });
  if (found == kCodes.end()) return std::nullopt;
  return *found;
}

}  // namespace signet
