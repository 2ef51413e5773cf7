// What may go wrong between a host and its chip, and when: the plan that a FaultyBus follows.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace signet::rpmb {

// Where the process may die (SIGKILL) within an operation. Those between the first and the last matter to a chip in a
// file only; elsewhere they count as before_commit.
enum class CrashPoint : std::uint8_t {
  before_commit,  // nothing of the request is on the chip
  torn_journal,   // half of the journal record is in the file
  journalled,     // the journal record is whole, the blocks are still old
  half_applied,   // half of the first block is new
  after_commit,   // all done but for the answer
};

// What becomes of the request ...
enum class RequestFate : std::uint8_t {
  deliver,
  drop,    // the chip never sees it
  hold,    // withheld; the chip gets it before a later operation (Fault::release_before), or never
  refuse,  // the chip gets it and refuses it with Fault::code, authenticated
};

// ... and of its answer.
enum class AnswerFate : std::uint8_t {
  genuine,        // for a request that the chip never saw there is none: Errc::io
  lose,           // Errc::io
  time_out,       // Errc::timeout
  bad_mac,        // one bit of the MAC is wrong
  forge,          // made up by somebody without the key, with Fault::code as its result
  replay,         // the Fault::age-th last answer to the same kind of operation, released held ones included; else lost
  wrong_counter,  // the genuine one but for its counter, which is Fault::counter_offset off; the MAC no longer fits
};

struct Fault {
  RequestFate request = RequestFate::deliver;
  AnswerFate answer = AnswerFate::genuine;
  std::uint8_t code = 0;                     // refuse, forge
  std::uint32_t age = 1;                     // replay
  std::uint32_t counter_offset = 1;          // wrong_counter
  std::uint64_t release_before = 0;          // hold: the operation, counted as Which::any; 0: never by itself
  std::optional<std::uint32_t> set_counter;  // the chip's counter, before anything else happens
  std::chrono::milliseconds delay{0};        // before the request goes out
  std::optional<CrashPoint> crash;
  bool operator==(const Fault&) const = default;
};

// Which operations a rule counts.
enum class Which : std::uint8_t {
  any,
  write,  // program operations, key programming included
  read,
  burst,  // program operations of more than one frame
};
inline constexpr std::size_t kWhichCount = 4;

struct FaultRule {
  Which which = Which::any;
  std::optional<std::uint64_t> number;  // 1 is the first since the bus was made; nothing: every one
  Fault fault;
};

// How many operations there were, by Which.
struct OperationNumbers {
  std::uint64_t by[kWhichCount] = {};
  std::uint64_t operator[](Which which) const { return by[static_cast<std::size_t>(which)]; }
};

// The first rule that fits an operation is its fault.
class FaultPlan {
 public:
  void add(FaultRule rule) { rules_.push_back(rule); }
  void add(Which which, std::uint64_t number, const Fault& fault) { rules_.push_back({which, number, fault}); }
  void clear() { rules_.clear(); }
  [[nodiscard]] bool empty() const { return rules_.empty(); }

  // `now` counts the operation itself; `which` is read or write, `burst` says whether it is one.
  [[nodiscard]] Fault find(Which which, bool burst, const OperationNumbers& now) const;

 private:
  std::vector<FaultRule> rules_;
};

// Reads the text form: one rule per line, `#` starts a comment.
//
//   WHICH  NUMBER  WORD [VALUE] ...
//
// WHICH is any, write, read or burst. NUMBER counts from 1 since the chip was opened; `+N` is the N-th from now on
// (`now`); `*` is every one. The words, as many as make sense together:
//
//   delay MS         | set-counter N     | drop          | hold M (released before operation M; 0: never; +N as above)
//   refuse CODE      | lose              | time-out      | bad-mac       | forge CODE    | replay [AGE]
//   wrong-counter N  | kill before, torn-journal, journalled, half-applied or after
//
// Numbers are decimal or 0x hexadecimal. config_invalid names `origin`, the line and the word.
Result<FaultPlan> parse_faults(std::string_view text, const std::string& origin, const OperationNumbers& now = {});

}  // namespace signet::rpmb
