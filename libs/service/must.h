// Leaves main() when something without which a daemon cannot start has failed.
#pragma once

#include <stdexcept>
#include <utility>

#include "base/result.h"

namespace signet::service {

class StartFailure : public std::runtime_error {
 public:
  explicit StartFailure(const Error& error) : std::runtime_error{to_string(error)}, code_{error.code} {}
  [[nodiscard]] Errc code() const { return code_; }

 private:
  Errc code_;
};

template <class T>
T must(Result<T> result) {
  if (!result) throw StartFailure{result.error()};
  if constexpr (!std::is_void_v<T>) return *std::move(result);
}

}  // namespace signet::service
