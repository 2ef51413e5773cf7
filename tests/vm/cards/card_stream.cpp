#include "card_stream.h"

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <system_error>
#include <vector>

#include "base/endian.h"

namespace signet::cards {
namespace {

using rpmb::Frame;

constexpr std::uint8_t kWrite = 'W';
constexpr std::uint8_t kRead = 'R';
constexpr std::uint8_t kDone = 0;
constexpr std::uint8_t kFailed = 1;
using Head = std::array<std::uint8_t, 4>;

Failure stream_failure(const char* what) {
  return fail(Errc::io, std::string{what} + ": " + std::generic_category().message(errno));
}

Result<void> send_all(int stream, BytesView octets) {
  while (!octets.empty()) {
    const ssize_t sent = ::write(stream, octets.data(), octets.size());
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return stream_failure("writing to the stream");
    octets = octets.subspan(static_cast<std::size_t>(sent));
  }
  return {};
}

// False when the other side has closed the stream before the first octet.
Result<bool> receive_all(int stream, std::span<std::uint8_t> octets) {
  for (std::size_t got = 0; got < octets.size();) {
    const ssize_t size = ::read(stream, octets.data() + got, octets.size() - got);
    if (size < 0 && errno == EINTR) continue;
    if (size < 0 && errno != ECONNRESET) return stream_failure("reading from the stream");
    if (size <= 0 && got == 0) return false;
    if (size <= 0) return fail(Errc::io, "the stream ends within a message");
    got += static_cast<std::size_t>(size);
  }
  return true;
}

BytesView octets(std::span<const Frame> frames) {
  return {reinterpret_cast<const std::uint8_t*>(frames.data()), frames.size_bytes()};
}
std::span<std::uint8_t> octets(std::span<Frame> frames) {
  return {reinterpret_cast<std::uint8_t*>(frames.data()), frames.size_bytes()};
}

Result<void> serve_write(int stream, FileCard& card, std::span<Frame> frames, bool reliable) {
  SIGNET_ASSIGN(const bool whole, receive_all(stream, octets(frames)));
  if (!whole) return fail(Errc::io, "the stream ends within a message");
  const std::array status{card.write(frames, reliable) ? kDone : kFailed};
  return send_all(stream, status);
}

Result<void> serve_read(int stream, FileCard& card, std::span<Frame> frames) {
  SIGNET_TRY(card.read(frames));
  Bytes answer{kDone};
  append(answer, octets(std::span<const Frame>{frames}));
  SIGNET_TRY(send_all(stream, answer));
  card.port().read_answered();
  return {};
}

}  // namespace

Result<void> serve(int stream, FileCard& card) {
  for (;;) {
    Head head;
    SIGNET_ASSIGN(const bool more, receive_all(stream, head));
    if (!more) return {};
    std::vector<Frame> frames(load_be<std::uint16_t>(head, 2));
    const bool known = head[0] == kWrite || head[0] == kRead;
    if (!known || frames.empty()) return fail(Errc::invalid_argument, "the stream does not carry transfers of frames");
    if (head[0] == kWrite) {
      SIGNET_TRY(serve_write(stream, card, frames, head[1] != 0));
    } else {
      SIGNET_TRY(serve_read(stream, card, frames));
    }
  }
}

Result<void> StreamCard::send_head(std::uint8_t kind, std::uint8_t flag, std::size_t frames) {
  Head head{kind, flag};
  store_be(head, 2, static_cast<std::uint16_t>(frames));
  return send_all(stream_.get(), head);
}

Result<void> StreamCard::receive_status() {
  std::array<std::uint8_t, 1> status{};
  SIGNET_ASSIGN(const bool there, receive_all(stream_.get(), status));
  if (!there) return fail(Errc::io, "nobody is at the other end of the stream");
  if (status[0] != kDone) return fail(Errc::io, "the card could not carry out the transfer");
  return {};
}

Result<void> StreamCard::write(std::span<const Frame> frames, bool reliable) {
  SIGNET_TRY(send_head(kWrite, reliable ? 1 : 0, frames.size()));
  SIGNET_TRY(send_all(stream_.get(), octets(frames)));
  return receive_status();
}

Result<void> StreamCard::read(std::span<Frame> frames) {
  SIGNET_TRY(send_head(kRead, 0, frames.size()));
  SIGNET_TRY(receive_status());
  SIGNET_ASSIGN(const bool whole, receive_all(stream_.get(), octets(frames)));
  if (!whole) return fail(Errc::io, "the stream ends within a message");
  return {};
}

}  // namespace signet::cards
