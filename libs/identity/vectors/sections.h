// The sections of an "identity-vectors/1" document. Internal to the runner of vectors.
#pragma once

#include <map>

#include "crypto/x509.h"
#include "rpmb/vectors/json_cursor.h"
#include "rpmb/vectors/recorder.h"

namespace signet::identity {

using rpmb::JsonCursor;
using rpmb::Recorder;

// What tickets refer to by name.
struct VectorTrust {
  std::map<std::string, crypto::Certificate> certificates;
  std::map<std::string, crypto::RevocationList> lists;
};

Result<void> run_ticket(const JsonCursor& entry, const VectorTrust& trust, Recorder& recorder);

// The text of a member, and its octets from base64.
Result<std::string> text_of(const JsonCursor& entry, std::string_view name);
Result<Bytes> base64_of(const JsonCursor& value);

template <std::size_t Size>
Result<std::array<std::uint8_t, Size>> octets_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(name));
  std::array<std::uint8_t, Size> octets{};
  SIGNET_TRY(at.octets_into(octets));
  return octets;
}

// Collects what differs in one entry.
class Differences {
 public:
  void compare(std::string_view what, const std::string& expected, const std::string& actual) {
    if (expected == actual) return;
    if (!text_.empty()) text_ += "; ";
    text_ += std::string{what} + " is '" + actual + "' instead of '" + expected + "'";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace signet::identity
