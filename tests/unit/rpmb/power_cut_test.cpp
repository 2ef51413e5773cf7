// Every request of a long workload is cut, withheld, or answered falsely, and the whole object map is checked
// afterwards against what was acknowledged and what was said to be unknown.
//
// A trunk runs the workload undisturbed. Before each operation, branches set out from a copy of the chip some
// operations earlier (so that the host is past its fence), repeat the operation with one thing going wrong at one of
// its requests, and go on from there. SIGNET_CUT_STRIDE=n takes every n-th cut point only, for slow builds.

#include <cstdlib>
#include <functional>
#include <iostream>
#include <set>

#include "store_fixture.h"
#include "store_model.h"

namespace signet::rpmb::testing {
namespace {

struct PowerCut {};  // thrown through the host, which does nothing more

// The bus of a branch: something happens to one request, counted from arm().
class CutBus final : public Transport {
 public:
  enum class Way : std::uint8_t { pass, cut_before, cut_after, hold, hold_and_cut, fault };

  explicit CutBus(FakeChip& chip) : chip_{chip} {}

  void arm(Way way, std::uint64_t at, Fault fault = {}) {
    way_ = way;
    at_ = at;
    fault_ = fault;
    requests_ = 0;
    second_at_ = 0;
  }
  // A second event of the same operation: the power is cut at request `at`.
  void then_cut(Way way, std::uint64_t at) {
    second_way_ = way;
    second_at_ = at;
  }
  // The withheld request reaches the chip before the `after`-th request that follows it.
  void release_after(std::uint64_t after) { release_after_ = after; }

  [[nodiscard]] std::uint64_t requests() const { return requests_; }
  [[nodiscard]] bool released() const { return released_; }
  [[nodiscard]] bool released_too_late() const { return released_too_late_; }  // its counter value was consumed before

  const ChipFacts& facts() const override { return chip_.facts(); }
  bool read_request_carries_count() const override { return chip_.read_request_carries_count(); }
  Result<void> check_identity() override { return chip_.check_identity(); }
  Result<void> program(std::span<const Frame> request, Frame& response) override {
    return step(request, [&] { return chip_.program(request, response); });
  }
  Result<void> read(const Frame& request, std::span<Frame> response) override {
    return step({&request, 1}, [&] { return chip_.read(request, response); });
  }

 private:
  Result<void> step(std::span<const Frame> request, const std::function<Result<void>()>& deliver) {
    ++requests_;
    if (!held_.empty() && ++since_held_ == release_after_) release();
    Way way = requests_ == at_ ? way_ : requests_ == second_at_ ? second_way_ : Way::pass;
    switch (way) {
      case Way::pass: break;
      case Way::cut_before: throw PowerCut{};
      case Way::cut_after: (void)deliver(); throw PowerCut{};
      case Way::hold: held_.assign(request.begin(), request.end()); return fail(Errc::io, "withheld");
      case Way::hold_and_cut: held_.assign(request.begin(), request.end()); throw PowerCut{};
      case Way::fault: chip_.next(Which::any, fault_); break;
    }
    return deliver();
  }

  void release() {
    released_ = true;
    released_too_late_ = write_counter(held_.front()) != chip_.chip().state().registers.write_counter;
    Frame answer;
    if (type(held_.front()) == static_cast<std::uint16_t>(Request::write_data)) {
      (void)chip_.program(held_, answer);
    }
    held_.clear();
  }

  FakeChip& chip_;
  Way way_ = Way::pass;
  Way second_way_ = Way::pass;
  std::uint64_t at_ = 0;
  std::uint64_t second_at_ = 0;
  std::uint64_t requests_ = 0;
  std::uint64_t release_after_ = 0;
  std::uint64_t since_held_ = 0;
  Fault fault_;
  std::vector<Frame> held_;
  bool released_ = false;
  bool released_too_late_ = false;
};
using Way = CutBus::Way;

// Every way to answer falsely, for a request that reached the chip and for one that did not.
std::vector<Fault> false_answers() {
  std::vector<Fault> faults;
  for (RequestFate request : {RequestFate::deliver, RequestFate::drop}) {
    for (AnswerFate answer : {AnswerFate::lose, AnswerFate::time_out, AnswerFate::bad_mac, AnswerFate::wrong_counter}) {
      faults.push_back({.request = request, .answer = answer});
    }
    for (int code : {0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x07, 0x80, 0x85}) {
      faults.push_back({.request = request, .answer = AnswerFate::forge, .code = static_cast<std::uint8_t>(code)});
    }
    for (std::uint32_t age : {1U, 2U}) faults.push_back({.request = request, .answer = AnswerFate::replay, .age = age});
  }
  for (std::uint8_t code = 1; code <= 6; ++code) faults.push_back({.request = RequestFate::refuse, .code = code});
  return faults;
}

struct Point {  // of the trunk, before an operation
  ChipState chip;
  Map map;
};

// Sets out from the trunk some operations before the one of interest.
class Branch {
 public:
  Branch(const Point& from, std::span<const Batch> lead) : chip_{from.chip}, model_{from.map} {
    host_.start();
    for (const Batch& batch : lead) run(batch);
  }

  CutBus& bus() { return bus_; }

  // Runs an operation and keeps what the store said about it. False: the power was cut.
  bool run(const Batch& batch) {
    try {
      auto outcome = host_.store().apply(batch);
      model_.record(batch, outcome);
      alarm_ = host_.store().problem();
      return true;
    } catch (const PowerCut&) {
      model_.interrupted(batch);
      return false;
    }
  }
  // A new host after a power cut. False: it does not come up, or shows what may not be.
  ::testing::AssertionResult restart() {
    if (auto up = host_.try_start(); !up) return ::testing::AssertionFailure() << to_string(up.error());
    alarm_ = host_.store().problem();
    return consistent();
  }
  ::testing::AssertionResult consistent() {
    if (!model_.admits(host_.store()))
      return ::testing::AssertionFailure() << "the objects are not what was acknowledged";
    return ::testing::AssertionSuccess();
  }
  ::testing::AssertionResult quiet() const {
    if (alarm_) return ::testing::AssertionFailure() << "false alarm: " << to_string(*alarm_);
    return ::testing::AssertionSuccess();
  }
  // The daemon asks again until it gets through.
  ::testing::AssertionResult must_succeed(const Batch& batch) {
    auto outcome = host_.store().apply(batch);
    model_.record(batch, outcome);
    if (!outcome) return ::testing::AssertionFailure() << to_string(outcome.error());
    return consistent();
  }

 private:
  FakeChip chip_;
  CutBus bus_{chip_};
  Host host_{bus_};
  Model model_;
  std::optional<Error> alarm_;
};

// One request of one operation.
struct Cut {
  const Point& from;
  std::span<const Batch> lead;
  const Batch& operation;
  const Batch& next;
  std::uint64_t at = 0;        // the request, counted from 1
  std::uint64_t requests = 0;  // that the operation takes when nothing goes wrong
};

class PowerCutTest : public ::testing::TestWithParam<std::uint16_t> {
 protected:
  static constexpr int kOperations = 520;
  static constexpr std::size_t kLead = 2;

  void cut_everywhere(Cut cut);
  void cut_at(const Cut& cut);
  void withhold_at(const Cut& cut);
  void answer_falsely_at(const Cut& cut);
  // Whatever happened: after a start the objects are right, a further change goes through, and stays.
  void check_aftermath(Branch& branch, const Batch& next);

  std::uint64_t points_ = 0;
  std::uint64_t branches_ = 0;
  std::vector<Fault> false_answers_ = false_answers();
};

void PowerCutTest::check_aftermath(Branch& branch, const Batch& next) {
  ++branches_;
  branch.bus().arm(Way::pass, 0);
  ASSERT_TRUE(branch.restart());
  ASSERT_TRUE(branch.quiet());
  ASSERT_TRUE(branch.must_succeed(next));
  ASSERT_TRUE(branch.restart());
  ASSERT_TRUE(branch.quiet());
}

void PowerCutTest::cut_at(const Cut& cut) {
  for (Way way : {Way::cut_before, Way::cut_after}) {
    Branch b{cut.from, cut.lead};
    b.bus().arm(way, cut.at);
    ASSERT_FALSE(b.run(cut.operation));
    check_aftermath(b, cut.next);
  }
  // The answer is lost first, and the power is cut in what the host does about it.
  for (Way way : {Way::cut_before, Way::cut_after}) {
    for (std::uint64_t later = cut.at + 1; later <= cut.requests + 3; ++later) {
      Branch b{cut.from, cut.lead};
      b.bus().arm(Way::fault, cut.at, {.answer = AnswerFate::lose});
      b.bus().then_cut(way, later);
      if (b.run(cut.operation)) break;
      check_aftermath(b, cut.next);
    }
  }
}

void PowerCutTest::withhold_at(const Cut& cut) {
  for (Way way : {Way::hold, Way::hold_and_cut}) {
    bool too_late = false;
    for (std::uint64_t after = 1; !too_late; ++after) {
      ASSERT_LT(after, 64U);
      Branch b{cut.from, cut.lead};
      b.bus().arm(way, cut.at);
      b.bus().release_after(after);
      if (b.run(cut.operation)) {
        ASSERT_TRUE(b.consistent());
      } else {
        ASSERT_TRUE(b.restart());
        ASSERT_TRUE(b.quiet());
      }
      ASSERT_TRUE(b.must_succeed(cut.next));
      ASSERT_TRUE(b.quiet());
      too_late = b.bus().released_too_late() || !b.bus().released();
      check_aftermath(b, cut.next);
    }
  }
}

void PowerCutTest::answer_falsely_at(const Cut& cut) {
  for (const Fault& fault : false_answers_) {
    Branch b{cut.from, cut.lead};
    b.bus().arm(Way::fault, cut.at, fault);
    ASSERT_TRUE(b.run(cut.operation));
    ASSERT_TRUE(b.consistent());
    ASSERT_TRUE(b.quiet());
    check_aftermath(b, cut.next);
  }
}

void PowerCutTest::cut_everywhere(Cut cut) {
  Branch undisturbed{cut.from, cut.lead};
  undisturbed.bus().arm(Way::pass, 0);
  ASSERT_TRUE(undisturbed.run(cut.operation));
  cut.requests = undisturbed.bus().requests();

  for (cut.at = 1; cut.at <= cut.requests; ++cut.at) {
    ++points_;
    SCOPED_TRACE("request " + std::to_string(cut.at) + " of " + std::to_string(cut.requests));
    cut_at(cut);
    withhold_at(cut);
    answer_falsely_at(cut);
    if (HasFatalFailure()) return;
  }
}

TEST_P(PowerCutTest, LeavesWhatWasAcknowledgedAtEveryRequest) {
  const char* set = std::getenv("SIGNET_CUT_STRIDE");
  const int stride = set != nullptr ? std::max(1, std::atoi(set)) : 1;
  FakeChip chip{1, GetParam()};
  chip.program_key(kChipKey);
  Host host{chip};
  host.format();
  const StoreFacts facts = host.store().facts();
  Workload workload{facts.slots, facts.slot_blocks * 256U};
  Map map;
  std::vector<Point> points;
  std::vector<Batch> operations;
  std::uint32_t fullest = 0;
  while (host.store().facts().slots_used * 100 < facts.slots * 85) {
    Batch batch = workload.fill();
    ASSERT_THAT(host.store().apply(batch), Succeeds());
    apply_to(map, batch);
  }

  for (int i = 0; i < kOperations; ++i) {
    Batch batch = workload.next(map, host.store().facts().slots_used);
    points.push_back({chip.snapshot(), map});
    operations.push_back(batch);
    ASSERT_THAT(host.store().apply(batch), Succeeds());
    apply_to(map, batch);
    fullest = std::max(fullest, host.store().facts().slots_used);
    if (points.size() <= kLead + 1) continue;

    // The operation before this one is cut, with this one to follow; every eighth right after a start of the host.
    const std::size_t number = points.size() - 2;
    const std::size_t lead = i % 8 == 0 ? 0 : kLead;
    if (i % stride == 0) {
      SCOPED_TRACE("operation " + std::to_string(number));
      cut_everywhere({.from = points[number - lead],
                      .lead = std::span{operations}.subspan(number - lead, lead),
                      .operation = operations[number],
                      .next = batch});
      if (HasFatalFailure()) return;
    }
    points[number - kLead] = {};  // no branch sets out from there any more
  }

  std::cout << GetParam() << "-frame chip: " << kOperations << " operations, at most " << fullest * 100 / facts.slots
            << " % full, " << points_ << " cut points, " << branches_ << " branches\n";
  EXPECT_GE(fullest * 100, facts.slots * 94);
}

INSTANTIATE_TEST_SUITE_P(ChipsOf, PowerCutTest, ::testing::Values(1, 2, 32),
                         [](const auto& chip) { return std::to_string(chip.param) + "Frames"; });

}  // namespace
}  // namespace signet::rpmb::testing
