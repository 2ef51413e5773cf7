// How the benchmarks print: a figure, the aim and whether it is met. Never a reason to fail: only ratios travel, and
// those on a busy machine not far.
#pragma once

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

namespace signet::bench {

// The middle value; of an even number the lower one. `values` is not empty.
inline double median(std::vector<double> values) {
  auto middle = values.begin() + static_cast<std::ptrdiff_t>((values.size() - 1) / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

inline void heading(const std::string& title) { std::printf("\n%s\n", title.c_str()); }

// One ratio: what it is, the floor and the value it was made of, and the aim; 0: none, for information only.
inline void print_ratio(const std::string& what, const std::string& measured, double ratio, double aim) {
  if (aim == 0) {
    std::printf("  %-34s %-34s %6.2fx\n", what.c_str(), measured.c_str(), ratio);
    return;
  }
  std::printf("  %-34s %-34s %6.2fx   aim %.2fx   %s\n", what.c_str(), measured.c_str(), ratio, aim,
              ratio <= aim ? "met" : "NOT MET");
}

}  // namespace signet::bench
