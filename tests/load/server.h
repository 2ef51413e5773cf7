// The registrar under load: one thread's connection to it, kept alive from request to request.
#pragma once

#include <boost/json/object.hpp>

#include "https/answer.h"
#include "https/network.h"
#include "https/transfer.h"

namespace signet::load {

struct Address {
  https::Origin origin;
  std::string tls_ca;  // PEM
};

class Server {
 public:
  explicit Server(const Address& address) : address_{address} {}

  // The JSON of an answer; an error says why there is none (docs/registration.md, "HTTP").
  Result<boost::json::object> ask(std::string method, std::string path, const boost::json::object* body = nullptr,
                                  std::string credential = {});

 private:
  const Address& address_;
  https::Watch watch_;
  https::Network network_{watch_};
};

}  // namespace signet::load
