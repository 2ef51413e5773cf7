// A request as the handlers see it: complete, within the limits, and of nobody in particular.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace signet::http {

enum class Method : std::uint8_t { get, head, post, put, del, other };
std::string_view name(Method method);

struct Request {
  Method method = Method::other;
  std::string target;         // origin form: path and query as they were sent
  std::string authorization;  // the field's content; empty without one
  std::string content_type;
  std::string body;
  std::string peer;  // address of the client, for logs and limits
  bool keep_alive = true;
};

}  // namespace signet::http
