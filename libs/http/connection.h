// One connection: reads requests, has them answered, one after the other, until one side has had enough.
//
// Every co_await of a Task is a statement or a declaration of its own: g++ 12 destroys such a temporary too early when
// it stands behind && or || or in a condition.
#pragma once

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "http/counters.h"
#include "http/loop.h"
#include "http/problem.h"
#include "http/request_reader.h"
#include "http/server.h"

namespace signet::http {

using Socket = boost::asio::basic_stream_socket<boost::asio::ip::tcp, Executor>;
using TlsStream = boost::asio::ssl::stream<Socket>;
template <class T>
using Task = boost::asio::awaitable<T, Executor>;

// What connections share; outlives them.
struct House {
  const Limits limits;
  const std::string address_field;
  Service& service;
  ConnectionCounters counters;
};

template <class Stream>
class Connection final : public Guest {
 public:
  // `left` is called in the end, on the loop's thread.
  Connection(House& house, Loop& loop, Stream stream, TlsContext tls, std::string peer, std::function<void()> left)
      : house_{house},
        loop_{loop},
        tls_{std::move(tls)},
        stream_{std::move(stream)},
        peer_{std::move(peer)},
        left_{std::move(left)},
        reader_{house.limits, house.address_field},
        place_{loop.enter(*this)} {}
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection() override {
    left_();
    loop_.exit(place_);
  }

  static Task<void> run(std::unique_ptr<Connection> self) {
    bool more = co_await self->greet();
    while (more) more = co_await self->serve_one();
    co_await self->part();
  }

  void expire() override {
    if (expired_) return cut();
    expired_ = true;
    deadline += kLastWord;
    ++house_.counters.timed_out;
    boost::system::error_code ignored;
    socket().cancel(ignored);
  }
  void leave() override {
    boost::system::error_code ignored;
    if (idle_) socket().cancel(ignored);
  }
  void cut() override {
    boost::system::error_code ignored;
    socket().close(ignored);
  }

 private:
  using Stage = RequestReader::Stage;
  static constexpr std::size_t kReadSize = 8192;
  static constexpr std::chrono::seconds kLastWord{1};
  static constexpr std::size_t kMaxLinger = 4 * 1024 * 1024;
  static constexpr boost::asio::as_tuple_t<boost::asio::use_awaitable_t<Executor>> kTuple{};
  static constexpr bool kTls = !std::is_same_v<Stream, Socket>;

  Socket& socket() {
    if constexpr (kTls) {
      return stream_.next_layer();
    } else {
      return stream_;
    }
  }
  void allow(std::chrono::seconds time) { deadline = std::chrono::steady_clock::now() + time; }

  Task<bool> greet() {
    if constexpr (kTls) {
      allow(house_.limits.handshake_time);
      auto [error] = co_await stream_.async_handshake(boost::asio::ssl::stream_base::server, kTuple);
      if (error) ++house_.counters.failed_handshakes;
      co_return !error;
    }
    co_return true;
  }

  Task<bool> read_some() {
    auto [error, size] = co_await stream_.async_read_some(in_.prepare(kReadSize), kTuple);
    in_.commit(size);
    co_return !error;
  }

  // Reads until `stage` is over. False: it does not come to that.
  Task<bool> read_past(Stage stage) {
    bool more = true;
    while (more) {
      const std::string_view octets{static_cast<const char*>(in_.data().data()), in_.size()};
      in_.consume(reader_.feed(octets));
      if (reader_.stage() != stage) co_return true;
      if (in_.size() + kReadSize > in_.max_size()) co_return false;  // a trailer without end
      more = co_await read_some();
    }
    co_return false;
  }

  // Waits until there is something to read. False: nothing will come.
  Task<bool> await_request() {
    reader_.next();
    reader_.request().peer = peer_;
    if (in_.size() > 0) co_return true;
    if (loop_.stopping()) co_return false;
    idle_ = true;
    allow(house_.limits.idle_time);
    const bool come = co_await read_some();
    idle_ = false;
    co_return come;
  }

  // False: the head is not complete, or not good enough to read on.
  Task<bool> read_head() {
    allow(house_.limits.head_time);
    const bool complete = co_await read_past(Stage::head);
    if (!complete) co_return too_late(house_.limits.head_time);
    if (reader_.stage() == Stage::failed) co_return malformed();
    last_word_ = house_.service.admit(reader_.request());
    co_return !last_word_;
  }

  Task<bool> read_body() {
    if (reader_.awaits_continue()) {
      const bool told = co_await write("HTTP/1.1 100 Continue\r\n\r\n");
      if (!told) co_return false;
    }
    allow(house_.limits.body_time);
    const bool complete = co_await read_past(Stage::body);
    if (!complete) co_return too_late(house_.limits.body_time);
    co_return reader_.stage() != Stage::failed || malformed();
  }

  // The next request up to its last octet. False: there is none; if there was the beginning of one, last_word_ says
  // what is wrong with it.
  Task<bool> read_request() {
    bool good = co_await await_request();
    if (good) good = co_await read_head();
    if (good && reader_.stage() == Stage::body) good = co_await read_body();
    co_return good;
  }

  bool malformed() {
    ++house_.counters.malformed_requests;
    last_word_ = reader_.failure();
    return false;
  }
  bool too_late(std::chrono::seconds limit) {
    if (!expired_) return false;
    last_word_ = problem(
        {Errc::timeout, "the request was not complete within " + std::to_string(limit.count()) + " seconds"}, 408);
    return false;
  }

  Task<Reply> answer() {
    return boost::asio::async_initiate<const boost::asio::use_awaitable_t<Executor>, void(Reply)>(
        [this](auto handler) {
          auto waiting = std::make_shared<decltype(handler)>(std::move(handler));
          house_.service.handle(reader_.request(), [waiting, executor = loop_.executor()](Answer made) {
            boost::asio::post(executor, [waiting, made = std::move(made)] { (*waiting)(made()); });
          });
        },
        boost::asio::use_awaitable_t<Executor>{});
  }

  Task<bool> write(std::string_view octets) {
    allow(house_.limits.write_time);
    auto [error, size] =
        co_await boost::asio::async_write(stream_, boost::asio::buffer(octets.data(), octets.size()), kTuple);
    co_return !error;
  }

  Task<bool> send(const Reply& reply, bool keep_alive) {
    out_.clear();
    write_reply(reply, loop_.date(), keep_alive, reader_.request().method == Method::head, out_);
    co_return co_await write(out_);
  }

  // One request and its answer. True: there may be another one.
  Task<bool> serve_one() {
    const bool good = co_await read_request();
    if (!good) {
      if (last_word_) co_await send(*last_word_, false);
      co_return false;
    }
    deadline = Time::max();
    const Reply reply = co_await answer();
    const bool keep_alive = reader_.request().keep_alive && !loop_.stopping();
    const bool sent = co_await send(reply, keep_alive);
    co_return keep_alive ? sent : false;
  }

  // Lets the peer have the last answer: closing a socket with unread octets would throw that answer away.
  Task<void> part() {
    allow(kLastWord);
    expired_ = true;  // no further chance
    if constexpr (kTls) co_await stream_.async_shutdown(kTuple);
    boost::system::error_code ignored;
    socket().shutdown(boost::asio::socket_base::shutdown_send, ignored);
    in_.consume(in_.size());
    for (std::size_t size = 0; last_word_ && size < kMaxLinger;) {
      auto [error, more] = co_await socket().async_read_some(in_.prepare(kReadSize), kTuple);
      if (error) break;
      size += more;
    }
  }

  House& house_;
  Loop& loop_;
  TlsContext tls_;  // outlives the stream
  Stream stream_;
  std::string peer_;
  std::function<void()> left_;
  RequestReader reader_;
  boost::beast::flat_buffer in_{house_.limits.head + 2 * kReadSize};
  std::string out_;
  std::optional<Reply> last_word_;
  bool idle_ = false;
  bool expired_ = false;
  Loop::Place place_;
};

}  // namespace signet::http
