// What the run of a file of known answers found.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace signet::vectors {

// One comparison of what a file expects with what our code does.
struct Check {
  std::string name;    // "cases/write_negative/step 3"
  std::string reason;  // what differs, one line; empty when it passed
  [[nodiscard]] bool passed() const { return reason.empty(); }
};

struct Report {
  std::size_t passed = 0;
  std::size_t failed = 0;
  std::vector<Check> failures;
};

using Progress = std::function<void(const Check&)>;  // called after every check

// Counts checks as they are made.
class Recorder {
 public:
  explicit Recorder(const Progress& progress) : progress_{progress} {}

  // `reason` is empty for a check that passed.
  void record(std::string name, std::string reason) {
    Check check{std::move(name), std::move(reason)};
    ++(check.passed() ? report_.passed : report_.failed);
    if (progress_) progress_(check);
    if (!check.passed()) report_.failures.push_back(std::move(check));
  }

  Report take() { return std::move(report_); }

 private:
  const Progress& progress_;
  Report report_;
};

// Collects what differs in one entry.
class Differences {
 public:
  void compare(std::string_view what, const std::string& expected, const std::string& actual) {
    if (expected == actual) return;
    if (!text_.empty()) text_ += "; ";
    text_ += std::string{what} + " is '" + actual + "' instead of '" + expected + "'";
  }
  [[nodiscard]] const std::string& text() const { return text_; }

 private:
  std::string text_;
};

}  // namespace signet::vectors
