// A card at the other end of a byte stream: how a guest reaches a chip that a process of the host owns.
//
// One message per transfer, integers big-endian:
//
//   request  'W' RELIABLE COUNT(2) then COUNT frames     answer  STATUS
//            'R' 0        COUNT(2)                       answer  STATUS then, if 0, COUNT frames
//
// STATUS is 0, or 1 when the transfer failed.
#pragma once

#include "base/unique_fd.h"
#include "card.h"

namespace signet::cards {

// Serves `card` on a stream until the other side closes it. Errors: io (the stream), invalid_argument (not this
// protocol).
Result<void> serve(int stream, FileCard& card);

class StreamCard final : public Card {
 public:
  // `stream`: open for reading and writing, blocking.
  explicit StreamCard(UniqueFd stream) : stream_{std::move(stream)} {}

  Result<void> write(std::span<const rpmb::Frame> frames, bool reliable) override;
  Result<void> read(std::span<rpmb::Frame> frames) override;

 private:
  Result<void> send_head(std::uint8_t kind, std::uint8_t flag, std::size_t frames);
  Result<void> receive_status();

  UniqueFd stream_;
};

}  // namespace signet::cards
