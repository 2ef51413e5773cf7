#include "process.h"

#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <set>
#include <stdexcept>

extern char** environ;

namespace signet::bench {
namespace {

// The sum of these lines of smaps_rollup.
std::optional<double> memory_kib(pid_t pid, const std::set<std::string>& fields) {
  std::ifstream rollup{"/proc/" + std::to_string(pid) + "/smaps_rollup"};
  std::string word;
  double kib = 0;
  std::optional<double> sum;
  while (rollup >> word) {
    if (fields.contains(word) && rollup >> kib) sum = sum.value_or(0) + kib;
  }
  return sum;
}

}  // namespace

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

std::optional<double> Process::anonymous_kib() const { return memory_kib(pid_, {"Anonymous:"}); }

std::optional<double> Process::private_kib() const { return memory_kib(pid_, {"Private_Clean:", "Private_Dirty:"}); }

long Process::wake_ups() const {
  long sum = 0;
  for (const auto& task : std::filesystem::directory_iterator{"/proc/" + std::to_string(pid_) + "/task"}) {
    std::ifstream status{task.path() / "status"};
    std::string word;
    long count = 0;
    while (status >> word) {
      if (word == "voluntary_ctxt_switches:" && status >> count) sum += count;
    }
  }
  return sum;
}

}  // namespace signet::bench
