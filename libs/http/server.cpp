#include "http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/ip/v6_only.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <mutex>
#include <unordered_map>
#include <vector>

#include "base/unique_fd.h"
#include "http/connection.h"
#include "http/rate_limit.h"

namespace signet::http {
namespace {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

constexpr int kBacklog = 1024;
constexpr int kAtOnce = 64;  // connections taken before anything else gets its turn
constexpr std::chrono::milliseconds kOutOfDescriptors{100};

// How many connections each address has.
class Census {
 public:
  explicit Census(std::size_t most) : most_{most} {}

  bool enter(const std::string& name) {
    const std::lock_guard lock{mutex_};
    auto& count = counts_[name];
    if (count >= most_) return false;
    ++count;
    return true;
  }
  void leave(const std::string& name) {
    const std::lock_guard lock{mutex_};
    if (const auto entry = counts_.find(name); --entry->second == 0) counts_.erase(entry);
  }

 private:
  std::size_t most_;
  std::mutex mutex_;
  std::unordered_map<std::string, std::size_t> counts_;
};

std::string text_of(const tcp::endpoint& peer) {
  const auto address = peer.address();
  if (!address.is_v6() || !address.to_v6().is_v4_mapped()) return address.to_string();
  return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6()).to_string();
}

class ThreadedServer final : public Server {
 public:
  ThreadedServer(asio::io_context& loop, ServerOptions options, TlsContext tls, Service& service)
      : main_{loop},
        options_{std::move(options)},
        tls_{std::move(tls)},
        house_{options_.limits, options_.address_field, service, {}},
        census_{options_.plain ? options_.limits.connections : options_.limits.connections_per_address} {}

  Result<void> listen() {
    error_code error;
    if (options_.inherited >= 0) {
      adopt(error);
    } else {
      SIGNET_TRY(check_plain(options_.address));
      bind({options_.address, options_.port}, error);
    }
    if (!error) acceptor_.native_non_blocking(true, error);
    if (!error) return check_plain(acceptor_.local_endpoint().address());
    return fail(Errc::config_invalid, "listening on " + options_.address.to_string() + " port " +
                                          std::to_string(options_.port) + ": " + error.message());
  }

  void start() override {
    for (unsigned i = 0; i < options_.threads; ++i) loops_.push_back(std::make_unique<Loop>());
    accept();
  }

  void replace_tls(TlsContext tls) override { tls_ = std::move(tls); }

  void stop(std::function<void()> done) override {
    error_code ignored;
    acceptor_.close(ignored);
    timer_.cancel();
    full_ = loops_.size();
    done_ = std::move(done);
    for (const auto& loop : loops_) {
      loop->post([this, &loop = *loop] { loop.stop([this] { asio::post(main_, [this] { emptied(); }); }); });
    }
    timer_.expires_after(options_.limits.stop_time);
    timer_.async_wait([this](const error_code& cancelled) {
      if (cancelled) return;
      for (const auto& loop : loops_) loop->post([&loop = *loop] { loop.cut(); });
    });
  }

  [[nodiscard]] std::uint16_t port() const override { return acceptor_.local_endpoint().port(); }
  [[nodiscard]] const ConnectionCounters& counters() const override { return house_.counters; }

 private:
  void adopt(error_code& error) {
    sockaddr_storage address{};
    socklen_t size = sizeof address;
    int listens = 0;
    socklen_t flag = sizeof listens;
    UniqueFd fd{std::exchange(options_.inherited, -1)};
    const bool tcp_socket = ::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0 &&
                            (address.ss_family == AF_INET || address.ss_family == AF_INET6) &&
                            ::getsockopt(fd.get(), SOL_SOCKET, SO_ACCEPTCONN, &listens, &flag) == 0 && listens != 0;
    if (!tcp_socket) {
      error = asio::error::operation_not_supported;
      return;
    }
    acceptor_.assign(address.ss_family == AF_INET ? tcp::v4() : tcp::v6(), fd.release(), error);
  }

  [[nodiscard]] Result<void> check_plain(const asio::ip::address& address) const {
    if (!options_.plain || address.is_loopback()) return {};
    return fail(Errc::config_invalid, "without TLS only on a loopback address, not on " + address.to_string());
  }

  void bind(const tcp::endpoint& endpoint, error_code& error) {
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(tcp::acceptor::reuse_address{true}, error);
    if (!error && options_.address.is_v6() && options_.address.is_unspecified()) {
      acceptor_.set_option(asio::ip::v6_only{false}, error);
    }
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(kBacklog, error);
  }

  void emptied() {
    if (--full_ > 0) return;
    timer_.cancel();
    done_();
  }

  void accept() {
    acceptor_.async_wait(tcp::acceptor::wait_read, [this](const error_code& closed) {
      if (closed) return;
      for (int i = 0; i < kAtOnce && take_one(); ++i) {
      }
      if (acceptor_.is_open() && !pausing_) accept();
    });
  }

  // False: there is none, for now.
  bool take_one() {
    tcp::endpoint peer;
    auto size = static_cast<socklen_t>(peer.capacity());
    const int fd = ::accept4(acceptor_.native_handle(), peer.data(), &size, SOCK_NONBLOCK | SOCK_CLOEXEC);
    if (fd < 0) {
      if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM) pause();
      return errno == ECONNABORTED || errno == EINTR;
    }
    peer.resize(size);
    auto address = text_of(peer);
    ++house_.counters.accepted;
    auto name = limit_name(address);
    if (house_.counters.open >= options_.limits.connections || !census_.enter(name)) {
      ++house_.counters.refused;
      ::close(fd);
      return true;
    }
    ++house_.counters.open;
    hand_over(fd, peer.protocol(), std::move(address), std::move(name));
    return true;
  }

  // Out of descriptors: the connection waits in the kernel's queue, and the event for it would come again at once.
  void pause() {
    pausing_ = true;
    timer_.expires_after(kOutOfDescriptors);
    timer_.async_wait([this](const error_code& cancelled) {
      pausing_ = false;
      if (!cancelled) accept();
    });
  }

  void hand_over(int fd, const tcp& protocol, std::string address, std::string name) {
    const int on = 1;
    ::setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    Loop& loop = *loops_[next_++ % loops_.size()];
    auto left = [this, name = std::move(name)] {
      census_.leave(name);
      --house_.counters.open;
    };
    loop.post([this, &loop, fd, protocol, tls = tls_, address = std::move(address), left = std::move(left)]() mutable {
      Socket socket{loop.executor(), protocol, fd};
      if (tls) {
        begin(loop, TlsStream{std::move(socket), *tls}, tls, std::move(address), std::move(left));
      } else {
        begin(loop, std::move(socket), tls, std::move(address), std::move(left));
      }
    });
  }

  template <class Stream>
  void begin(Loop& loop, Stream stream, const TlsContext& tls, std::string address, std::function<void()> left) {
    auto connection =
        std::make_unique<Connection<Stream>>(house_, loop, std::move(stream), tls, std::move(address), std::move(left));
    asio::co_spawn(loop.executor(), Connection<Stream>::run(std::move(connection)), asio::detached);
  }

  asio::io_context& main_;
  ServerOptions options_;
  TlsContext tls_;
  House house_;
  Census census_;
  tcp::acceptor acceptor_{main_};
  asio::steady_timer timer_{main_};
  bool pausing_ = false;
  std::size_t next_ = 0;
  std::size_t full_ = 0;
  std::function<void()> done_;
  std::vector<std::unique_ptr<Loop>> loops_;  // last: connections use all of the above
};

}  // namespace

Result<std::unique_ptr<Server>> Server::open(asio::io_context& loop, ServerOptions options, TlsContext tls,
                                             Service& service) {
  if (options.plain != (tls == nullptr)) return fail(Errc::internal, "TLS and plain at once");
  auto server = std::make_unique<ThreadedServer>(loop, std::move(options), std::move(tls), service);
  SIGNET_TRY(server->listen());
  return std::unique_ptr<Server>{std::move(server)};
}

}  // namespace signet::http
