// The openssl command, as a second opinion.
#pragma once

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/bytes.h"

namespace signet::crypto {

class OpensslCommand : public ::testing::Test {
 protected:
  void SetUp() override {
    if (std::system("openssl version >/dev/null 2>&1") != 0) GTEST_SKIP() << "there is no openssl command here";
    std::string path = (std::filesystem::temp_directory_path() / "signet-openssl-XXXXXX").string();
    ASSERT_NE(::mkdtemp(path.data()), nullptr);
    directory_ = path;
  }
  void TearDown() override {
    if (!directory_.empty()) std::filesystem::remove_all(directory_);
  }

  void write(const char* name, BytesView content) const {
    std::ofstream stream{directory_ + "/" + name, std::ios::binary};
    stream << as_text(content);
  }
  [[nodiscard]] Bytes read(const char* name) const {
    std::ifstream stream{directory_ + "/" + name, std::ios::binary};
    return {std::istreambuf_iterator<char>{stream}, {}};
  }
  [[nodiscard]] std::string read_text(const char* name) const { return std::string{as_text(read(name))}; }
  // What it prints goes to the file "printed".
  [[nodiscard]] bool run(const std::string& arguments) const {
    return std::system(("cd '" + directory_ + "' && openssl " + arguments + " >printed 2>&1").c_str()) == 0;
  }

  std::string directory_;
};

}  // namespace signet::crypto
