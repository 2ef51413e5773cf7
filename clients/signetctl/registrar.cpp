#include "signetctl/registrar.h"

#include <algorithm>
#include <boost/json/serialize.hpp>
#include <cstdlib>

#include "https/answer.h"
#include "signetctl/binary.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxFile = 64 * 1024;
constexpr std::size_t kMaxCredential = 4096;

std::string url_of(const RegistrarChoice& choice) {
  if (!choice.url.empty()) return choice.url;
  if (const char* url = ::getenv("SIGNET_REGISTRAR")) return url;
  throw WrongUsage{"--url is required: the registrar's URL, or SIGNET_REGISTRAR in the environment",
                   "Try 'signetctl registrar --help'."};
}

std::string read_credential(Session& session, const std::string& path) {
  const auto content = read_input(session, path, kMaxCredential);
  const std::string_view text = without_space_at_ends(as_text(content.view()));
  const bool fits = !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
  if (!fits) throw Failed{Errc::invalid_argument, "--credential-file " + path + ": must hold one line, NAME.SECRET"};
  return std::string{text};
}

}  // namespace

Registrar::Registrar(Session& session, const RegistrarChoice& choice) : session_{session} {
  auto origin = https::parse_origin(url_of(choice));
  if (!origin) throw Failed{Errc::invalid_argument, "--url " + origin.error().context};
  origin_ = *std::move(origin);
  if (!choice.ca.empty()) trusted_ = as_text(read_input(session, choice.ca, kMaxFile).view());
  if (!choice.credential.empty()) credential_ = read_credential(session, choice.credential);
}

Registrar::~Registrar() { wipe(credential_.data(), credential_.size()); }

https::Answer Registrar::send(const std::string& method, const std::string& path, const boost::json::value& body) {
  const std::chrono::duration<double> timeout{session_.options.timeout_s};
  return must(https::perform({.method = method,
                              .origin = origin_,
                              .path = path,
                              .body = body.is_null() ? "" : boost::json::serialize(body),
                              .credential = credential_,
                              .trusted = trusted_,
                              .timeout = std::chrono::duration_cast<std::chrono::milliseconds>(timeout)}));
}

boost::json::object Registrar::ask(const std::string& method, const std::string& path, const boost::json::value& body) {
  return must(https::json_of(send(method, path, body), origin_.host));
}

std::string Registrar::fetch(const std::string& method, const std::string& path) {
  auto answer = send(method, path, nullptr);
  if (!answer.good()) throw Failed{https::refusal(answer, origin_.host)};
  return std::move(answer.body);
}

}  // namespace signet::ctl
