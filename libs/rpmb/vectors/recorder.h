// Counts checks as they are made. Internal to the runner of vectors.
#pragma once

#include <string>
#include <utility>

#include "rpmb/vectors/run_vectors.h"

namespace signet::rpmb {

class Recorder {
 public:
  explicit Recorder(const VectorProgress& progress) : progress_{progress} {}

  // `reason` is empty for a check that passed.
  void record(std::string name, std::string reason) {
    VectorCheck check{std::move(name), std::move(reason)};
    ++(check.passed() ? report_.passed : report_.failed);
    if (progress_) progress_(check);
    if (!check.passed()) report_.failures.push_back(std::move(check));
  }

  VectorReport take() { return std::move(report_); }

 private:
  const VectorProgress& progress_;
  VectorReport report_;
};

}  // namespace signet::rpmb
