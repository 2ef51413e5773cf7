// Octets in, requests out: HTTP/1.1 (RFC 9112) by Boost.Beast's parser, with limits. Knows no socket and no clock.
#pragma once

#include <memory>
#include <string_view>

#include "http/limits.h"
#include "http/reply.h"
#include "http/request.h"

namespace signet::http {

class RequestReader {
 public:
  enum class Stage : std::uint8_t { head, body, complete, failed };

  // `address_field`: the name of a field in which a proxy says who the client is; empty: none does.
  explicit RequestReader(const Limits& limits, std::string_view address_field = {});
  RequestReader(RequestReader&&) noexcept;
  ~RequestReader();

  // Takes octets from the front of `octets` and says how many. Stops where a head or a request ends, so that the caller
  // can judge the one and answer the other; 0 with the stage unchanged: more octets are needed, those that were not
  // taken among them.
  std::size_t feed(std::string_view octets);

  [[nodiscard]] Stage stage() const;
  [[nodiscard]] bool begun() const;            // an octet of the present request has been seen
  [[nodiscard]] bool awaits_continue() const;  // Expect: 100-continue, and nothing of the body has come
  // Complete from Stage::body on, but for the body.
  [[nodiscard]] Request& request();
  [[nodiscard]] const Reply& failure() const;  // after Stage::failed; the connection is of no more use

  void next();  // forgets the request; the next one may begin

 private:
  struct Parser;
  std::unique_ptr<Parser> parser_;
};

}  // namespace signet::http
