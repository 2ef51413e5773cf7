#include "rpmbd/lane.h"

#include <gtest/gtest.h>

#include <boost/asio/executor_work_guard.hpp>
#include <future>
#include <vector>

namespace signet::rpmbd {
namespace {

// A job that waits until the test opens its gate, and notes when it was served.
class GatedJob final : public Job {
 public:
  GatedJob(std::string label, std::vector<std::string>& served, std::shared_future<void> gate, std::size_t octets = 0)
      : label_{std::move(label)}, served_{served}, gate_{std::move(gate)}, octets_{octets} {}
  void run() override { gate_.wait(); }
  void finish() override { served_.push_back(label_); }
  std::size_t octets() const override { return octets_; }

 private:
  std::string label_;
  std::vector<std::string>& served_;
  std::shared_future<void> gate_;
  std::size_t octets_;
};

class LaneTest : public testing::Test {
 protected:
  Result<void> submit(const std::string& space, const std::string& label, std::size_t octets = 0) {
    std::unique_ptr<Job> job = std::make_unique<GatedJob>(label, served_, gate_, octets);
    return lane_.submit(space, job);
  }
  // Opens the gate and runs the loop until everything is served.
  void serve_all(std::size_t count) {
    open_.set_value();
    while (served_.size() < count) loop_.run_one();
  }

  std::promise<void> open_;
  std::shared_future<void> gate_ = open_.get_future().share();
  std::vector<std::string> served_;
  boost::asio::io_context loop_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_{loop_.get_executor()};
  int done_ = 0;
  Lane lane_{loop_, [this] { ++done_; }};
};

TEST_F(LaneTest, TheLoopOwnsTheChipUntilAJobIsHandedOver) {
  EXPECT_TRUE(lane_.idle());

  ASSERT_TRUE(submit("a", "1"));

  EXPECT_FALSE(lane_.idle());
  serve_all(1);
  EXPECT_TRUE(lane_.idle());
  EXPECT_EQ(done_, 1);
}

TEST_F(LaneTest, BoundsTheMemoryThatWaitsForOneNamespace) {
  constexpr auto kHalf = Lane::kWaitingOctetsPerSpace / 2;
  ASSERT_TRUE(submit("a", "running", kHalf));
  ASSERT_TRUE(submit("a", "1", kHalf));
  ASSERT_TRUE(submit("a", "2", kHalf));

  const auto refused = submit("a", "3", 1);

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::busy);
  EXPECT_TRUE(submit("b", "4", kHalf));
  serve_all(4);
  EXPECT_TRUE(submit("a", "5", 2 * kHalf));
}

TEST_F(LaneTest, ServesOneNamespaceInTheOrderOfItsCalls) {
  for (const char* label : {"1", "2", "3"}) ASSERT_TRUE(submit("a", label));

  serve_all(3);

  EXPECT_EQ(served_, (std::vector<std::string>{"1", "2", "3"}));
}

TEST_F(LaneTest, ServesNamespacesInTurnSoThatABusyOneCannotStarveAnother) {
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(submit("busy", "busy" + std::to_string(i)));
  ASSERT_TRUE(submit("quiet", "quiet"));
  ASSERT_TRUE(submit("third", "third"));

  serve_all(12);

  // busy0 was running, busy1 was next in line when the others came.
  EXPECT_EQ(std::vector<std::string>(served_.begin(), served_.begin() + 5),
            (std::vector<std::string>{"busy0", "busy1", "quiet", "third", "busy2"}));
}

TEST_F(LaneTest, RefusesTheSeventeenthWaitingCallOfANamespaceAndOfThatOneOnly) {
  ASSERT_TRUE(submit("a", "running"));
  for (std::size_t i = 0; i < Lane::kWaitingPerSpace; ++i) ASSERT_TRUE(submit("a", "waiting"));

  const auto refused = submit("a", "one too many");

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::busy);
  EXPECT_NE(refused.error().context.find("namespace 'a'"), std::string::npos);
  EXPECT_TRUE(submit("b", "welcome"));
  EXPECT_EQ(lane_.waiting(), Lane::kWaitingPerSpace + 1);
  serve_all(18);
  EXPECT_EQ(lane_.waiting(), 0U);
}

TEST_F(LaneTest, ARefusedJobStaysWithItsOwner) {
  ASSERT_TRUE(submit("a", "running"));
  for (std::size_t i = 0; i < Lane::kWaitingPerSpace; ++i) ASSERT_TRUE(submit("a", "waiting"));
  std::unique_ptr<Job> job = std::make_unique<GatedJob>("kept", served_, gate_);

  ASSERT_FALSE(lane_.submit("a", job));

  EXPECT_NE(job, nullptr);
  serve_all(17);
}

TEST_F(LaneTest, AJobMaySubmitAnotherWhenItFinishes) {
  class Chained final : public Job {
   public:
    Chained(Lane& lane, std::vector<std::string>& served, std::shared_future<void> gate)
        : lane_{lane}, served_{served}, gate_{std::move(gate)} {}
    void run() override {}
    void finish() override {
      served_.push_back("first");
      std::unique_ptr<Job> next = std::make_unique<GatedJob>("second", served_, gate_);
      EXPECT_TRUE(lane_.submit("a", next));
    }

   private:
    Lane& lane_;
    std::vector<std::string>& served_;
    std::shared_future<void> gate_;
  };
  std::unique_ptr<Job> job = std::make_unique<Chained>(lane_, served_, gate_);
  ASSERT_TRUE(lane_.submit("a", job));

  serve_all(2);

  EXPECT_EQ(served_, (std::vector<std::string>{"first", "second"}));
}

TEST_F(LaneTest, EndsWithJobsWaiting) {
  boost::asio::io_context loop{1};
  {
    Lane lane{loop, [] {}};
    for (int i = 0; i < 3; ++i) {
      std::unique_ptr<Job> job = std::make_unique<GatedJob>("never finished", served_, gate_);
      ASSERT_TRUE(lane.submit("a", job));
    }
    open_.set_value();
  }
  EXPECT_TRUE(served_.empty());
}

}  // namespace
}  // namespace signet::rpmbd
