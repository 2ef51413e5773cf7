// Frames of the Fast Pair message stream: group, code, length as uint16, data (Fast Pair specification, "Message
// stream").
#pragma once

#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace signet::fastpair {

inline constexpr std::size_t kMostMessageData = 1024;  // no message that is known has more than a firmware version

struct Message {
  std::uint8_t group = 0;
  std::uint8_t code = 0;
  Bytes data;
  bool operator==(const Message&) const = default;
};

// too_large: more than 1024 octets of data.
Result<Bytes> encode(const Message& message);

// Takes a stream apart, however it was split or joined on its way. A message with more than 1024 octets is passed over
// without being kept, so that a peer cannot have us keep more than that.
class MessageReader {
 public:
  // The messages that these octets complete.
  std::vector<Message> take(BytesView octets);

 private:
  void take_header();
  std::size_t take_data(BytesView octets);

  Bytes header_;             // of the message under way; complete when it has four octets
  std::size_t missing_ = 0;  // octets of data still to come
  bool passing_over_ = false;
  Message message_;
};

}  // namespace signet::fastpair
