#include "private_bus.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <stdexcept>

extern char** environ;

namespace signet::testing {
namespace {

void write_config(const std::filesystem::path& file, const std::string& address) {
  std::ofstream{file} << R"(<!DOCTYPE busconfig PUBLIC "-//freedesktop//DTD D-BUS Bus Configuration 1.0//EN"
 "http://www.freedesktop.org/standards/dbus/1.0/busconfig.dtd">
<busconfig>
  <type>system</type>
  <listen>)" << address
                      << R"(</listen>
  <policy context="default">
    <allow user="*"/><allow own="*"/><allow send_destination="*"/><allow receive_sender="*"/>
  </policy>
</busconfig>
)";
}

// The daemon writes its address once it takes connections; until then this blocks.
int spawn_daemon(const std::filesystem::path& config) {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0) throw std::runtime_error{"pipe2"};
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_adddup2(&actions, ends[1], 3);
  std::string option = "--config-file=" + config.string();
  std::string words[] = {"dbus-daemon", "--nofork", "--nopidfile", "--print-address=3"};
  char* arguments[] = {words[0].data(), words[1].data(), words[2].data(), words[3].data(), option.data(), nullptr};
  pid_t pid = -1;
  const int error = ::posix_spawnp(&pid, "dbus-daemon", &actions, nullptr, arguments, environ);
  posix_spawn_file_actions_destroy(&actions);
  ::close(ends[1]);
  char first = 0;
  const bool ready = error == 0 && ::read(ends[0], &first, 1) == 1;
  ::close(ends[0]);
  if (!ready) throw std::runtime_error{"dbus-daemon does not start"};
  return pid;
}

}  // namespace

PrivateBus::PrivateBus() {
  std::string name = std::filesystem::temp_directory_path() / "signet-bus-XXXXXX";
  if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error{"mkdtemp"};
  directory_ = name;
  address_ = "unix:path=" + (directory_ / "bus").string();
  write_config(directory_ / "bus.conf", address_);
  pid_ = spawn_daemon(directory_ / "bus.conf");
  ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address_.c_str(), 1);
}

void PrivateBus::stop() {
  if (pid_ < 0) return;
  ::kill(pid_, SIGKILL);
  ::waitpid(pid_, nullptr, 0);
  pid_ = -1;
}

PrivateBus::~PrivateBus() {
  stop();
  std::error_code ignored;
  std::filesystem::remove_all(directory_, ignored);
}

}  // namespace signet::testing
