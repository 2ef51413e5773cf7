// Which handler answers a request: by method and path, with the parts of the path and the query taken apart.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/result.h"
#include "http/reply.h"
#include "http/request.h"

namespace signet::http {

// How a handler answers: exactly once, on any thread. The answer is made on the connection's own thread, so that
// whoever calls is not held up by it.
using Answer = std::function<Reply()>;
using Done = std::function<void(Answer)>;
inline void answer_now(const Done& done, Reply reply) {
  done([reply = std::move(reply)] { return reply; });
}

// What a handler gets; good until the handler returns.
struct Call {
  const Request& request;
  std::vector<std::string> parts;            // what stands in place of the {} of the pattern, percent-decoded
  std::map<std::string, std::string> query;  // percent-decoded; every name at most once
};
using Handler = std::function<void(const Call& call, Done done)>;

struct Route {
  Method method;
  std::string pattern;  // "/v1/devices/{ueid}/block"
  Handler handler;
};

class Router {
 public:
  explicit Router(std::vector<Route> routes);

  [[nodiscard]] const std::vector<Route>& routes() const { return routes_; }

  // The route of the request and the call for it. HEAD finds the route of GET.
  struct Found {
    std::size_t route;
    Call call;
  };
  // Otherwise the answer: 404; 405 with Allow; 400 for a target that cannot be decoded.
  struct Missed {
    Reply reply;
  };
  [[nodiscard]] std::variant<Found, Missed> find(const Request& request) const;

 private:
  struct Pattern {
    std::vector<std::string> segments;  // "" matches anything that is not empty
  };

  std::vector<Route> routes_;
  std::vector<Pattern> patterns_;
};

// Percent-decoding (RFC 3986 section 2.1). Nothing for a % without two digits, or a zero octet.
std::optional<std::string> percent_decode(std::string_view text);

}  // namespace signet::http
