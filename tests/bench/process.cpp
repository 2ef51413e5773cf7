#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <fstream>
#include <stdexcept>

extern char** environ;

namespace signet::bench {

Process::Process(const std::vector<std::string>& command, const std::string& log, int out_fd) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, log.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0600);
  ::posix_spawn_file_actions_adddup2(&actions, out_fd >= 0 ? out_fd : STDERR_FILENO, STDOUT_FILENO);
  int error = ::posix_spawnp(&pid_, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error != 0) throw std::runtime_error{"cannot start " + command[0] + ": " + std::strerror(error)};
}

Process::~Process() {
  if (ended()) return;
  ::kill(pid_, SIGTERM);
  ::waitpid(pid_, nullptr, 0);
}

bool Process::ended() {
  if (pid_ > 0 && ::waitpid(pid_, nullptr, WNOHANG) == pid_) pid_ = -1;
  return pid_ < 0;
}

std::optional<double> Process::anonymous_kib() const {
  std::ifstream rollup{"/proc/" + std::to_string(pid_) + "/smaps_rollup"};
  std::string word;
  double kib = 0;
  while (rollup >> word) {
    if (word == "Anonymous:" && rollup >> kib) return kib;
  }
  return std::nullopt;
}

}  // namespace signet::bench
