#include "rpmbd/timed_transport.h"

#include <gtest/gtest.h>

#include "tests/unit/rpmbd/core_fixture.h"

namespace signet::rpmbd {
namespace {

using namespace std::chrono_literals;

// A chip that takes its time.
class SlowChip final : public rpmb::Transport {
 public:
  SlowChip(testing::FakeClock& clock, std::chrono::seconds read, std::chrono::seconds write)
      : clock_{clock}, read_{read}, write_{write} {}
  const rpmb::ChipFacts& facts() const override { return facts_; }
  bool read_request_carries_count() const override { return false; }
  Result<void> program(std::span<const rpmb::Frame> /*request*/, rpmb::Frame& /*response*/) override {
    clock_.now += write_;
    return fail(Errc::timeout, "slow");
  }
  Result<void> read(const rpmb::Frame& /*request*/, std::span<rpmb::Frame> /*response*/) override {
    clock_.now += read_;
    return {};
  }
  Result<void> check_identity() override { return {}; }

 private:
  rpmb::ChipFacts facts_;
  testing::FakeClock& clock_;
  std::chrono::seconds read_;
  std::chrono::seconds write_;
};

TEST(TimedTransport, KeepsTheLongestOperationEvenIfItFailed) {
  testing::FakeClock clock;
  TimedTransport transport{std::make_unique<SlowChip>(clock, 1s, 5s), clock};
  rpmb::Frame answer{};
  EXPECT_EQ(transport.slowest(), 0ms);

  ASSERT_FALSE(transport.program({}, answer));
  ASSERT_TRUE(transport.read(answer, {&answer, 1}));

  EXPECT_EQ(transport.slowest(), 5000ms);
}

}  // namespace
}  // namespace signet::rpmbd
