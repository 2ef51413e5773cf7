// What stands behind a server.
#pragma once

#include <optional>

#include "http/reply.h"
#include "http/request.h"
#include "http/router.h"

namespace signet::http {

// What answers. Called from all threads of the server at once.
class Service {
 public:
  virtual ~Service() = default;
  // After the head, before the body is read: an answer ends the request here.
  virtual std::optional<Reply> admit(const Request& head) = 0;
  // Calls `done` exactly once, from whatever thread; `request` stays until then. Neither this nor the answer throws.
  virtual void handle(const Request& request, Done done) = 0;
};

}  // namespace signet::http
