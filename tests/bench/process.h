// A child process: started, timed, measured and ended.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>
#include <vector>

namespace signet::bench {

class Process {
 public:
  // Starts `command` with our environment; its output goes to `log`, or to `out_fd` (standard output only) when that is
  // given. Throws when it cannot be started.
  Process(const std::vector<std::string>& command, const std::string& log, int out_fd = -1);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;
  ~Process();  // SIGTERM, and waits

  [[nodiscard]] pid_t pid() const { return pid_; }
  [[nodiscard]] bool ended();

  // Memory in KiB; nothing when the kernel does not let us look.
  [[nodiscard]] std::optional<double> anonymous_kib() const;
  [[nodiscard]] std::optional<double> private_kib() const;  // code and constants that nobody shares included

  // How often its threads have slept and were woken, since the start.
  [[nodiscard]] long wake_ups() const;

 private:
  pid_t pid_ = -1;
};

}  // namespace signet::bench
