#include "rpmbd/names.h"

#include <fmt/format.h>

#include <algorithm>

namespace signet::rpmbd {
namespace {

bool allowed(char c) {
  return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '.' || c == '_' || c == '-';
}

Result<void> check(std::string_view what, std::string_view name, std::size_t limit) {
  if (name.size() > limit) {
    return fail(Errc::invalid_argument,
                fmt::format("{} name of {} octets: at most {} are allowed", what, name.size(), limit));
  }
  if (const auto bad = std::find_if_not(name.begin(), name.end(), allowed); bad != name.end()) {
    return fail(Errc::invalid_argument,
                fmt::format("{} name: octet 0x{:02x} at position {} is not one of A-Z a-z 0-9 . _ -", what,
                            static_cast<unsigned char>(*bad), bad - name.begin()));
  }
  if (name.starts_with('.'))
    return fail(Errc::invalid_argument, fmt::format("{} name '{}' starts with a dot", what, name));
  return {};
}

Result<void> check_not_empty(std::string_view what, std::string_view name) {
  if (name.empty()) return fail(Errc::invalid_argument, fmt::format("{} name is empty", what));
  return {};
}

}  // namespace

Result<void> check_namespace(std::string_view space) {
  SIGNET_TRY(check_not_empty("namespace", space));
  return check("namespace", space, kMaxNamespace);
}

Result<void> check_name(std::string_view what, std::string_view name) {
  SIGNET_TRY(check_not_empty(what, name));
  return check(what, name, kMaxName);
}

Result<void> check_prefix(std::string_view prefix) { return check("prefix of a", prefix, kMaxName); }

}  // namespace signet::rpmbd
