// activationd.toml, judged in full before anything is done with it (activationd.toml(5)).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "activation/registrar.h"
#include "base/result.h"
#include "http/limits.h"
#include "http/rate_limit.h"

namespace signet::activationd {

struct ListenConfig {
  std::string address = "::";
  std::uint16_t port = 8443;
  bool plain = false;
  std::string certificate = "/etc/signet/activationd.crt";
  std::string key = "/etc/signet/activationd.key";
  std::string address_field;  // only with `plain`
  unsigned threads = 2;
};

struct RateConfig {
  http::Rate address{20, 60};
  http::Rate credential{200, 400};
};

struct Config {
  ListenConfig listen;
  http::Limits limits;
  RateConfig rates;
  activation::RegistrarConfig registrar;                       // [registrar] and [policy]
  std::string master_file = "/etc/signet/activationd-master";  // used when there is no credential
};

// Error: config_invalid, "file:line: key: rule".
Result<Config> load_config(const std::string& path);
Result<Config> parse_config(std::string_view text, const std::string& file);

}  // namespace signet::activationd
