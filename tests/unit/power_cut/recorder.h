// Files below a directory of a test, and every system call that changes them: each is a point where the power may go.
#pragma once

#include <functional>
#include <string>

#include "tests/unit/identity/temporary_directory.h"
#include "tests/unit/power_cut/disk.h"

namespace signet::power_cut {

// Sees the calls of this process that go through the linker's wraps (signet_power_cut_test in CMakeLists.txt). One at a
// time. The calls are made, too, but for fsync: nobody cuts the power of the machine that tests.
class Recorder {
 public:
  Recorder();
  ~Recorder();

  [[nodiscard]] std::string path() const { return directory_.path(); }

  // The directory holds this, all of it durable.
  void put(const Tree& tree);
  [[nodiscard]] const Disk& disk() const { return disk_; }

  // `happened` is called after each call that changed something; may be empty.
  void listen(std::function<void()> happened) { happened_ = std::move(happened); }

 private:
  friend struct Calls;
  [[nodiscard]] bool watches(const std::string& path) const;
  [[nodiscard]] std::string relative(const std::string& path) const;
  void happened() const {
    if (happened_) happened_();
  }

  identity::TemporaryDirectory directory_;
  Disk disk_;
  std::map<int, Disk::File> files_;         // by descriptor
  std::map<int, std::string> directories_;  // by descriptor
  std::function<void()> happened_;
};

}  // namespace signet::power_cut
