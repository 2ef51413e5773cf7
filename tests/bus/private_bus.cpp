#include "tests/bus/private_bus.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/unique_fd.h"

namespace signet::testing {
namespace {

constexpr const char* kConfiguration =
    R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-Bus Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <listen>unix:path=%</listen>
  <auth>EXTERNAL</auth>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
)";

[[noreturn]] void execute(const std::vector<std::string>& command, const std::filesystem::path& output,
                          const std::vector<std::string>& environment) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  const int file = ::open(output.c_str(), O_WRONLY | O_CREAT | O_APPEND, 0644);
  ::dup2(file, STDOUT_FILENO);
  ::dup2(file, STDERR_FILENO);
  for (const auto& variable : environment) {
    const auto equals = variable.find('=');
    ::setenv(variable.substr(0, equals).c_str(), variable.substr(equals + 1).c_str(), 1);
  }
  std::vector<char*> argv;
  for (const auto& word : command) argv.push_back(const_cast<char*>(word.c_str()));
  argv.push_back(nullptr);
  ::execvp(argv[0], argv.data());
  ::_exit(127);
}

// The socket is there a moment before dbus-daemon listens on it.
bool listens(const std::filesystem::path& path) {
  sockaddr_un address{};
  address.sun_family = AF_UNIX;
  path.string().copy(address.sun_path, sizeof address.sun_path - 1);
  const UniqueFd fd{::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)};
  return ::connect(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0;
}

}  // namespace

Child::Child(const std::vector<std::string>& command, const std::filesystem::path& output,
             const std::vector<std::string>& environment)
    : pid_{::fork()} {
  if (pid_ < 0) throw std::runtime_error{"fork"};
  if (pid_ == 0) execute(command, output, environment);
}

Child::~Child() {
  if (!running()) return;
  ::kill(pid_, SIGKILL);
  wait();
}

bool Child::running() const { return pid_ > 0 && ::kill(pid_, 0) == 0; }

void Child::signal(int number) const { ::kill(pid_, number); }

int Child::wait() {
  int status = 0;
  while (::waitpid(pid_, &status, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
  return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

PrivateBus::PrivateBus() {
  std::string pattern = (std::filesystem::temp_directory_path() / "signet-bus-XXXXXX").string();
  directory_ = ::mkdtemp(pattern.data());
  ::chmod(directory_.c_str(), 0755);  // other users connect, too
  std::string configuration{kConfiguration};
  configuration.replace(configuration.find('%'), 1, (directory_ / "bus").string());
  std::ofstream{directory_ / "bus.conf"} << configuration;

  daemon_ =
      Child{{"dbus-daemon", "--nofork", "--config-file=" + (directory_ / "bus.conf").string()}, directory_ / "bus.log"};
  for (int tries = 0; !listens(directory_ / "bus"); ++tries) {
    if (tries == 1000) throw std::runtime_error{"dbus-daemon does not start"};
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
}

PrivateBus::~PrivateBus() {
  daemon_ = {};
  std::filesystem::remove_all(directory_);
}

}  // namespace signet::testing
