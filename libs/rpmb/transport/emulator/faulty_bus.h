// The way between a host and an emulated chip, which loses, delays, withholds, damages and forges as it is told.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <span>
#include <vector>

#include "base/result.h"
#include "rpmb/transport/emulator/chip_model.h"
#include "rpmb/transport/emulator/faults.h"

namespace signet::rpmb {

// Keeps what a chip commits, before it is committed.
class ChangeJournal {
 public:
  virtual ~ChangeJournal() = default;
  // Returns once `change` outlives the process and a power cut. With `crash`, the process dies at that point.
  // Errors: no_space: nothing was kept; io: perhaps something was.
  virtual Result<void> keep(const ChipChange& change, std::optional<CrashPoint> crash) = 0;
};

// An operation, as the hook sees it.
struct BusOperation {
  OperationNumbers numbers;  // this one included
  bool writes = false;
  std::span<const Frame> request;
};

class FaultyBus {
 public:
  // `journal` is nullptr for a chip that lives in memory only.
  explicit FaultyBus(ChipModel& chip, ChangeJournal* journal = nullptr) : chip_{chip}, journal_{journal} {}

  // As Transport::program() and Transport::read(), but that a held or dropped request is an io error like any other.
  Result<void> program(std::span<const Frame> request, Frame& response);
  Result<void> read(const Frame& request, std::span<Frame> response);

  FaultPlan& plan() { return plan_; }
  [[nodiscard]] const OperationNumbers& numbers() const { return numbers_; }

  // Called before every operation, after due held requests were released. May change the plan and the chip; what it
  // returns, unless it is Fault{}, goes before the plan.
  using Hook = std::function<Fault(const BusOperation&)>;
  void set_hook(Hook hook) { hook_ = std::move(hook); }

  // Whether answers are kept, so that AnswerFate::replay has some; they are at first. A mount of 1 MiB leaves 2 MiB of
  // them.
  void keep_answers(bool keep) { keep_answers_ = keep; }

  // Hands every withheld request to the chip now, oldest first.
  Result<void> release_held();
  void forget_held() { held_.clear(); }
  [[nodiscard]] std::size_t held() const { return held_.size(); }

 private:
  struct Held {
    std::vector<Frame> request;
    std::uint64_t release_before;  // 0: never by itself
  };
  using Answer = std::vector<Frame>;

  Result<void> release_due();
  Result<void> commit(std::span<const Frame> request, std::optional<CrashPoint> crash);
  Result<Fault> begin(std::span<const Frame> request, bool writes);
  void remember(std::deque<Answer>& past, std::span<const Frame> answer) const;
  Result<void> answer(const Fault& fault, bool delivered, const Frame& request, std::span<Frame> response,
                      std::deque<Answer>& past);

  ChipModel& chip_;
  ChangeJournal* journal_;
  FaultPlan plan_;
  OperationNumbers numbers_;
  Hook hook_;
  std::vector<Held> held_;
  bool keep_answers_ = true;
  std::deque<Answer> past_programs_;  // the latest first
  std::deque<Answer> past_reads_;
};

}  // namespace signet::rpmb
