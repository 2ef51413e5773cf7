// Everything that goes wrong around a daemon: it says so by name, and loses nothing.
#include <gmock/gmock.h>
#include <sys/stat.h>

#include <chrono>
#include <csignal>
#include <fstream>

#include "tests/bus/rpmbd_process.h"

namespace signet::testing {
namespace {

using ::testing::HasSubstr;
using Clock = std::chrono::steady_clock;

class RpmbdFaults : public RpmbdTest {
 protected:
  void write_root(char digit) const {
    const auto fresh = path("root-secret.new");
    std::ofstream{fresh} << std::string(64, digit);
    ::chmod(fresh.c_str(), 0600);
    std::filesystem::rename(fresh, path("root-secret"));  // the daemon may look at any moment
  }
  void configure_root(const std::string& file) const {
    std::ifstream stream{path("rpmbd.toml")};
    std::string text{std::istreambuf_iterator<char>{stream}, {}};
    const std::string before = path("root-secret").string();
    text.replace(text.find(before), before.size(), file);
    std::ofstream{path("rpmbd.toml")} << text;
  }
};

TEST_F(RpmbdFaults, ASlowChipDoesNotHoldUpWhatNeedsNoChip) {
  start_ready();
  auto writer = client();
  auto reader = client();
  set_faults("write * delay 5000\n");
  bool written = false;
  writer.post([&](const std::string& error) { written = error.empty(); }, kStore, "Put", std::string{"x"}, Bytes{1});
  const auto sent = Clock::now();

  for (int i = 0; i < 20; ++i) {
    reader.call<Dictionary>(kName, "WhoAmI");
    EXPECT_EQ(reader.property<std::string>("State"), "ready");
    reader.call<std::string>(kName, "GetMetrics");
  }

  EXPECT_LT(Clock::now() - sent, std::chrono::seconds{4});
  writer.process_until([&] { return written; });
  EXPECT_GE(Clock::now() - sent, std::chrono::seconds{5});
}

TEST_F(RpmbdFaults, AClientThatVanishesMidCallHarmsNobody) {
  start_ready();
  set_faults("write * delay 100\n");
  for (int i = 0; i < 8; ++i) {
    auto vanishing = client();
    vanishing.call<Dictionary>(kName, "WhoAmI");  // so that the daemon knows whose call it is when he is gone
    vanishing.post([](const std::string&) {}, kStore, "Put", std::string{"v"}, Bytes{static_cast<std::uint8_t>(i)});
  }
  auto user = client();

  user.put("x", {1});

  EXPECT_EQ(user.get("x"), Bytes{1});
  EXPECT_EQ(user.get("v").size(), 1U);  // what was asked for is done
}

// The process is killed by the emulated chip itself, at a chosen point of a chosen write. What was acknowledged is
// there afterwards; what was not is there as a whole or not at all.
TEST_F(RpmbdFaults, KilledAtEveryPointOfAWriteNothingAcknowledgedIsLost) {
  start_ready();
  Bytes acknowledged{0, 0};
  client().put("x", acknowledged);
  std::uint8_t round = 0;
  for (const std::string point : {"before", "torn-journal", "journalled", "half-applied", "after"}) {
    for (int write = 1; write <= 6; ++write) {
      set_faults("write +" + std::to_string(write) + " kill " + point + "\n");
      Bytes attempted;
      auto user = client();
      ++round;
      for (std::uint8_t step = 0;; ++step) {
        attempted = {round, step};
        if (!error_of([&] { user.put("x", attempted); }).empty()) break;
        acknowledged = attempted;
      }
      set_faults("");

      kill_and_restart();

      const auto found = client().get("x");
      ASSERT_TRUE(found == acknowledged || found == attempted) << point << " of write " << write;
      acknowledged = found;
    }
  }
}

TEST_F(RpmbdFaults, ASecondDaemonOnTheBusGivesUpAndSaysWhy) {
  start_ready();
  Child second{command(), path("second.log"), environment()};

  EXPECT_EQ(second.wait(), 1);

  std::ifstream stream{path("second.log")};
  const std::string text{std::istreambuf_iterator<char>{stream}, {}};
  EXPECT_THAT(text, HasSubstr("is another rpmbd running"));
  EXPECT_EQ(client().property<std::string>("State"), "ready");
}

TEST_F(RpmbdFaults, ASecondDaemonOnAnotherBusDoesNotTouchTheChip) {
  start_ready();
  const PrivateBus other;
  Child second{
      command(), path("second.log"), {"DBUS_SYSTEM_BUS_ADDRESS=" + other.address(), "ASAN_OPTIONS=detect_leaks=0"}};
  std::string problem;
  for (int tries = 0; tries < 1000 && problem.empty(); ++tries) {
    ::usleep(10'000);
    error_of([&] { problem = Client{other.address()}.property<std::string>("Problem"); });
  }

  EXPECT_EQ(problem, "busy");
  client().put("x", {1});
  EXPECT_EQ(client().get("x"), Bytes{1});
}

TEST_F(RpmbdFaults, AMissingRootSecretIsNamedAndPickedUpWhenItIsBack) {
  start_ready();
  client().put("x", {1});
  stop();
  std::filesystem::remove(path("root-secret"));
  start();
  wait_for_problem("root_secret_missing");
  EXPECT_EQ(error_of([&] { client().get("x"); }), "RootSecretMissing");
  EXPECT_THAT(client().property<std::string>("Remedy"), HasSubstr("rpmbd-provision restore"));

  write_root('7');

  wait_for_problem("");  // by itself
  EXPECT_EQ(client().get("x"), Bytes{1});
}

// Whoever copies the file back by hand does it in more than one step.
TEST_F(RpmbdFaults, AHalfWrittenRootSecretIsLookedAtAgain) {
  start_ready();
  stop();
  std::ofstream{path("root-secret")} << std::string(20, '7');
  start();
  wait_for_problem("config_invalid");

  write_root('7');

  wait_for_problem("");  // by itself
}

TEST_F(RpmbdFaults, CallsThatFailMeanwhileDoNotPutOffTheNextLook) {
  // In a directory that is not watched, so that only time tells the daemon that it is back.
  const auto keep = path("keep");
  std::filesystem::create_directory(keep);
  std::filesystem::rename(path("root-secret"), keep / "root-secret");
  configure_root(keep / "root-secret");
  start_ready();
  client().put("x", {1});
  stop();
  std::filesystem::rename(keep / "root-secret", keep / "hidden");
  start();
  wait_for_problem("root_secret_missing");
  std::filesystem::rename(keep / "hidden", keep / "root-secret");
  const auto begin = Clock::now();
  auto impatient = client();

  while (!error_of([&] { impatient.get("x"); }).empty()) {
    ASSERT_LT(Clock::now() - begin, std::chrono::seconds{60});
    ::usleep(100'000);
  }
}

TEST_F(RpmbdFaults, AChangedRootSecretIsNamedAndTheOldOneMakesItReadyAgain) {
  start_ready();
  client().put("x", {1});
  stop();
  write_root('8');
  start();
  wait_for_problem("root_secret_changed");
  EXPECT_EQ(error_of([&] { client().put("x", {2}); }), "RootSecretChanged");

  write_root('7');
  client().run(kName, "Refresh");

  wait_for_problem("");
  EXPECT_EQ(client().get("x"), Bytes{1});
}

TEST_F(RpmbdFaults, AReadableRootSecretIsRefused) {
  ::chmod(path("root-secret").c_str(), 0644);

  start();

  wait_for_problem("config_invalid");
}

TEST_F(RpmbdFaults, AChipFileThatAppearsLateIsPickedUp) {
  start_ready();
  client().put("x", {1});
  stop();
  std::filesystem::rename(path("chip"), path("elsewhere"));
  std::filesystem::create_directory(path("chip"));  // something that is not a chip
  start();
  wait_for_problem("not_rpmb");
  std::filesystem::remove(path("chip"));

  std::filesystem::rename(path("elsewhere"), path("chip"));

  wait_for_problem("");
  EXPECT_EQ(client().get("x"), Bytes{1});
}

TEST_F(RpmbdFaults, AChipExchangedUnderTheRunningDaemonIsNoticed) {
  start_ready();
  std::filesystem::rename(path("chip"), path("first"));
  std::filesystem::copy(path("first"), path("chip"));

  const auto error = error_of([&] { client().put("x", {1}); });

  EXPECT_EQ(error, "ChipChanged");
  wait_for_problem("chip_changed");
}

TEST_F(RpmbdFaults, ARolledBackChipIsReadOnlyAndNamed) {
  start_ready();
  client().put("x", {1});
  stop();
  set_faults("any 1 set-counter 0\n");

  start();

  wait_for_problem("rollback");
  EXPECT_EQ(client().property<std::string>("State"), "read_only");
  EXPECT_EQ(client().get("x"), Bytes{1});
  EXPECT_EQ(error_of([&] { client().put("x", {2}); }), "ReadOnly");
}

TEST_F(RpmbdFaults, TheEndOfTheBusIsTheEndOfTheDaemon) {
  std::optional<PrivateBus> bus{std::in_place};
  Child daemon{
      command(), path("other.log"), {"DBUS_SYSTEM_BUS_ADDRESS=" + bus->address(), "ASAN_OPTIONS=detect_leaks=0"}};
  for (bool there = false; !there;) {
    ::usleep(10'000);
    there = error_of([&] { Client{bus->address()}.property<std::string>("State"); }).empty();
  }

  bus.reset();

  EXPECT_EQ(daemon.wait(), 1);  // the service manager starts it again on the new one
}

}  // namespace
}  // namespace signet::testing
