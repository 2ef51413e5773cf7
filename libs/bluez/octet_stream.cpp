#include "bluez/octet_stream.h"

#include <sys/socket.h>

#include <boost/asio/buffer.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>
#include <utility>

namespace signet::bluez {
namespace {

constexpr std::size_t kEnoughUnsent = 4 * 1024;  // above it, nothing is read that could want another answer

}  // namespace

std::shared_ptr<OctetStream> OctetStream::start(boost::asio::io_context& loop, UniqueFd socket, Events events) {
  auto stream = std::make_shared<OctetStream>(loop, std::move(socket), std::move(events));
  stream->read();
  return stream;
}

OctetStream::OctetStream(boost::asio::io_context& loop, UniqueFd socket, Events events)
    : loop_{loop}, socket_{loop}, events_{std::move(events)} {
  boost::system::error_code failed;  // of what cannot be waited for, such as a file
  socket_.assign(socket.get(), failed);
  if (!failed) static_cast<void>(socket.release());
  if (!failed) socket_.non_blocking(true, failed);
  if (failed) close();
}

void OctetStream::send(BytesView octets) {
  if (closed_) return;
  if (unsent_.size() + sending_.size() + octets.size() > kMostUnsent) return close();
  append(unsent_, octets);
  if (sending_.empty()) write();
}

void OctetStream::close() {
  if (std::exchange(closed_, true)) return;
  boost::asio::post(loop_, [closed = std::move(events_.closed)] {
    if (closed) closed();
  });
  abandon();
}

void OctetStream::abandon() {
  closed_ = true;
  events_ = {};
  static_cast<void>(::shutdown(socket_.native_handle(), SHUT_RDWR));  // whoever else has it open: bluetoothd does
  boost::system::error_code ignored;
  socket_.close(ignored);
}

void OctetStream::read() {
  if (closed_ || std::exchange(reading_, true)) return;
  socket_.async_read_some(boost::asio::buffer(piece_),
                          [self = shared_from_this()](const boost::system::error_code& failed, std::size_t size) {
                            self->reading_ = false;
                            if (self->closed_) return;
                            if (failed) return self->close();
                            const auto received = self->events_.received;  // may abandon this
                            if (received) received(BytesView{self->piece_}.first(size));
                            if (self->unsent_.size() + self->sending_.size() <= kEnoughUnsent) self->read();
                          });
}

void OctetStream::write() {
  if (closed_ || unsent_.empty()) return;
  std::swap(sending_, unsent_);
  boost::asio::async_write(socket_, boost::asio::buffer(sending_),
                           [self = shared_from_this()](const boost::system::error_code& failed, std::size_t) {
                             self->sending_.clear();
                             if (self->closed_) return;
                             if (failed) return self->close();
                             self->write();
                             if (self->sending_.size() <= kEnoughUnsent) self->read();
                           });
}

}  // namespace signet::bluez
