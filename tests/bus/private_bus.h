// A D-Bus daemon of the test's own, in a directory that everybody may enter and that is gone afterwards.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

namespace signet::testing {

// A process that ends when its owner or the test does.
class Child {
 public:
  Child() = default;
  // `output`: file for standard output and error, appended to. `environment`: NAME=VALUE on top of the test's own.
  Child(const std::vector<std::string>& command, const std::filesystem::path& output,
        const std::vector<std::string>& environment = {});
  Child(Child&& other) noexcept : pid_{std::exchange(other.pid_, -1)} {}
  Child& operator=(Child&& other) noexcept {
    std::swap(pid_, other.pid_);
    return *this;
  }
  ~Child();

  void signal(int number) const;
  int wait();  // until it ends by itself: its exit status, or 128 + the signal
  [[nodiscard]] bool running() const;
  [[nodiscard]] pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
};

class PrivateBus {
 public:
  PrivateBus();
  ~PrivateBus();

  [[nodiscard]] std::string address() const { return "unix:path=" + (directory_ / "bus").string(); }
  [[nodiscard]] const std::filesystem::path& directory() const { return directory_; }

 private:
  std::filesystem::path directory_;
  Child daemon_;
};

}  // namespace signet::testing
