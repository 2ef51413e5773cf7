// One authenticated conversation with a chip: which of its answers are believed, what is repeated and what a failure of
// a write leaves open. The frames and result codes are those of JESD84-B51 6.6.22; nothing above them is known here.
//
// The write answer of RPMB carries no nonce, so whoever sits on the bus can withhold a write and release it later, or
// answer one write with the success of another (CVE-2020-13799). Hence:
// - the counter is read before any state;
// - an unanswered request is resent octet for octet; no other request is built for its counter value until an
//   authenticated answer has shown that value consumed;
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
#include "rpmb/response.h"
#include "rpmb/transport.h"

namespace signet::rpmb {

using Key = SecretBytes<kKeySize>;

struct SessionStats {
  std::uint64_t reads = 0;            // read operations that were sent, retries included
  std::uint64_t writes = 0;           // write operations that were sent, resends included
  std::uint64_t retries = 0;          // of those, repeated ones
  std::uint64_t doubts = 0;           // writes whose first answer settled nothing
  std::uint64_t unauthenticated = 0;  // answers thrown away
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
  // Errors: io, timeout, no_chip; not_provisioned (a claim: it cannot be authenticated); wrong_key: three answers in a
  // row did not authenticate and none ever has; not_authentic: the same after earlier success; chip_changed.
  Result<std::uint32_t> read_counter();

  // Authenticated read of blocks.size() blocks (at most kMaxReadFrames) from `address`. Errors: as read_counter();
  // geometry (the chip says address failure); media.
  Result<void> read(std::uint16_t address, std::span<Block> blocks);

  // One authenticated write request: blocks.size() frames at `address`, all or nothing.
  // Errors: outcome_unknown: not on the chip as far as can be told, but it may still get there; see refusal() and
  // settle().
  //   Nothing was written and never will be: worn_out; foreign_writer and rollback (the counter moved by more than one,
  //   or back); no_space; busy (an earlier write is not settled yet); those of read_counter() when no counter was
  //   known.
  Result<Written> write(std::uint16_t address, std::span<const Block> blocks);

  // Resends the unsettled write, if there is one, until its fate is known. `taken` when there is none.
  // Errors: as write().
  Result<Written> settle();
  [[nodiscard]] bool unsettled() const { return pending_.has_value(); }

  // Forgets the unsettled write. Only for a write that does no harm whenever it takes effect, such as those of
  // format(): it may still be released until a later write has been acknowledged.
  void abandon() { pending_.reset(); }

  // Why the chip itself refused the last write, with an authenticated answer: unsupported (this many frames), geometry
  // (the address), media. Nothing when it was not refused. An answer can be replayed by whoever sits on the bus, so
  // that a refusal does not settle the write.
  [[nodiscard]] std::optional<Errc> refusal() const { return refusal_; }

  // The counter as last authenticated; nothing before the first read_counter().
  [[nodiscard]] std::optional<std::uint32_t> counter() const { return counter_; }
  [[nodiscard]] bool expired() const { return expired_; }  // the chip is read-only for good

  // Answer frames for a verifier, judged first: a data read of `blocks` blocks, or a counter read, with the given
  // nonce. Errors: as read().
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
  // A read operation that failed, and whether another try may help.
  struct Unread {
    Error error;
    bool again = true;
  };

  Result<void> read_operation(Request type, std::uint16_t address, std::span<Frame> answer,
                              const Nonce* given = nullptr);
  tl::expected<void, Unread> try_read(Request type, std::uint16_t address, const Nonce& nonce, std::span<Frame> answer);
  Unread unread(Verdict verdict, const Frame& last);
  enum class Sent : std::uint8_t { never, before };
  Result<Written> drive(Sent sent);
  bool send();
  std::optional<Result<Written>> settled_by_counter();
  Result<Written> confirm();
  Error unknown() const;

  Transport& transport_;
  crypto::HmacKey key_;
  crypto::Random& random_;
  std::optional<std::uint32_t> counter_;
  std::optional<Pending> pending_;
  std::optional<Errc> refusal_;
  std::string last_trouble_;  // why the pending write is not settled, for the error text
  bool untouched_ = false;    // the last transmission certainly changed nothing
  bool fence_ = true;         // the next success is read back
  bool proven_ = false;       // some answer has authenticated since the start
  bool expired_ = false;
  SessionStats stats_;
};

// Programs `key` (request 0x0001), once, and says what a counter read with that key then shows. The answer to 0x0001 is
// never trusted, neither success nor failure. Only the provisioning state machine may call this. Errors: wrong_key: the
// chip holds another key; io, timeout and not_provisioned: still no key, as far as can be told.
Result<void> program_key(Transport& transport, const Key& key, crypto::Random& random);

}  // namespace signet::rpmb
