// A message stream from anybody: cut into two at the place that the first octet says, it gives the same messages as in
// one piece, and each can be sent again.
#include <algorithm>
#include <cstdlib>

#include "fastpair/stream_messages.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  using namespace signet::fastpair;
  if (size == 0) return 0;
  const BytesView stream{data + 1, size - 1};
  const std::size_t cut = std::min<std::size_t>(data[0], stream.size());

  MessageReader whole;
  const std::vector<Message> messages = whole.take(stream);
  MessageReader split;
  std::vector<Message> again = split.take(stream.first(cut));
  for (Message& message : split.take(stream.subspan(cut))) again.push_back(std::move(message));
  if (messages != again) std::abort();
  for (const Message& message : messages) {
    (void)parse_from_seeker(message);
    if (!encode(message) || !encode(refuse(message, NakReason::unsupported))) std::abort();
  }
  return 0;
}
