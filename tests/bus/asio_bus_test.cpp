// A D-Bus connection on an Asio loop: what happens when the peer does not read, and when answers come late.
#include "ipc/dbus/asio_bus.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <optional>
#include <thread>

#include "base/bytes.h"

namespace signet::dbus {
namespace {

const sdbus::ObjectPath kPath{"/test"};
constexpr const char* kInterface = "test.Test";
constexpr std::size_t kLarge = 4 * 1024 * 1024;  // far beyond any socket buffer

// Two ends of a connection without a bus. The server end is driven by AsioBus on a thread of its own.
class AsioBusTest : public testing::Test {
 protected:
  AsioBusTest() {
    int ends[2] = {};
    EXPECT_EQ(::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends), 0);
    // Each end waits for the other's part of the handshake.
    std::thread server{[&] { server_ = sdbus::createServerBus(ends[0]); }};
    client_ = sdbus::createDirectBusConnection(ends[1]);
    server.join();
    object_ = sdbus::createObject(*server_, kPath);
    object_
        ->addVTable(sdbus::registerMethod("Large").implementedAs([] { return Bytes(kLarge, 7); }),
                    sdbus::registerMethod("Late").implementedAs(
                        [this](sdbus::Result<Bytes>&& result, bool large) { answer_late(std::move(result), large); }))
        .forInterface(kInterface);
    proxy_ = sdbus::createProxy(*client_, sdbus::ServiceName{""}, kPath);
    pump_.emplace(loop_, *server_);
    thread_ = std::thread{[this] { loop_.run(); }};
  }
  ~AsioBusTest() override {
    boost::asio::post(loop_, [this] { loop_.stop(); });
    thread_.join();
    if (worker_.joinable()) worker_.join();
  }

  // As a daemon does it: a worker prepares the answer, the loop sends it.
  void answer_late(sdbus::Result<Bytes>&& result, bool large) {
    auto late = std::make_shared<sdbus::Result<Bytes>>(std::move(result));
    if (worker_.joinable()) worker_.join();
    worker_ = std::thread{[this, late, large] {
      boost::asio::post(loop_, [this, late, large] {
        late->returnResults(Bytes(large ? kLarge : 1, 9));
        pump_->poke();
      });
    }};
  }
  void receive(int& answers, int wanted) {
    while (answers < wanted) {
      if (client_->processPendingEvent()) continue;
      const auto data = client_->getEventLoopPollData();
      pollfd events{data.fd, data.events, 0};
      ASSERT_GT(::poll(&events, 1, 20'000), 0) << "the server has stopped sending";
    }
  }
  void post(const char* method, int& answers, std::size_t expected) {
    auto check = [&answers, expected](std::optional<sdbus::Error> error, const Bytes& bytes) {
      EXPECT_FALSE(error);
      EXPECT_EQ(bytes.size(), expected);
      ++answers;
    };
    proxy_->callMethodAsync(method).onInterface(kInterface).uponReplyInvoke(check);
  }

  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  std::unique_ptr<sdbus::IConnection> server_;
  std::unique_ptr<sdbus::IConnection> client_;
  std::unique_ptr<sdbus::IObject> object_;
  std::unique_ptr<sdbus::IProxy> proxy_;
  std::optional<AsioBus> pump_;
  std::thread worker_;
  std::thread thread_;
};

TEST_F(AsioBusTest, AnswersThatDoNotFitIntoTheSocketAreSentWhenThePeerReadsThem) {
  int answers = 0;
  for (int i = 0; i < 4; ++i) post("Large", answers, kLarge);

  receive(answers, 4);

  EXPECT_EQ(answers, 4);
}

TEST_F(AsioBusTest, AnAnswerFromAWorkerArrivesWithoutAnyOtherTraffic) {
  int answers = 0;
  proxy_->callMethodAsync("Late")
      .onInterface(kInterface)
      .withArguments(false)
      .uponReplyInvoke(
          [&](std::optional<sdbus::Error>, const Bytes& bytes) { answers += bytes == Bytes{9} ? 1 : 100; });

  receive(answers, 1);

  EXPECT_EQ(answers, 1);
}

TEST_F(AsioBusTest, NobodyIsWokenUpForTheTimeoutOfACallThatWasAnswered) {
  constexpr std::chrono::milliseconds kTimeout{1000};
  boost::asio::io_context own;
  AsioBus caller{own, *client_};
  int answers = 0;
  proxy_->callMethodAsync("Late")
      .onInterface(kInterface)
      .withTimeout(kTimeout)
      .withArguments(false)
      .uponReplyInvoke([&answers](std::optional<sdbus::Error> error, const Bytes&) { answers += error ? 100 : 1; });
  caller.poke();
  while (answers == 0) ASSERT_EQ(own.run_one_for(std::chrono::seconds{20}), 1U);
  own.poll();

  const auto turns = own.run_for(2 * kTimeout);

  EXPECT_EQ(answers, 1);
  EXPECT_EQ(turns, 0U);
}

TEST_F(AsioBusTest, ALargeAnswerFromAWorkerArrivesWhole) {
  int answers = 0;
  proxy_->callMethodAsync("Late")
      .onInterface(kInterface)
      .withArguments(true)
      .uponReplyInvoke(
          [&](std::optional<sdbus::Error>, const Bytes& bytes) { answers += bytes == Bytes(kLarge, 9) ? 1 : 100; });

  receive(answers, 1);

  EXPECT_EQ(answers, 1);
}

TEST_F(AsioBusTest, AFloodOfCallsLeavesTheLoopTimeForOthers) {
  int answers = 0;
  for (int i = 0; i < 500; ++i) {
    proxy_->callMethodAsync("Late")
        .onInterface(kInterface)
        .withArguments(false)
        .uponReplyInvoke([&](std::optional<sdbus::Error>, const Bytes&) { ++answers; });
  }

  receive(answers, 500);

  EXPECT_EQ(answers, 500);
}

}  // namespace
}  // namespace signet::dbus
