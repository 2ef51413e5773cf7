// Turns the outcome of a domain call into a D-Bus reply: values as they are, errors as org.signet.Error.<Name>.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <exception>
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

// Answers an asynchronous D-Bus method; on the loop's thread. A caller that has gone away is not an error.
template <class... Values, class... Out>
void answer(const sdbus::Result<Values...>& to, const Out&... values) {
  try {
    to.returnResults(values...);
  } catch (const sdbus::Error&) {  // too large for a message, or the bus is gone, which the bus pump notices by itself
    to.returnError(to_dbus({Errc::too_large, "the answer does not fit into a D-Bus message"}));
  }
}

}  // namespace signet::dbus
