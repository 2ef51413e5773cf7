#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <cstdlib>
#include <string>

#include "base/unique_fd.h"
#include "service/must.h"
#include "service/watchdog.h"

namespace signet::service {
namespace {

// Plays the service manager: a datagram socket in the abstract namespace.
class Notify : public testing::Test {
 protected:
  Notify() : socket_{::socket(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0)} {
    sockaddr_un address{};
    address.sun_family = AF_UNIX;
    EXPECT_EQ(::bind(socket_.get(), reinterpret_cast<sockaddr*>(&address), sizeof(sa_family_t)), 0);  // autobind
    socklen_t size = sizeof address;
    ::getsockname(socket_.get(), reinterpret_cast<sockaddr*>(&address), &size);
    const std::string name{address.sun_path + 1, size - sizeof(sa_family_t) - 1};
    ::setenv("NOTIFY_SOCKET", ("@" + name).c_str(), 1);
  }
  ~Notify() override {
    for (const char* variable : {"NOTIFY_SOCKET", "WATCHDOG_USEC", "WATCHDOG_PID"}) ::unsetenv(variable);
  }

  std::string heard() {
    std::string text(4096, '\0');
    const auto size = ::recv(socket_.get(), text.data(), text.size(), 0);
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }

  UniqueFd socket_;
  boost::asio::io_context loop_{1};
};

TEST_F(Notify, ReadinessAndStatusReachTheServiceManager) {
  notify_ready();
  notify_status("ready");

  EXPECT_EQ(heard(), "READY=1");
  EXPECT_EQ(heard(), "STATUS=ready");
}

TEST_F(Notify, AReloadCarriesTheTimeAtWhichItBegan) {
  notify_reloading();

  EXPECT_EQ(heard().substr(0, 27), "RELOADING=1\nMONOTONIC_USEC=");
}

TEST_F(Notify, TheWatchdogIsPettedFromTheLoopMoreOftenThanItBites) {
  ::setenv("WATCHDOG_USEC", "2000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  const Watchdog watchdog{loop_};

  loop_.run_one();  // one interval of 1 ms

  EXPECT_EQ(heard(), "WATCHDOG=1");
  EXPECT_EQ(heard(), "WATCHDOG=1");
}

TEST_F(Notify, AWatchdogThatIsPettedMeanwhileWaitsAnew) {
  ::setenv("WATCHDOG_USEC", "200000", 1);
  ::setenv("WATCHDOG_PID", std::to_string(::getpid()).c_str(), 1);
  Watchdog watchdog{loop_};
  EXPECT_EQ(heard(), "WATCHDOG=1");
  loop_.run_for(std::chrono::milliseconds{70});

  watchdog.pet();
  EXPECT_EQ(heard(), "WATCHDOG=1");
  loop_.run_for(std::chrono::milliseconds{70});  // past the 100 ms of the first

  EXPECT_EQ(heard(), "");
}

TEST_F(Notify, WithoutAWatchdogNoTimerRuns) {
  Watchdog watchdog{loop_};

  watchdog.pet();

  EXPECT_EQ(loop_.run(), 0U);
  EXPECT_EQ(heard(), "");
}

TEST(Must, TurnsAFailureIntoTheEndOfMainWithItsText) {
  EXPECT_EQ(must(Result<int>{7}), 7);
  try {
    must(Result<int>{fail(Errc::no_chip, "looked everywhere")});
    FAIL();
  } catch (const StartFailure& failure) {
    EXPECT_EQ(failure.code(), Errc::no_chip);
    EXPECT_NE(std::string{failure.what()}.find("looked everywhere"), std::string::npos);
  }
}

}  // namespace
}  // namespace signet::service
