// The members of a JSON object, read one by one, with errors that name the member and the rule.
#pragma once

#include <algorithm>
#include <array>
#include <boost/json/object.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "base/result.h"

namespace signet::jose {

// Borrows the object. Every error is invalid_argument: "exp: must be a whole number from 0 to 4294967295",
// "sgt_chip.kcv: is missing".
class Members {
 public:
  explicit Members(const boost::json::object& object, std::string path = {})
      : object_{object}, path_{std::move(path)} {}

  [[nodiscard]] bool contains(std::string_view name) const { return find(name) != nullptr; }
  [[nodiscard]] Result<std::string> text(std::string_view name) const;
  [[nodiscard]] Result<std::optional<std::string>> optional_text(std::string_view name) const;
  // Without a fraction or an exponent.
  [[nodiscard]] Result<std::uint64_t> number(std::string_view name, std::uint64_t most) const;
  // From base64url; `least` to `most` octets.
  [[nodiscard]] Result<Bytes> octets(std::string_view name, std::size_t least, std::size_t most) const;
  template <std::size_t Size>
  [[nodiscard]] Result<std::array<std::uint8_t, Size>> octets(std::string_view name) const {
    SIGNET_ASSIGN(const Bytes bytes, octets(name, Size, Size));
    std::array<std::uint8_t, Size> array{};
    std::copy(bytes.begin(), bytes.end(), array.begin());
    return array;
  }
  [[nodiscard]] Result<Members> object(std::string_view name) const;

  // invalid(name, "must be ...")
  [[nodiscard]] Failure invalid(std::string_view name, const std::string& what) const;

 private:
  [[nodiscard]] const boost::json::value* find(std::string_view name) const;
  [[nodiscard]] Result<const boost::json::value*> get(std::string_view name) const;

  const boost::json::object& object_;
  std::string path_;  // "sgt_chip." for the members of that object
};

}  // namespace signet::jose
