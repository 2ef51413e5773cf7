// An HTTP/1.1 server on threads of its own, each with a loop of its own; a connection stays with one of them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/address.hpp>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"
#include "http/counters.h"
#include "http/limits.h"
#include "http/service.h"
#include "http/tls.h"

namespace signet::http {

struct ServerOptions {
  boost::asio::ip::address address;
  std::uint16_t port = 0;  // 0: the kernel chooses
  int inherited = -1;      // a listening TCP socket to use instead of address and port; owned from then on
  unsigned threads = 1;
  Limits limits;
  std::string address_field;  // see RequestReader
  bool plain = false;         // without TLS; on a loopback address only
};

class Server {
 public:
  // Binds and listens; connections are taken from start() on. `loop`: where it accepts. `tls`: none with
  // `options.plain`. Errors: config_invalid (plain on another address than a loopback one; an address that is not this
  // machine's, or taken), io.
  static Result<std::unique_ptr<Server>> open(boost::asio::io_context& loop, ServerOptions options, TlsContext tls,
                                              Service& service);
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;
  virtual ~Server() = default;  // after stop() has called back, or before start()

  virtual void start() = 0;
  // For connections that are made from now on.
  virtual void replace_tls(TlsContext tls) = 0;
  // Takes no new connections, closes the idle ones, answers what has been asked; whoever needs longer than
  // Limits::stop_time is cut off. Then `done` is called on the loop. Once.
  virtual void stop(std::function<void()> done) = 0;

  [[nodiscard]] virtual std::uint16_t port() const = 0;
  [[nodiscard]] virtual const ConnectionCounters& counters() const = 0;

 protected:
  Server() = default;
};

}  // namespace signet::http
