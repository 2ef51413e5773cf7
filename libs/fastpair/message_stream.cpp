#include "fastpair/message_stream.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::fastpair {
namespace {

constexpr std::size_t kHeaderSize = 4;

}  // namespace

Result<Bytes> encode(const Message& message) {
  if (message.data.size() > kMostMessageData)
    return fail(Errc::too_large, "stream message: more than 1024 octets of data");
  Bytes out(kHeaderSize);
  out[0] = message.group;
  out[1] = message.code;
  store_be(std::span{out}, 2, static_cast<std::uint16_t>(message.data.size()));
  append(out, message.data);
  return out;
}

std::vector<Message> MessageReader::take(BytesView octets) {
  std::vector<Message> complete;
  while (!octets.empty()) {
    if (header_.size() < kHeaderSize) {
      header_.push_back(octets.front());
      octets = octets.subspan(1);
      if (header_.size() < kHeaderSize) continue;
      take_header();
    } else {
      octets = octets.subspan(take_data(octets));
    }
    if (missing_ > 0) continue;
    if (!passing_over_) complete.push_back(std::move(message_));
    header_.clear();
  }
  return complete;
}

void MessageReader::take_header() {
  message_ = Message{.group = header_[0], .code = header_[1], .data = {}};
  missing_ = load_be<std::uint16_t>(header_, 2);
  passing_over_ = missing_ > kMostMessageData;
}

std::size_t MessageReader::take_data(BytesView octets) {
  const std::size_t size = std::min(octets.size(), missing_);
  if (!passing_over_) append(message_.data, octets.first(size));
  missing_ -= size;
  return size;
}

}  // namespace signet::fastpair
