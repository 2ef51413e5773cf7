// Time on a processor.
#pragma once

#include <sys/types.h>

#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>

namespace signet::bench {

inline double cpu_us(clockid_t clock) {
  timespec time{};
  ::clock_gettime(clock, &time);
  return static_cast<double>(time.tv_sec) * 1e6 + static_cast<double>(time.tv_nsec) / 1e3;
}

// Of all threads of a process, in microseconds.
inline double busy_us(pid_t pid) {
  double sum = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid) + "/task"}) {
    double nanoseconds = 0;
    std::ifstream{task.path() / "schedstat"} >> nanoseconds;
    sum += nanoseconds / 1000;
  }
  return sum;
}

// What `work` costs the thread that calls it, in microseconds for each of `times` calls.
template <class Work>
double thread_us(int times, Work&& work) {
  const double begin = cpu_us(CLOCK_THREAD_CPUTIME_ID);
  for (int i = 0; i < times; ++i) work();
  return (cpu_us(CLOCK_THREAD_CPUTIME_ID) - begin) / times;
}

}  // namespace signet::bench
