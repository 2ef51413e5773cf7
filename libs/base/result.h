// Result<T>: a value or an Error. tl::expected behind our own name, so that C++23 needs no other edit.
#pragma once

#include <string>
#include <utility>

#include <tl/expected.hpp>

#include "base/error.h"

namespace signet {

template <class T>
struct [[nodiscard]] Result : tl::expected<T, Error> {  // tl's own type is not [[nodiscard]]
  using tl::expected<T, Error>::expected;
};

using Failure = tl::unexpected<Error>;

// return fail(Errc::busy, "write of " + name);
[[nodiscard]] inline Failure fail(Errc code, std::string context) { return Failure{Error{code, std::move(context)}}; }
[[nodiscard]] inline Failure fail(Error error) { return Failure{std::move(error)}; }

}  // namespace signet

// Leaves the function with the error of `expression`, a Result<void>.
#define SIGNET_TRY(expression)                                                                             \
  do {                                                                                                     \
    if (auto signet_try = (expression); !signet_try) return ::signet::fail(std::move(signet_try).error()); \
  } while (false)

// NOLINTBEGIN(bugprone-macro-parentheses): a declaration cannot stand in parentheses.
// SIGNET_ASSIGN(auto counter, session.read_counter()); leaves the function with the error, if there is one.
#define SIGNET_CONCAT_(a, b) a##b
#define SIGNET_CONCAT(a, b) SIGNET_CONCAT_(a, b)
#define SIGNET_ASSIGN(declaration, expression) \
  SIGNET_ASSIGN_(SIGNET_CONCAT(signet_result_, __LINE__), declaration, expression)
#define SIGNET_ASSIGN_(result, declaration, expression)          \
  auto result = (expression);                                    \
  if (!result) return ::signet::fail(std::move(result).error()); \
  declaration = *std::move(result)
// NOLINTEND(bugprone-macro-parentheses)
