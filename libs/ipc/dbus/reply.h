// Turns the outcome of a domain call into a D-Bus reply: values as they are, errors as org.signet.Error.<Name>.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <exception>
#include <tuple>
#include <type_traits>
#include <utility>

#include "base/result.h"

namespace signet::dbus {

sdbus::Error to_dbus(const Error& error);

// Logs an exception that reached the edge: a bug. The peer learns nothing of it.
Error unexpected(const char* method, const std::exception& bug);

// Runs one domain call inside a synchronous D-Bus method.
template <class Call>
auto reply(const char* method, Call call) -> typename decltype(call())::value_type try {
  auto result = call();
  if (!result) throw to_dbus(result.error());
  if constexpr (!std::is_void_v<typename decltype(call())::value_type>) return *std::move(result);
} catch (const sdbus::Error&) {
  throw;
} catch (const std::exception& bug) {
  throw to_dbus(unexpected(method, bug));
}

// Answers an asynchronous D-Bus method, on the loop's thread: Result<void> for no value, Result<T> for one,
// Result<tuple> for several. The caller may be gone; that is not an error.
template <class... Out, class Outcome>
void answer_with(const sdbus::Result<Out...>& to, const Outcome& outcome) {
  if (!outcome) return to.returnError(to_dbus(outcome.error()));
  if constexpr (std::is_void_v<typename Outcome::value_type>) {
    to.returnResults();
  } else if constexpr (sizeof...(Out) > 1) {
    std::apply([&to](const auto&... values) { to.returnResults(values...); }, *outcome);
  } else {
    to.returnResults(*outcome);
  }
}

}  // namespace signet::dbus
