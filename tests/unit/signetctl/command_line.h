// signetctl on strings instead of a terminal. No bus: DBUS_SYSTEM_BUS_ADDRESS leads nowhere.
#pragma once

#include <gtest/gtest.h>
#include <stdlib.h>

#include <boost/json/parse.hpp>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "signetctl/run.h"

namespace signet::ctl {

class CommandLine : public ::testing::Test {
 protected:
  CommandLine() {
    ::setenv("DBUS_SYSTEM_BUS_ADDRESS", "unix:path=/nonexistent/bus", 1);
    std::string name = std::filesystem::temp_directory_path() / "signetctl-XXXXXX";
    directory_ = ::mkdtemp(name.data());
  }
  ~CommandLine() override { std::filesystem::remove_all(directory_); }

  int run(std::vector<std::string> arguments) {
    out_.str("");
    err_.str("");
    return ctl::run({.in = in_,
                     .out = out_,
                     .err = err_,
                     .in_is_terminal = terminal_,
                     .out_is_terminal = terminal_,
                     .err_is_terminal = terminal_},
                    std::move(arguments));
  }

  std::string file(const std::string& name, std::string_view content) {
    const auto path = directory_ / name;
    std::ofstream{path, std::ios::binary} << content;
    return path;
  }

  [[nodiscard]] boost::json::value json() const { return boost::json::parse(out_.str()); }

  std::filesystem::path directory_;
  std::istringstream in_;
  std::ostringstream out_;
  std::ostringstream err_;
  bool terminal_ = false;
};

}  // namespace signet::ctl
