// A machine below a temporary directory, with a systemd-creds of its own in PATH.
#pragma once

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <string>

#include "unit/identity/temporary_directory.h"

namespace signet::provision {

class Machine : public testing::Test {
 protected:
  Machine() {
    for (const char* directory : {"bin", "root", "root/etc", "root/etc/signet"}) {
      std::filesystem::create_directory(scratch_.path(directory));
    }
    ::setenv("PATH", (scratch_.path("bin") + ":" + path_before_).c_str(), 1);
  }
  ~Machine() override { ::setenv("PATH", path_before_.c_str(), 1); }

  // Stands for systemd-creds(1): keeps its arguments, and "encrypts" by turning the octets around.
  void install_systemd_creds() {
    program("systemd-creds", "echo \"$@\" >>" + scratch_.path("arguments") +
                                 "\n"
                                 "[ \"$2\" = --name=signet-root-encrypted ] && [ \"$3 $4\" = '- -' ] || exit 3\n"
                                 "perl -0777 -pe '$_ = reverse $_'\n");
  }
  void install_broken_systemd_creds(const std::string& command) { program("systemd-creds", command + "\n"); }

  [[nodiscard]] std::string root() const { return scratch_.path("root"); }
  [[nodiscard]] std::string on_machine(const std::string& path) const { return root() + path; }

  identity::TemporaryDirectory scratch_;

 private:
  void program(const std::string& name, const std::string& script) {
    scratch_.write("bin/" + name, "#!/bin/sh\n" + script, 0755);
  }

  std::string path_before_ = std::getenv("PATH");
};

}  // namespace signet::provision
