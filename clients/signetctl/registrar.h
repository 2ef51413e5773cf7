// The registrar over HTTPS, for its operators.
#pragma once

#include <boost/json/object.hpp>
#include <string>

#include "https/transfer.h"
#include "signetctl/session.h"

namespace signet::ctl {

struct RegistrarChoice {
  std::string url;         // empty: SIGNET_REGISTRAR of the environment
  std::string ca;          // file, PEM; empty: the system's CAs
  std::string credential;  // file; empty: none
};

class Registrar {
 public:
  // Reads the files. Throws Failed: invalid_argument, not_found, access_denied; WrongUsage: there is no URL.
  Registrar(Session& session, const RegistrarChoice& choice);
  ~Registrar();

  // Sends a request and waits; at most the session's timeout. `body`: null for none. Throws Failed: an error on the
  // way, or what the registrar refuses with.
  boost::json::object ask(const std::string& method, const std::string& path, const boost::json::value& body = nullptr);
  // The same, for an answer that is not JSON (or none at all).
  std::string fetch(const std::string& method, const std::string& path);

 private:
  https::Answer send(const std::string& method, const std::string& path, const boost::json::value& body);

  Session& session_;
  https::Origin origin_;
  std::string trusted_;
  std::string credential_;
};

}  // namespace signet::ctl
