#include "http/request_reader.h"

#include <fmt/format.h>

#include <algorithm>
#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/address.hpp>
#include <boost/beast/core/string.hpp>
#include <boost/beast/http/basic_parser.hpp>
#include <boost/beast/http/error.hpp>
#include <optional>

#include "base/secret_bytes.h"
#include "http/problem.h"

namespace signet::http {
namespace {

namespace beast = boost::beast::http;
using boost::system::error_code;

// What Beast does not look at.
struct Rule {
  int status;
  const char* words;
};
constexpr Rule kTwice{400, "Host, Authorization and Content-Type must not occur twice"};
constexpr Rule kNoHost{400, "Host is required"};
constexpr Rule kTarget{400, "the target must be a path or an absolute URI"};
constexpr Rule kExpectation{417, "the only expectation is 100-continue"};

Method method_of(beast::verb verb) {
  switch (verb) {
    case beast::verb::get: return Method::get;
    case beast::verb::head: return Method::head;
    case beast::verb::post: return Method::post;
    case beast::verb::put: return Method::put;
    case beast::verb::delete_: return Method::del;
    default: return Method::other;
  }
}

// The path and query of an absolute URI; a proxy may send one (RFC 9112 section 3.2.2).
std::optional<std::string_view> origin_form(std::string_view target) {
  if (target.starts_with('/')) return target;
  const auto scheme = target.find("://");
  if (scheme == std::string_view::npos) return std::nullopt;
  const auto path = target.find('/', scheme + 3);
  return path == std::string_view::npos ? std::string_view{"/"} : target.substr(path);
}

// The last address of a list is the one that our own proxy has added; the others are the client's word.
void take_address(std::string_view list, std::string& peer) {
  list.remove_prefix(list.rfind(',') + 1);  // npos + 1 is 0
  list.remove_prefix(std::min(list.size(), list.find_first_not_of(' ')));
  error_code error;
  const auto address = boost::asio::ip::make_address(std::string{list}, error);
  if (!error) peer = address.to_string();
}

Reply refusal(const error_code& error, const Rule* broken, const Limits& limits) {
  if (error == beast::error::header_limit) {
    return problem({Errc::too_large, fmt::format("request head: at most {} octets", limits.head)}, 431);
  }
  if (error == beast::error::body_limit) {
    return problem({Errc::too_large, fmt::format("request body: at most {} octets", limits.body)});
  }
  if (error == beast::error::bad_version) {
    return problem({Errc::unsupported, "the version must be HTTP/1.0 or HTTP/1.1"}, 505);
  }
  return problem(
      {Errc::invalid_argument, "not a request of HTTP/1.1: " + (broken != nullptr ? broken->words : error.message())},
      broken != nullptr ? broken->status : 400);
}

}  // namespace

std::string_view name(Method method) {
  switch (method) {
    case Method::get: return "GET";
    case Method::head: return "HEAD";
    case Method::post: return "POST";
    case Method::put: return "PUT";
    case Method::del: return "DELETE";
    case Method::other: return "other";
  }
  return "";
}

struct RequestReader::Parser {
  // Beast's parser gives the parts of a request away as it finds them; ours keeps those that anybody here looks at.
  class Fields final : public beast::basic_parser<true> {
   public:
    explicit Fields(Parser& owner) : owner_{owner} {
      header_limit(owner.limits.head);
      body_limit(owner.limits.body);
    }

   private:
    using Text = boost::beast::string_view;
    static std::string_view view(Text text) { return {text.data(), text.size()}; }

    void on_request_impl(beast::verb method, Text /*name*/, Text target, int version, error_code& error) override {
      version_ = version;
      const auto origin = origin_form(view(target));
      if (!origin) return refuse(kTarget, error);
      owner_.request.method = method_of(method);
      owner_.request.target = *origin;
    }
    void on_response_impl(int, Text, int, error_code&) override {}
    void on_field_impl(beast::field field, Text name, Text value, error_code& error) override {
      if (head_over_) return;  // a trailer
      switch (field) {
        case beast::field::host: return once(has_host_, error);
        case beast::field::authorization:
          owner_.request.authorization = view(value);
          return once(has_authorization_, error);
        case beast::field::content_type:
          owner_.request.content_type = view(value);
          return once(has_content_type_, error);
        case beast::field::expect:
          if (!boost::beast::iequals(value, "100-continue")) return refuse(kExpectation, error);
          owner_.expects_continue = true;
          return;
        default:
          if (!owner_.address_field.empty() && boost::beast::iequals(name, owner_.address_field))
            take_address(view(value), owner_.request.peer);
      }
    }
    void once(bool& seen, error_code& error) {
      if (seen) refuse(kTwice, error);
      seen = true;
    }
    void refuse(const Rule& rule, error_code& error) {
      owner_.broken = &rule;
      error = beast::error::bad_value;
    }
    void on_header_impl(error_code& error) override {
      head_over_ = true;
      owner_.request.keep_alive = keep_alive();
      if (version_ == 11 && !has_host_) refuse(kNoHost, error);
    }
    void on_body_init_impl(const boost::optional<std::uint64_t>& size, error_code& /*error*/) override {
      if (size) owner_.request.body.reserve(*size);
    }
    std::size_t on_body_impl(Text body, error_code& /*error*/) override { return add(body); }
    void on_chunk_header_impl(std::uint64_t, Text, error_code&) override {}
    std::size_t on_chunk_body_impl(std::uint64_t, Text body, error_code& error) override {
      if (owner_.request.body.size() + body.size() > owner_.limits.body) error = beast::error::body_limit;
      return add(body);
    }
    void on_finish_impl(error_code& /*error*/) override {}
    std::size_t add(Text body) {
      owner_.request.body.append(body.data(), body.size());
      return body.size();
    }

    Parser& owner_;
    int version_ = 11;
    bool has_host_ = false;
    bool has_authorization_ = false;
    bool has_content_type_ = false;
    bool head_over_ = false;
  };

  Parser(const Limits& the_limits, std::string_view field) : limits{the_limits}, address_field{field} {
    fields.emplace(*this);
  }
  Parser(const Parser&) = delete;
  Parser& operator=(const Parser&) = delete;
  ~Parser() { wipe(request.authorization.data(), request.authorization.size()); }

  // Until the stage changes, or nothing more can be made of the octets.
  std::size_t feed(std::string_view octets) {
    std::size_t taken = 0;
    error_code error;
    for (const Stage before = stage; taken < octets.size() && stage == before && !error;) {
      taken += fields->put(boost::asio::buffer(octets.data() + taken, octets.size() - taken), error);
      body_begun = body_begun || (before == Stage::body && taken > 0);
      if (fields->is_done()) {
        stage = Stage::complete;
      } else if (fields->is_header_done()) {
        stage = Stage::body;
      }
    }
    if (error && error != beast::error::need_more) {
      stage = Stage::failed;
      failure = refusal(error, broken, limits);
    }
    return taken;
  }

  void next() {
    wipe(request.authorization.data(), request.authorization.size());
    request.authorization.clear();
    request.content_type.clear();
    request.body.clear();
    request.keep_alive = true;
    expects_continue = body_begun = false;
    stage = Stage::head;
    fields.emplace(*this);
  }

  Limits limits;
  std::string address_field;
  Request request;
  const Rule* broken = nullptr;
  bool expects_continue = false;
  bool body_begun = false;
  Stage stage = Stage::head;
  Reply failure;
  std::optional<Fields> fields;
};

RequestReader::RequestReader(const Limits& limits, std::string_view address_field)
    : parser_{std::make_unique<Parser>(limits, address_field)} {}
RequestReader::RequestReader(RequestReader&&) noexcept = default;
RequestReader::~RequestReader() = default;

std::size_t RequestReader::feed(std::string_view octets) {
  const bool over = parser_->stage == Stage::complete || parser_->stage == Stage::failed;
  return over || octets.empty() ? 0 : parser_->feed(octets);
}

RequestReader::Stage RequestReader::stage() const { return parser_->stage; }
bool RequestReader::begun() const { return parser_->fields->got_some(); }
bool RequestReader::awaits_continue() const {
  return parser_->stage == Stage::body && parser_->expects_continue && !parser_->body_begun;
}
Request& RequestReader::request() { return parser_->request; }
const Reply& RequestReader::failure() const { return parser_->failure; }
void RequestReader::next() { parser_->next(); }

}  // namespace signet::http
