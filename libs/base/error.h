// Errors of Signet: a stable code, what the caller can do about it, and what was being done.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace signet {

enum class Errc : std::uint8_t {
#define SIGNET_ERROR(code, name, category, summary) name = (code),
#include "base/errors.def"
#undef SIGNET_ERROR
};

// What the caller does next. A code belongs to exactly one category.
enum class Category : std::uint8_t {
  fix_request,        // the request itself can never succeed as it stands
  retry,              // the same request may succeed later; nothing was changed
  outcome_unknown,    // read before writing again
  fix_configuration,  // an administrator has something to do on this machine
  re_enrol,           // the chip is not the one that was enrolled
  replace_hardware,   // the chip can no longer be relied on
  not_yours,          // the policy says no; asking again does not help
};

struct Error {
  Errc code;
  std::string context;  // what was being done, with names and numbers; never key material
};

std::string_view name(Errc code);     // "wrong_key"
std::string_view summary(Errc code);  // one clause, no full stop
Category category(Errc code);
std::string_view name(Category category);
std::string bus_name(Errc code);  // "org.signet.Error.WrongKey"

// The inverse of bus_name() and of the numeric code; nothing for what is not in the list.
std::optional<Errc> from_bus_name(std::string_view bus_name);
std::optional<Errc> from_code(int code);

// "wrong_key: the chip holds another key (counter read of mmcblk0rpmb)"
std::string to_string(const Error& error);

}  // namespace signet
