#include "rpmb/transport/emulator/faults.h"

#include <algorithm>
#include <charconv>
#include <limits>

namespace signet::rpmb {
namespace {

// The words of one line, taken one by one.
class Words {
 public:
  explicit Words(std::string_view line) : rest_{line.substr(0, line.find('#'))} {}

  std::string_view next() {
    constexpr std::string_view kBlank = " \t\r";
    std::size_t begin = std::min(rest_.find_first_not_of(kBlank), rest_.size());
    std::size_t end = std::min(rest_.find_first_of(kBlank, begin), rest_.size());
    std::string_view word = rest_.substr(begin, end - begin);
    rest_.remove_prefix(end);
    return word;
  }
  [[nodiscard]] std::string_view peek() const { return Words{*this}.next(); }

 private:
  std::string_view rest_;
};

std::optional<std::uint64_t> number(std::string_view word) {
  int base = 10;
  if (word.starts_with("0x")) {
    word.remove_prefix(2);
    base = 16;
  }
  std::uint64_t value = 0;
  auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value, base);
  if (error != std::errc{} || end != word.data() + word.size()) return std::nullopt;
  return value;
}

class Line {
 public:
  Line(std::string_view text, std::string where, const OperationNumbers& now)
      : words_{text}, where_{std::move(where)}, now_{now} {}

  [[nodiscard]] bool blank() const { return words_.peek().empty(); }

  Result<FaultRule> rule() {
    FaultRule rule;
    SIGNET_ASSIGN(rule.which, which());
    SIGNET_ASSIGN(rule.number, operation_number(rule.which));
    if (blank()) return fault("the line says no fault");
    while (!blank()) SIGNET_TRY(word(rule.fault));
    return rule;
  }

 private:
  [[nodiscard]] Failure fault(const std::string& what) const {
    return fail(Errc::config_invalid, where_ + ": " + what);
  }

  Result<Which> which() {
    std::string_view word = words_.next();
    if (word == "any") return Which::any;
    if (word == "write") return Which::write;
    if (word == "read") return Which::read;
    if (word == "burst") return Which::burst;
    return fault("'" + std::string{word} + "' is none of any, write, read, burst");
  }

  Result<std::optional<std::uint64_t>> operation_number(Which which) {
    if (words_.peek() == "*") {
      words_.next();
      return std::optional<std::uint64_t>{};
    }
    SIGNET_ASSIGN(std::uint64_t value, moment(which));
    if (value == 0) return fault("operations count from 1");
    return std::optional{value};
  }

  // N, or +N from now on.
  Result<std::uint64_t> moment(Which which) {
    std::string_view word = words_.next();
    bool relative = word.starts_with('+');
    auto value = number(word.substr(relative ? 1 : 0));
    if (!value || (relative && *value == 0))
      return fault("'" + std::string{word} + "' is not a number of an operation");
    return relative ? now_[which] + *value : *value;
  }

  template <class Integer>
  Result<Integer> value(std::string_view of) {
    std::string_view word = words_.next();
    auto parsed = number(word);
    if (!parsed) return fault("'" + std::string{of} + "' needs a number, not '" + std::string{word} + "'");
    if (*parsed > std::numeric_limits<Integer>::max()) {
      return fault("'" + std::string{of} + "' takes at most " + std::to_string(std::numeric_limits<Integer>::max()));
    }
    return static_cast<Integer>(*parsed);
  }

  Result<void> word(Fault& to) {
    std::string_view word = words_.next();
    if (word == "delay") {
      SIGNET_ASSIGN(std::uint32_t ms, value<std::uint32_t>(word));
      to.delay = std::chrono::milliseconds{ms};
    } else if (word == "set-counter") {
      SIGNET_ASSIGN(to.set_counter, value<std::uint32_t>(word));
    } else if (word == "kill") {
      SIGNET_ASSIGN(to.crash, crash_point());
    } else if (auto request = request_fate(word)) {
      to.request = *request;
      if (*request == RequestFate::hold) {
        SIGNET_ASSIGN(to.release_before, moment(Which::any));
      } else if (*request == RequestFate::refuse) {
        SIGNET_ASSIGN(to.code, value<std::uint8_t>(word));
      }
    } else {
      SIGNET_TRY(answer(word, to));
    }
    return {};
  }

  static std::optional<RequestFate> request_fate(std::string_view word) {
    if (word == "drop") return RequestFate::drop;
    if (word == "hold") return RequestFate::hold;
    if (word == "refuse") return RequestFate::refuse;
    return std::nullopt;
  }

  Result<void> answer(std::string_view word, Fault& to) {
    if (word == "lose") {
      to.answer = AnswerFate::lose;
    } else if (word == "time-out") {
      to.answer = AnswerFate::time_out;
    } else if (word == "bad-mac") {
      to.answer = AnswerFate::bad_mac;
    } else if (word == "forge") {
      to.answer = AnswerFate::forge;
      SIGNET_ASSIGN(to.code, value<std::uint8_t>(word));
    } else if (word == "replay") {
      to.answer = AnswerFate::replay;
      if (number(words_.peek())) {
        SIGNET_ASSIGN(to.age, value<std::uint32_t>(word));
      }
    } else if (word == "wrong-counter") {
      to.answer = AnswerFate::wrong_counter;
      SIGNET_ASSIGN(to.counter_offset, value<std::uint32_t>(word));
    } else {
      return fault("there is no fault named '" + std::string{word} + "'");
    }
    return {};
  }

  Result<CrashPoint> crash_point() {
    std::string_view word = words_.next();
    if (word == "before") return CrashPoint::before_commit;
    if (word == "torn-journal") return CrashPoint::torn_journal;
    if (word == "journalled") return CrashPoint::journalled;
    if (word == "half-applied") return CrashPoint::half_applied;
    if (word == "after") return CrashPoint::after_commit;
    return fault("'" + std::string{word} + "' is none of before, torn-journal, journalled, half-applied, after");
  }

  Words words_;
  std::string where_;
  const OperationNumbers& now_;
};

}  // namespace

Fault FaultPlan::find(Which which, bool burst, const OperationNumbers& now) const {
  for (const FaultRule& rule : rules_) {
    bool fits = rule.which == Which::any || rule.which == which || (rule.which == Which::burst && burst);
    if (fits && (!rule.number || *rule.number == now[rule.which])) return rule.fault;
  }
  return {};
}

Result<FaultPlan> parse_faults(std::string_view text, const std::string& origin, const OperationNumbers& now) {
  FaultPlan plan;
  for (std::size_t line_number = 1; !text.empty(); ++line_number) {
    std::string_view line_text = text.substr(0, text.find('\n'));
    text.remove_prefix(std::min(line_text.size() + 1, text.size()));
    Line line{line_text, origin + ", line " + std::to_string(line_number), now};
    if (line.blank()) continue;
    SIGNET_ASSIGN(FaultRule rule, line.rule());
    plan.add(rule);
  }
  return plan;
}

}  // namespace signet::rpmb
