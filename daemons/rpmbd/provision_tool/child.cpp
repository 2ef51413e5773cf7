#include "child.h"

#include <spawn.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <tuple>

#include "base/unique_fd.h"

extern char** environ;

namespace signet::provision {
namespace {

struct Channel {
  UniqueFd ours;
  UniqueFd theirs;
};

Failure failed(const std::string& what, int error) { return fail(Errc::io, what + ": " + std::strerror(error)); }

// Sockets, not pipes: writing to a program that has ended is then an error and not a signal.
Result<Channel> make_channel() {
  std::array<int, 2> ends{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends.data()) != 0) return failed("making a socket", errno);
  return Channel{UniqueFd{ends[0]}, UniqueFd{ends[1]}};
}

Result<pid_t> spawn(const std::vector<std::string>& command, int in, int out) {
  std::vector<char*> arguments;
  for (const std::string& argument : command) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);

  posix_spawn_file_actions_t actions;
  ::posix_spawn_file_actions_init(&actions);
  ::posix_spawn_file_actions_adddup2(&actions, in, STDIN_FILENO);
  ::posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO);
  pid_t pid = 0;
  int error = ::posix_spawnp(&pid, arguments[0], &actions, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&actions);
  if (error == ENOENT) return fail(Errc::unsupported, "there is no program " + command[0]);
  if (error != 0) return failed("starting " + command[0], error);
  return pid;
}

// Everything up to the end of the stream, or `limit` octets of it.
SecretBuffer drain(int fd, std::size_t limit) {
  SecretBuffer text{limit};
  std::size_t size = 0;
  while (size < limit) {
    ssize_t n = ::read(fd, text.writable().data() + size, limit - size);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    size += static_cast<std::size_t>(n);
  }
  return SecretBuffer{text.view().first(size)};
}

Result<void> wait_for(pid_t pid, const std::string& program) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0) {
    if (errno != EINTR) return failed("waiting for " + program, errno);
  }
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0) return {};
  if (WIFEXITED(status) && WEXITSTATUS(status) == 127) return fail(Errc::unsupported, "cannot execute " + program);
  return fail(Errc::config_invalid, program + " failed" +
                                        (WIFEXITED(status) ? " with status " + std::to_string(WEXITSTATUS(status))
                                                           : " with signal " + std::to_string(WTERMSIG(status))));
}

}  // namespace

Result<SecretBuffer> run(const std::vector<std::string>& command, BytesView input) {
  SIGNET_ASSIGN(Channel in, make_channel());
  SIGNET_ASSIGN(Channel out, make_channel());
  SIGNET_ASSIGN(pid_t pid, spawn(command, in.theirs.get(), out.theirs.get()));
  in.theirs = UniqueFd{};
  out.theirs = UniqueFd{};

  // All of it fits the socket. A program that does not want it says so by its exit status, or by what it prints.
  std::ignore = ::send(in.ours.get(), input.data(), input.size(), MSG_NOSIGNAL);
  in.ours = UniqueFd{};
  SecretBuffer output = drain(out.ours.get(), kMaxOutput);
  out.ours = UniqueFd{};
  SIGNET_TRY(wait_for(pid, command[0]));
  if (output.size() == kMaxOutput) return fail(Errc::config_invalid, command[0] + " printed too much");
  return output;
}

}  // namespace signet::provision
