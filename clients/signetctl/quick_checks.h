// What signetctl selftest runs without a vector file: does the shipped code compute what it should on this machine?
#pragma once

#include <string>
#include <vector>

namespace signet::ctl {

struct QuickCheck {
  std::string name;
  std::string reason;  // why it failed; empty when it passed
};

// Known answers of the cryptography, and one life of an emulated chip in memory. No daemon, no chip, no file.
std::vector<QuickCheck> run_quick_checks();

}  // namespace signet::ctl
