// Why there is no answer: one error for each stage on the way to a server.
#pragma once

#include <chrono>
#include <string>

#include "base/error.h"
#include "https/transfer.h"

namespace signet::https {

// What is known of a request that has failed.
struct Circumstances {
  int curl_code = 0;
  Stage stage = Stage::resolving;
  std::string host;
  std::string reason;            // libcurl's words
  long certificate_verdict = 0;  // of OpenSSL
  bool own_trust = false;        // a CA was given; the system's do not count
  bool too_large = false;
  std::chrono::milliseconds timeout{};
};

Error judge_failure(const Circumstances& facts);

}  // namespace signet::https
