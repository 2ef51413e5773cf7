// The groups of a "fastpair-vectors/1" document. Internal to the runner of vectors. Each function ends in what differs.
#pragma once

#include <algorithm>

#include "base/hex.h"
#include "crypto/random.h"
#include "fastpair/session_key.h"
#include "vectors/document.h"

namespace signet::fastpair {

using vectors::Differences;
using vectors::JsonCursor;
using vectors::Recorder;

Result<std::string> run_primitive(const JsonCursor& entry);
Result<std::string> run_anti_spoofing(const JsonCursor& entry);
Result<std::string> run_key_based_pairing(const JsonCursor& entry);
Result<std::string> run_passkey(const JsonCursor& entry);
Result<std::string> run_account_key(const JsonCursor& entry);
Result<std::string> run_additional_data(const JsonCursor& entry);

Result<std::string> run_filter(const JsonCursor& entry);
Result<std::string> run_advert(const JsonCursor& entry);
Result<std::string> run_message(const JsonCursor& entry);

// ---- what they share ----

// Compares the hexadecimal text of member `name` with what was computed.
inline Result<void> compare(const JsonCursor& entry, std::string_view name, BytesView actual,
                            Differences& differences) {
  SIGNET_ASSIGN(const Bytes expected, vectors::octets_of(entry, name));
  differences.compare(name, to_hex(expected), to_hex(actual));
  return {};
}

inline Result<AccountKey> key_of(const JsonCursor& entry, std::string_view name) {
  SIGNET_ASSIGN(const auto octets, vectors::octets_of<kAccountKeySize>(entry, name));
  return AccountKey{octets};
}

// Gives out the octets of a case where the code would ask for random ones: the end of a block, as many as are wanted.
class GivenRandom final : public crypto::Random {
 public:
  explicit GivenRandom(Bytes block) : block_{std::move(block)} {}
  void fill(std::span<std::uint8_t> bytes) override {
    const std::size_t size = std::min(bytes.size(), block_.size());
    std::copy(block_.end() - static_cast<std::ptrdiff_t>(size), block_.end(), bytes.begin());
  }

 private:
  Bytes block_;
};

}  // namespace signet::fastpair
