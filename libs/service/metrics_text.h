// The Prometheus text exposition format 0.0.4, written family by family.
#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <utility>

namespace signet::service {

class MetricsText {
 public:
  // `prefix`: before every name, such as "signet_rpmb_".
  explicit MetricsText(std::string prefix) : prefix_{std::move(prefix)} {}

  void family(std::string_view name, std::string_view type, std::string_view help) {
    name_ = name;
    text_ += fmt::format("# HELP {0}{1} {2}\n# TYPE {0}{1} {3}\n", prefix_, name, help, type);
  }
  // `labels`: with their braces, or nothing. `suffix`: of the samples of a histogram.
  template <class Value>
  void sample(Value value, std::string_view labels = "", std::string_view suffix = "") {
    text_ += fmt::format("{}{}{}{} {}\n", prefix_, name_, suffix, labels, value);
  }
  template <class Value>
  void single(std::string_view name, std::string_view type, std::string_view help, Value value) {
    family(name, type, help);
    sample(value);
  }
  std::string take() { return std::move(text_); }

 private:
  std::string prefix_;
  std::string name_;
  std::string text_;
};

}  // namespace signet::service
