// One authenticated conversation with a chip: the rules of the spec digest rpmb.md section 7, and nothing above them.
//
// The write answer of RPMB carries no nonce, so whoever sits on the bus can withhold a write and release it later, or answer
// one write with the success of another (CVE-2020-13799). Hence:
// - the counter is read before any state;
// - an unanswered request is resent octet for octet; no other request is built for its counter value until an authenticated
//   answer has shown that value consumed;
// - the first successful write after a start or a doubt is read back before it is believed ("fence");
// - answers that do not authenticate decide nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "crypto/hmac.h"
#include "crypto/random.h"
#include "rpmb/transport.h"

namespace signet::rpmb {

using Key = SecretBytes<kKeySize>;

struct SessionStats {
  std::uint64_t reads = 0;           // read operations that were sent, retries included
  std::uint64_t writes = 0;          // write operations that were sent, resends included
  std::uint64_t retries = 0;         // of those, repeated ones
  std::uint64_t doubts = 0;          // writes whose first answer settled nothing
  std::uint64_t unauthenticated = 0; // answers thrown away
};

// What became of a write.
enum class Written : std::uint8_t {
  taken,       // on the chip, acknowledged with our counter value
  superseded,  // another request took our counter value: an older one of ours that was held back, or another writer's.
               // Ours can never take effect any more. State kept in memory is stale: read everything anew.
};

// Not thread-safe. Blocks as long as the transport does, times the retries (at most 3 per step).
class Session {
 public:
  Session(Transport& transport, const Key& key, crypto::Random& random);

  // Authenticated read of the write counter.
  // Errors: io, timeout, no_chip; not_provisioned (a claim: it cannot be authenticated); wrong_key: three answers in a row
  // did not authenticate and none ever has; not_authentic: the same after earlier success; chip_changed.
  Result<std::uint32_t> read_counter();

  // Authenticated read of blocks.size() blocks (at most kMaxReadFrames) from `address`. Errors: as read_counter();
  // geometry (the chip says address failure); media.
  Result<void> read(std::uint16_t address, std::span<Block> blocks);

  // One authenticated write request: blocks.size() frames at `address`, all or nothing.
  // Errors: outcome_unknown: not on the chip yet, but may still get there; settle() before the next write.
  //   Definite, nothing written: worn_out, geometry, foreign_writer (the counter moved by more than one), no_space, busy
  //   (an earlier write is not settled), and those of read_counter() when the counter was not known before.
  Result<Written> write(std::uint16_t address, std::span<const Block> blocks);

  // Resends the unsettled write, if there is one, until its fate is known. `taken` when there is none.
  // Errors: outcome_unknown; foreign_writer.
  Result<Written> settle();
  [[nodiscard]] bool unsettled() const { return pending_.has_value(); }

  // The counter as last authenticated; nothing before the first read_counter().
  [[nodiscard]] std::optional<std::uint32_t> counter() const { return counter_; }
  [[nodiscard]] bool expired() const { return expired_; }  // the chip is read-only for good

  // Answer frames for a verifier, judged first: a data read of `blocks` blocks, or a counter read, with the given nonce.
  Result<std::vector<Frame>> attest_data(const Nonce& nonce, std::uint16_t address, std::uint16_t blocks);
  Result<Frame> attest_counter(const Nonce& nonce);

  [[nodiscard]] const SessionStats& stats() const { return stats_; }
  [[nodiscard]] Transport& transport() { return transport_; }
  [[nodiscard]] const crypto::HmacKey& key() const { return key_; }

 private:
  struct Pending {
    std::vector<Frame> request;
    std::uint32_t counter = 0;  // the value it was built for
  };
  enum class Answer : std::uint8_t { accepted, refused, nothing };  // nothing: no answer, or none that authenticates

  Result<void> read_operation(const Frame& request, std::span<Frame> response, const struct Expectation& expected);
  Error refusal(std::span<const Frame> response) const;
  Error not_authentic();
  Result<Written> drive();
  Answer send(Frame& response);
  Result<Written> confirm();
  Result<Written> give_up(const Frame& last, Answer answer);
  Result<std::vector<Frame>> read_frames(const Nonce& nonce, std::uint16_t address, std::size_t blocks);

  Transport& transport_;
  crypto::HmacKey key_;
  crypto::Random& random_;
  std::optional<std::uint32_t> counter_;
  std::optional<Pending> pending_;
  bool fence_ = true;     // the next success is read back
  bool proven_ = false;   // some answer has authenticated since the start
  bool expired_ = false;
  SessionStats stats_;
};

// Programs `key` (request 0x0001), once, and says what a counter read with that key then shows. The answer to 0x0001 is never
// trusted, neither success nor failure. Only the provisioning state machine may call this.
// Errors: wrong_key: the chip holds another key; io, timeout and not_provisioned: still no key, as far as can be told.
Result<void> program_key(Transport& transport, const Key& key, crypto::Random& random);

}  // namespace signet::rpmb
