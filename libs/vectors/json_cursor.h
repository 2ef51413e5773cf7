// A value in a JSON document that knows where it stands, so that an error can say so.
#pragma once

#include <boost/json.hpp>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace signet::vectors {

// Borrows the document. Every error is invalid_argument with the path.
class JsonCursor {
 public:
  JsonCursor(const boost::json::value& value, std::string path) : value_{value}, path_{std::move(path)} {}

  [[nodiscard]] const std::string& path() const { return path_; }
  [[nodiscard]] bool is_null() const { return value_.is_null(); }

  [[nodiscard]] Result<JsonCursor> member(std::string_view key) const;
  [[nodiscard]] Result<std::optional<JsonCursor>> find(std::string_view key) const;  // nothing: not there
  [[nodiscard]] Result<std::vector<std::string>> names() const;                      // of the members, in their order
  [[nodiscard]] Result<std::vector<JsonCursor>> elements() const;

  [[nodiscard]] Result<std::string> text() const;
  [[nodiscard]] Result<bool> boolean() const;
  [[nodiscard]] Result<Bytes> octets() const;  // from hex

  template <class Integer>
  [[nodiscard]] Result<Integer> number() const {
    SIGNET_ASSIGN(std::uint64_t value, number_up_to(std::numeric_limits<Integer>::max()));
    return static_cast<Integer>(value);
  }
  [[nodiscard]] Result<std::uint64_t> number_up_to(std::uint64_t most) const;
  [[nodiscard]] Result<std::int8_t> signed_octet() const;

  [[nodiscard]] std::string serialised() const { return boost::json::serialize(value_); }

  // From hex, exactly as many octets as `to` has.
  [[nodiscard]] Result<void> octets_into(std::span<std::uint8_t> to) const;

  [[nodiscard]] Failure malformed(const std::string& what) const {
    return fail(Errc::invalid_argument, path_ + " " + what);
  }

 private:
  const boost::json::value& value_;
  std::string path_;
};

}  // namespace signet::vectors
