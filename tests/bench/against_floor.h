// Something and its floor, in turns, so that both meet the same weather.
#pragma once

#include <string>
#include <vector>

#include "cpu_time.h"
#include "report.h"

namespace signet::bench {

struct AgainstFloor {
  double ours_us = 0;
  double least_us = 0;
  double ratio = 0;  // the median of the rounds' ratios
};

// Processor time of one call each: medians of `rounds` rounds of `times` calls.
template <class Ours, class Least>
AgainstFloor against_floor(int rounds, int times, Ours&& ours, Least&& least) {
  std::vector<double> of_ours;
  std::vector<double> of_least;
  std::vector<double> ratios;
  thread_us(times, least);  // warm
  thread_us(times, ours);
  for (int round = 0; round < rounds; ++round) {
    of_least.push_back(thread_us(times, least));
    of_ours.push_back(thread_us(times, ours));
    ratios.push_back(of_ours.back() / of_least.back());
  }
  return {.ours_us = median(of_ours), .least_us = median(of_least), .ratio = median(ratios)};
}

inline void print_against_floor(const std::string& what, const AgainstFloor& figures, double aim) {
  char measured[64];
  std::snprintf(measured, sizeof measured, "%.1f us / %.1f us", figures.ours_us, figures.least_us);
  print_ratio(what, measured, figures.ratio, aim);
}

}  // namespace signet::bench
