// The nonces of Beacon Actions: each read of the characteristic makes one, which serves one write on the same
// connection (FMDN specification, "Beacon Actions").
#pragma once

#include <map>
#include <optional>

#include "crypto/random.h"
#include "fmdn/beacon_message.h"

namespace signet::fmdn {

// Names a connection from its beginning to its end; the next one has another number, even of the same client.
using ConnectionId = std::uint64_t;

class Nonces {
 public:
  explicit Nonces(crypto::Random& random) : random_{random} {}

  // What a read from `offset` gives: version and nonce. From 0, a new nonce, and the one before is lost. From elsewhere
  // it goes on with the value that was read last, whether that nonce still serves or not. Nothing: past the end of that
  // value, or there is none.
  std::optional<Bytes> read(ConnectionId connection, std::size_t offset);

  // The nonce for a write, which no other write gets. Nothing when none was read since the last write.
  std::optional<Nonce> take(ConnectionId connection);

  void forget(ConnectionId connection) { values_.erase(connection); }

 private:
  struct Value {
    Nonce nonce;
    bool fresh;
  };
  crypto::Random& random_;
  std::map<ConnectionId, Value> values_;
};

}  // namespace signet::fmdn
