#include "fake_registrar.h"

#include <netinet/in.h>
#include <openssl/ssl.h>
#include <sys/socket.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <stdexcept>

namespace signet::testing {
namespace {

constexpr const char* kJson = "application/json";
// What a registration has to be made of: see FakeRpmbd. "Y2VydGlmaWNhdGU=" is "certificate".
constexpr const char* kReserved = R"({"id":"AAAAAAAAAAAAAAAAAAAAAA","challenge":"challenge","expires":4000000000})";
constexpr const char* kConfirmed = R"({"id":"AAAAAAAAAAAAAAAAAAAAAA","chain":["Y2VydGlmaWNhdGU="],"generation":1})";

// A client that has gone is no news here. For this thread only: whether the client's side raises SIGPIPE is tested.
void block_sigpipe() {
  sigset_t pipe;
  ::sigemptyset(&pipe);
  ::sigaddset(&pipe, SIGPIPE);
  ::pthread_sigmask(SIG_BLOCK, &pipe, nullptr);
}

void write_all(SSL* tls, const std::string& text) { SSL_write(tls, text.data(), static_cast<int>(text.size())); }

// The head and the body; false at the end of the connection.
bool read_request(SSL* tls, std::string& head, std::string& body) {
  std::string text;
  char chunk[4096];
  std::size_t end = std::string::npos;
  std::size_t length = 0;
  while (end == std::string::npos || text.size() < end + 4 + length) {
    const int count = SSL_read(tls, chunk, sizeof chunk);
    if (count <= 0) return false;
    text.append(chunk, static_cast<std::size_t>(count));
    if (end != std::string::npos || (end = text.find("\r\n\r\n")) == std::string::npos) continue;
    if (const auto at = text.find("Content-Length: "); at < end) length = std::stoul(text.substr(at + 16));
  }
  head = text.substr(0, end);
  body = text.substr(end + 4, length);
  return true;
}

}  // namespace

void FakeRegistrar::SslContextDeleter::operator()(ssl_ctx_st* context) const { SSL_CTX_free(context); }

FakeRegistrar::FakeRegistrar(ServerIdentity identity)
    : identity_{std::move(identity)},
      context_{SSL_CTX_new(TLS_server_method())},
      listener_{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)} {
  SSL_CTX_use_certificate(context_.get(), identity_.certificate.get());
  SSL_CTX_use_PrivateKey(context_.get(), identity_.key.get());
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* any = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener_.get(), any, size) != 0 || ::listen(listener_.get(), 16) != 0 ||
      ::getsockname(listener_.get(), any, &size) != 0) {
    throw std::runtime_error{"no socket to listen on"};
  }
  port_ = ntohs(address.sin_port);
  acceptor_ = std::thread{[this] { accept(); }};
}

FakeRegistrar::~FakeRegistrar() {
  stop_ = true;
  ::shutdown(listener_.get(), SHUT_RDWR);
  acceptor_.join();
  {
    const std::lock_guard lock{mutex_};
    for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
  }
  for (auto& connection : connections_) connection.join();
}

std::vector<std::string> FakeRegistrar::seen() const {
  const std::lock_guard lock{mutex_};
  return seen_;
}

std::string FakeRegistrar::last_head() const {
  const std::lock_guard lock{mutex_};
  return last_head_;
}

void FakeRegistrar::misbehave(const std::string& method, Fault fault) {
  const std::lock_guard lock{mutex_};
  faulty_method_ = method;
  fault_ = fault;
}

void FakeRegistrar::set_problem(int status, std::string body) {
  const std::lock_guard lock{mutex_};
  problem_status_ = status;
  problem_ = std::move(body);
}

void FakeRegistrar::set_answer(std::string body) {
  const std::lock_guard lock{mutex_};
  other_answer_ = std::move(body);
}

void FakeRegistrar::accept() {
  while (!stop_) {
    const int socket = ::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC);
    if (socket < 0) continue;
    const std::lock_guard lock{mutex_};
    sockets_.push_back(socket);
    connections_.emplace_back([this, socket] { serve(socket); });
  }
}

void FakeRegistrar::serve(int socket) {
  block_sigpipe();
  SSL* tls = SSL_new(context_.get());
  SSL_set_fd(tls, socket);
  if (SSL_accept(tls) == 1) converse(tls, socket);
  SSL_free(tls);
  const std::lock_guard lock{mutex_};
  std::erase(sockets_, socket);
  ::close(socket);
}

void FakeRegistrar::converse(SSL* tls, int socket) {
  std::string head;
  std::string body;
  while (read_request(tls, head, body)) {
    ++requests_;
    if (!answer(tls, head, body)) break;
  }
  ::shutdown(socket, SHUT_RDWR);  // without a word of TLS
}

// False: that was the end of the connection.
bool FakeRegistrar::answer(SSL* tls, const std::string& head, const std::string& body) {
  const std::string method = head.substr(0, head.find(' '));
  const std::string target = head.substr(method.size() + 1, head.find(' ', method.size() + 1) - method.size() - 1);
  Fault fault = Fault::none;
  std::string other;
  {
    const std::lock_guard lock{mutex_};
    seen_.push_back(method + " " + target);
    last_head_ = head;
    if (method == faulty_method_) fault = fault_;
    other = other_answer_;
  }
  if (fault != Fault::none) return misanswer(tls, fault);
  if (target == "/v1/registrations" && method == "POST") {
    const bool right = body.find(R"("request":"request")") != std::string::npos;
    return reply(tls, right ? "201 Created" : "400 Bad", kJson, right ? kReserved : "{}");
  }
  if (target == "/v1/registrations/AAAAAAAAAAAAAAAAAAAAAA" && method == "PUT") {
    const bool right = body.find(R"("ticket":"proof")") != std::string::npos;
    return reply(tls, right ? "200 OK" : "400 Bad", kJson, right ? kConfirmed : "{}");
  }
  return reply(tls, "200 OK", kJson, other);
}

bool FakeRegistrar::misanswer(SSL* tls, Fault fault) {
  const std::string whole = message("200 OK", kJson, kReserved);
  switch (fault) {
    case Fault::none: return true;
    case Fault::silent: {
      char ignored = 0;
      SSL_read(tls, &ignored, 1);  // until the client gives up
      return false;
    }
    case Fault::cut_before: return false;
    case Fault::cut_head: write_all(tls, whole.substr(0, 30)); return false;
    case Fault::cut_body: write_all(tls, whole.substr(0, whole.size() - 20)); return false;
    case Fault::status_500: return reply(tls, "500 Internal Server Error", "text/plain", "");
    case Fault::problem: {
      const std::lock_guard lock{mutex_};
      return reply(tls, std::to_string(problem_status_) + " Problem", "application/problem+json", problem_);
    }
    case Fault::redirect:
      write_all(tls, "HTTP/1.1 307 Temporary\r\nDate: " + date() + "\r\nLocation: " + url() +
                         "/v1/other\r\nContent-Length: 0\r\n\r\n");
      return true;
    case Fault::garbage_json: return reply(tls, "200 OK", kJson, "{\"id\":");
    case Fault::other_json: return reply(tls, "200 OK", kJson, R"({"hello":["world"]})");
    case Fault::html: return reply(tls, "200 OK", "text/html", "<html>Welcome!</html>");
    case Fault::huge: return reply(tls, "200 OK", kJson, std::string(1024 * 1024, ' '));
    case Fault::no_http: write_all(tls, "220 mail.example ESMTP\r\n"); return false;
  }
  return false;
}

std::string FakeRegistrar::date() const {
  const std::time_t now = std::time(nullptr) + clock_ahead_;
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[64];
  std::strftime(text, sizeof text, "%a, %d %b %Y %H:%M:%S GMT", &utc);
  return text;
}

std::string FakeRegistrar::message(const std::string& status, const std::string& type, const std::string& body) const {
  return "HTTP/1.1 " + status + "\r\nDate: " + date() + "\r\nContent-Type: " + type +
         "; charset=utf-8\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body;
}

bool FakeRegistrar::reply(SSL* tls, const std::string& status, const std::string& type, const std::string& body) const {
  write_all(tls, message(status, type, body));
  return true;
}

}  // namespace signet::testing
