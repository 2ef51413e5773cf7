// A store that takes no more: what still works, and what everybody is told about it.
#include <gmock/gmock.h>

#include <fstream>
#include <utility>

#include "identity/derivation.h"
#include "rpmb/session.h"
#include "rpmb/transport/emulator/emulator_transport.h"
#include "tests/bus/rpmbd_process.h"

namespace signet::testing {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

class RpmbdDoctor : public RpmbdTest {
 protected:
  // `signetctl doctor --json`, and its exit status.
  std::pair<int, std::string> doctor() const {
    std::filesystem::remove(path("doctor"));
    Child command{{SIGNET_SIGNETCTL, "doctor", "--json"}, path("doctor"), environment()};
    const int status = command.wait();
    std::ifstream stream{path("doctor")};
    return {status, {std::istreambuf_iterator<char>{stream}, {}}};
  }

  // Puts objects of `size` octets until one is refused, and returns the refusal.
  std::string fill(const std::string& prefix, std::size_t size) {
    auto user = client();
    for (int i = 0; i < 300; ++i) {
      auto value = Bytes(size, 1);
      auto error = error_of([&] { user.put(prefix + std::to_string(i), value); });
      if (!error.empty()) return error;
    }
    return "";
  }
  std::uint32_t slots_free() { return client().property<Dictionary>("Health").at("slots_free").get<std::uint32_t>(); }

  // Somebody who holds the chip's key writes two blocks that are not Signet's.
  void write_as_another_program() const {
    auto chip = rpmb::EmulatorTransport::open({.file = chip_.string()}).value();
    identity::RootSecret root;
    for (auto& octet : root.writable()) octet = 0x77;
    crypto::SystemRandom random;
    rpmb::Session session{*chip, identity::rpmb_key(root, identity::mask(chip->facts().cid)), random};
    for (const std::uint16_t block : {std::uint16_t{508}, std::uint16_t{510}}) {
      ASSERT_EQ(session.write(block, std::vector<rpmb::Block>(2)).value(), rpmb::Written::taken);
    }
  }
  void expect_foreign_writer() {
    auto user = client();
    EXPECT_EQ(user.property<std::string>("State"), "read_only");
    EXPECT_EQ(user.property<std::string>("Problem"), "foreign_writer");
    EXPECT_THAT(user.property<std::string>("ProblemText"), HasSubstr("counter"));
    EXPECT_THAT(user.property<std::string>("Remedy"), HasSubstr("chip accept"));
    EXPECT_EQ(user.get("x"), Bytes{1});
    EXPECT_EQ(error_of([&] { user.put("x", {2}); }), "ReadOnly");
    EXPECT_EQ(error_of([&] { user.run(kStore, "Delete", std::string{"x"}); }), "ReadOnly");
    EXPECT_THAT(message_of_put(), AllOf(HasSubstr("another program has written"), HasSubstr("counter")));

    const auto [status, text] = doctor();
    EXPECT_EQ(status, 1);
    EXPECT_THAT(text, AllOf(HasSubstr("foreign_writer"), HasSubstr("Find and stop the other program")));
  }
  std::string message_of_put() try {
    client().put("x", {2});
    return "";
  } catch (const sdbus::Error& error) {
    return error.getMessage();
  }
  void expect_writable_once_accepted() {
    auto admin = client();
    admin.run(kChip, "Accept", admin.property<Dictionary>("Chip").at("cid").get<std::string>());
    wait_for_problem("");
    admin.put("x", {3});
    EXPECT_EQ(admin.get("x"), Bytes{3});
  }
};

TEST_F(RpmbdDoctor, AFullStoreIsReadAndEmptied) {
  configure("objects = 1000\n");
  start_ready();
  auto user = client();
  const auto slots = slots_free();

  EXPECT_EQ(fill("large", 20'000), "StoreFull");
  EXPECT_EQ(fill("small", 100), "StoreFull");

  EXPECT_EQ(user.property<std::string>("State"), "ready");
  EXPECT_EQ(user.get("large0"), Bytes(20'000, 1));
  EXPECT_LT(slots_free(), 8U);
  const auto metrics = user.call<std::string>(kName, "GetMetrics");
  EXPECT_THAT(metrics, HasSubstr("signet_rpmb_slots_used " + std::to_string(slots - slots_free())));
  const auto [status, text] = doctor();
  EXPECT_EQ(status, 0);  // it works as it should
  EXPECT_THAT(text, AllOf(HasSubstr("slots of the store are used"), HasSubstr("Delete objects")));

  user.run(kStore, "Delete", std::string{"large0"});
  user.put("again", Bytes(10'000, 2));
  kill_and_restart();
  EXPECT_EQ(client().get("again"), Bytes(10'000, 2));
  EXPECT_EQ(error_of([&] { client().get("large0"); }), "NotFound");
  EXPECT_THAT(doctor().second, Not(HasSubstr("foreign_writer")));
}

TEST_F(RpmbdDoctor, AnotherProgramsWritesWhileStoppedAreNamed) {
  start_ready();
  client().put("x", {1});
  stop();
  write_as_another_program();

  start();
  wait_for_problem("foreign_writer");

  expect_foreign_writer();
  expect_writable_once_accepted();
}

TEST_F(RpmbdDoctor, AnotherProgramsWritesUnderTheRunningDaemonAreNamed) {
  start_ready();
  client().put("x", {1});
  const auto counter = client().call<std::uint32_t>(kChip, "ReadCounter");
  set_faults("any +1 set-counter " + std::to_string(counter + 5) + "\n");

  EXPECT_EQ(error_of([&] { client().put("x", {2}); }), "ForeignWriter");

  wait_for_problem("foreign_writer");
  expect_foreign_writer();
  expect_writable_once_accepted();
}

}  // namespace
}  // namespace signet::testing
