// Time on a processor.
#pragma once

#include <ctime>

namespace signet::bench {

inline double cpu_us(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// What `work` costs the thread that calls it, in microseconds for each of `times` calls.
template <class Work>
double thread_us(int times, Work&& work) {
  const double begin = cpu_us(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < times; ++i) work();
  return (cpu_us(CLOCK_THREAD_CPUTIME_ID) - begin) / times;
}

}  // namespace signet::bench
