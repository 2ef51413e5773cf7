// A JSON body, judged: what is expected of each member is said once, beside where its value goes.
#pragma once

#include <boost/json/object.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "http/request.h"

namespace signet::activationd {

// The JSON object in the body of a request, without a member that occurs twice and without deep nesting. Error:
// invalid_argument: another Content-Type, not JSON.
Result<boost::json::object> body_of(const http::Request& request);

// Call the readers for the members, then finish(). The first broken rule is kept. Members that nobody asks for are
// ignored.
class Members {
 public:
  explicit Members(const boost::json::object& object) : object_{object} {}

  // Required, a string of at most `most` octets.
  void text(std::string_view member, std::string& out, std::size_t most);
  void optional_text(std::string_view member, std::optional<std::string>& out, std::size_t most);
  // A list of 1 to `most` strings of at most `octets` each; left alone without the member.
  void optional_texts(std::string_view member, std::vector<std::string>& out, std::size_t most, std::size_t octets);
  // For rules of the caller's own, "MEMBER: RULE".
  void reject(std::string_view member, const std::string& rule);

  // Error: invalid_argument, "MEMBER: RULE".
  Result<void> finish();

 private:
  std::optional<std::string> read(std::string_view member, const boost::json::value& value, std::size_t most);

  const boost::json::object& object_;
  std::optional<Error> error_;
};

}  // namespace signet::activationd
