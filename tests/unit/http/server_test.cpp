#include "http/server.h"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "base/unique_fd.h"
#include "http/problem.h"

namespace signet::http {
namespace {

using namespace std::chrono_literals;

// Answers with method, target and size of the body; "/later" waits until the test lets it go.
class Echo final : public Service {
 public:
  std::optional<Reply> admit(const Request& head) override {
    if (head.target == "/refused") return problem({Errc::rate_limited, "too many"});
    return std::nullopt;
  }
  void handle(const Request& request, Done done) override {
    Reply reply{.type = "text/plain",
                .body = std::string{name(request.method)} + " " + request.target + " " +
                        std::to_string(request.body.size()) + " " + request.peer,
                .fields = {}};
    if (request.target != "/later") return answer_now(done, std::move(reply));
    const std::lock_guard lock{mutex_};
    waiting_.push_back([done = std::move(done), reply = std::move(reply)] { answer_now(done, reply); });
    changed_.notify_all();
  }
  void wait_for(std::size_t count) {
    std::unique_lock lock{mutex_};
    ASSERT_TRUE(changed_.wait_for(lock, 10s, [&] { return waiting_.size() >= count; }));
  }
  void let_go() {
    const std::lock_guard lock{mutex_};
    for (const auto& answer : waiting_) answer();
    waiting_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::function<void()>> waiting_;
};

// A client that takes its time into its own hands.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    const timeval patience{10, 0};
    ::setsockopt(fd_.get(), SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    EXPECT_EQ(::connect(fd_.get(), reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  void send(std::string_view text) const {
    while (!text.empty()) {
      const auto size = ::send(fd_.get(), text.data(), text.size(), MSG_NOSIGNAL);
      if (size <= 0) return;  // the server has had enough
      text.remove_prefix(static_cast<std::size_t>(size));
    }
  }
  void finish() const { ::shutdown(fd_.get(), SHUT_WR); }
  // Up to and with `end`, or to the end of the connection.
  std::string read(std::string_view end = "") {
    for (;;) {
      const auto at = end.empty() ? std::string::npos : buffer_.find(end);
      if (at != std::string::npos) {
        auto text = buffer_.substr(0, at + end.size());
        buffer_.erase(0, at + end.size());
        return text;
      }
      char more[4096];
      const auto size = ::recv(fd_.get(), more, sizeof more, 0);
      if (size < 0) return "error " + std::to_string(errno);
      if (size == 0) return std::exchange(buffer_, "");
      buffer_.append(more, static_cast<std::size_t>(size));
    }
  }

 private:
  UniqueFd fd_;
  std::string buffer_;
};

std::string get(const std::string& target) { return "GET " + target + " HTTP/1.1\r\nHost: h\r\n\r\n"; }

class ServerTest : public testing::Test {
 protected:
  ~ServerTest() override {
    if (server_) stop();
  }

  void start(const Limits& limits = {}) {
    const ServerOptions options{.address = boost::asio::ip::make_address("127.0.0.1"),
                                .threads = 2,
                                .limits = limits,
                                .address_field = {},
                                .plain = true};
    auto server = Server::open(loop_, options, nullptr, service_);
    ASSERT_TRUE(server) << server.error().context;
    server_ = *std::move(server);
    server_->start();
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  void begin_stop() {
    boost::asio::post(loop_, [this] { server_->stop([this] { stopped_ = true; }); });
  }
  void stop() {
    if (!stopping_) begin_stop();
    thread_.join();  // the loop has nothing left to do
    EXPECT_TRUE(stopped_);
    server_.reset();
  }
  [[nodiscard]] Client client() const { return Client{server_->port()}; }

  Echo service_;
  boost::asio::io_context loop_;
  std::unique_ptr<Server> server_;
  std::thread thread_;
  bool stopping_ = false;
  std::atomic<bool> stopped_ = false;
};

TEST_F(ServerTest, AnswersOneRequestAfterTheOtherOnOneConnection) {
  start();
  auto peer = client();

  peer.send(get("/a"));
  const auto first = peer.read(" 127.0.0.1");
  peer.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz");
  const auto second = peer.read(" 127.0.0.1");

  EXPECT_EQ(first.rfind("HTTP/1.1 200 OK\r\nDate: ", 0), 0U) << first;
  EXPECT_NE(first.find("GET /a 0"), std::string::npos) << first;
  EXPECT_NE(second.find("POST /b 3"), std::string::npos) << second;
  EXPECT_EQ(server_->counters().accepted, 1U);
}

TEST_F(ServerTest, AnswersWhatWasSentAllAtOnceInOrder) {
  start();
  auto peer = client();

  peer.send(get("/1") + "POST /2 HTTP/1.1\r\nHost: h\r\nContent-Length: 1\r\n\r\nx" + get("/3") +
            "GET /4 HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n" + get("/5"));
  const auto all = peer.read();

  const auto first = all.find("GET /1 0");
  const auto second = all.find("POST /2 1");
  const auto third = all.find("GET /3 0");
  const auto last = all.find("GET /4 0");
  EXPECT_LT(first, second);
  EXPECT_LT(second, third);
  EXPECT_LT(third, last);
  EXPECT_NE(last, std::string::npos) << all;
  EXPECT_EQ(all.find("/5"), std::string::npos) << all;
}

TEST_F(ServerTest, HeadGetsNoBody) {
  start();
  auto peer = client();

  peer.send("HEAD /a HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const auto answer = peer.read();

  EXPECT_NE(answer.find("Content-Length: 19\r\n"), std::string::npos) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST_F(ServerTest, SaysWhatIsWrongAndCloses) {
  start();
  const std::pair<std::string, const char*> cases[] = {
      {"GET / HTTP/1.1\r\nHost: h\r\nX: " + std::string(1024 * 1024, 'x'), "HTTP/1.1 431 "},
      {"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9999999\r\n\r\n" + std::string(1024 * 1024, 'x'),
       "HTTP/1.1 413 "},
      {"\x16\x03\x01\x02\r\n\r\n", "HTTP/1.1 400 "},
      {"GET / HTTP/3.0\r\n\r\n", "HTTP/1.1 505 "},
  };
  for (const auto& [text, status] : cases) {
    auto peer = client();
    peer.send(text);
    peer.finish();
    const auto answer = peer.read();
    EXPECT_EQ(answer.rfind(status, 0), 0U) << answer;
    EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
    EXPECT_NE(answer.find("application/problem+json"), std::string::npos) << answer;
  }
  EXPECT_EQ(server_->counters().malformed_requests, 4U);
}

TEST_F(ServerTest, ARequestThatIsNotAdmittedIsAnsweredBeforeItsBodyComes) {
  start();
  auto peer = client();

  peer.send("POST /refused HTTP/1.1\r\nHost: h\r\nContent-Length: 10\r\n\r\n");
  peer.finish();
  const auto answer = peer.read();

  EXPECT_EQ(answer.rfind("HTTP/1.1 429 ", 0), 0U) << answer;
}

TEST_F(ServerTest, TellsAClientThatAsksToGoOn) {
  start();
  auto peer = client();

  peer.send("POST /a HTTP/1.1\r\nHost: h\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
  const auto go_on = peer.read("\r\n\r\n");
  peer.send("ab");

  EXPECT_EQ(go_on, "HTTP/1.1 100 Continue\r\n\r\n");
  EXPECT_NE(peer.read("127.0.0.1").find("POST /a 2"), std::string::npos);
}

TEST_F(ServerTest, AnswersThatComeFromAnotherThreadReachTheirConnections) {
  start();
  std::vector<Client> peers;
  for (int i = 0; i < 10; ++i) peers.push_back(client());
  for (const auto& peer : peers) peer.send(get("/later"));
  service_.wait_for(10);

  service_.let_go();

  for (auto& peer : peers) EXPECT_NE(peer.read("127.0.0.1").find("GET /later"), std::string::npos);
}

TEST_F(ServerTest, StopsWhenWhatRunsIsDoneAndClosesWhatIsIdle) {
  start();
  auto idle = client();
  idle.send(get("/a"));
  idle.read("127.0.0.1");
  auto busy = client();
  busy.send(get("/later"));
  service_.wait_for(1);

  stopping_ = true;
  begin_stop();
  EXPECT_EQ(idle.read(), "");
  EXPECT_FALSE(stopped_);
  service_.let_go();
  const auto answer = busy.read();

  EXPECT_NE(answer.find("GET /later"), std::string::npos) << answer;
  EXPECT_NE(answer.find("Connection: close"), std::string::npos) << answer;
  stop();
}

TEST_F(ServerTest, TakesNoMoreConnectionsThanItMay) {
  start({.connections = 2});
  auto first = client();
  auto second = client();
  first.send(get("/a"));
  second.send(get("/a"));
  first.read("127.0.0.1");
  second.read("127.0.0.1");

  auto third = client();
  third.send(get("/a"));

  EXPECT_EQ(third.read().find("HTTP"), std::string::npos);
  EXPECT_EQ(server_->counters().refused, 1U);
}

TEST_F(ServerTest, APeerThatGoesAwayInTheMiddleLeavesNothingBehind) {
  start();
  for (int i = 0; i < 20; ++i) {
    const auto peer = client();
    peer.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  }
  stop();
}

TEST_F(ServerTest, WithoutTlsItListensOnLoopbackOnly) {
  for (const char* address : {"0.0.0.0", "::", "192.0.2.1", "::ffff:127.0.0.1"}) {
    const ServerOptions options{
        .address = boost::asio::ip::make_address(address), .limits = {}, .address_field = {}, .plain = true};
    const auto server = Server::open(loop_, options, nullptr, service_);
    ASSERT_FALSE(server) << address;
    EXPECT_EQ(server.error().code, Errc::config_invalid);
    EXPECT_EQ(server.error().context, std::string{"without TLS only on a loopback address, not on "} + address);
  }
}

TEST_F(ServerTest, AnInheritedSocketMustListen) {
  const int wrong = ::socket(AF_UNIX, SOCK_STREAM, 0);
  const ServerOptions options{.inherited = wrong, .limits = {}, .address_field = {}, .plain = true};

  const auto server = Server::open(loop_, options, nullptr, service_);

  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, Errc::config_invalid);
}

TEST_F(ServerTest, AnAddressThatIsTakenIsNamed) {
  start();
  const ServerOptions options{.address = boost::asio::ip::make_address("127.0.0.1"),
                              .port = server_->port(),
                              .limits = {},
                              .address_field = {},
                              .plain = true};

  const auto second = Server::open(loop_, options, nullptr, service_);

  ASSERT_FALSE(second);
  EXPECT_NE(second.error().context.find("listening on 127.0.0.1 port"), std::string::npos) << second.error().context;
}

}  // namespace
}  // namespace signet::http
