#include "signetctl/program.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>

#include "base/unique_fd.h"

extern char** environ;

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxText = 64 * 1024;

struct Child {
  pid_t pid;
  UniqueFd output;
};

std::optional<Child> spawn(const std::vector<std::string>& command) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) return std::nullopt;
  UniqueFd reading{ends[0]};
  const UniqueFd writing{ends[1]};
  std::vector<char*> arguments;
  for (const auto& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));  // exec(3)'s own type
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(&actions, writing.get(), STDERR_FILENO);
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, arguments.front(), &actions, nullptr, arguments.data(), environ);
  posix_spawn_file_actions_destroy(&actions);
  if (error != 0) return std::nullopt;
  return Child{pid, std::move(reading)};
}

// Until the child closes its output. False when `limit` has passed.
bool read_to_end(int fd, std::chrono::steady_clock::time_point until, std::string& text) {
  std::array<char, 4096> chunk;
  for (;;) {
    const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now());
    pollfd wait{fd, POLLIN, 0};
    if (left.count() <= 0 || ::poll(&wait, 1, static_cast<int>(left.count())) == 0) return false;
    const ssize_t count = ::read(fd, chunk.data(), chunk.size());
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return true;
    if (text.size() < kMaxText) text.append(chunk.data(), static_cast<std::size_t>(count));
  }
}

}  // namespace

std::optional<ProgramOutput> run_program(const std::vector<std::string>& command, std::chrono::milliseconds limit) {
  auto child = spawn(command);
  if (!child) return std::nullopt;
  ProgramOutput output;
  const bool ended = read_to_end(child->output.get(), std::chrono::steady_clock::now() + limit, output.text);
  if (!ended) ::kill(child->pid, SIGKILL);
  int status = 0;
  while (::waitpid(child->pid, &status, 0) < 0 && errno == EINTR) {
  }
  if (!ended || !WIFEXITED(status)) return std::nullopt;
  output.status = WEXITSTATUS(status);
  return output;
}

}  // namespace signet::ctl
