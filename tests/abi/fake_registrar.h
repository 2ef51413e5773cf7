// A registrar over real TLS on this machine: knows the two requests of a registration, and misbehaves when told to.
#pragma once

#include <atomic>
#include <chrono>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/unique_fd.h"
#include "test_certificates.h"

struct ssl_ctx_st;
struct ssl_st;

namespace signet::testing {

class FakeRegistrar {
 public:
  enum class Fault {
    none,
    silent,        // never answers
    cut_before,    // closes the connection instead of answering
    cut_head,      // and after half of the head
    cut_body,      // and after half of the body
    status_500,    // without a word
    problem,       // the problem document of set_problem()
    redirect,      // to itself
    garbage_json,  // 200, application/json, and no JSON
    other_json,    // 200, JSON, and nothing of what is asked for
    html,          // 200, as the portal of a hotel answers
    huge,          // 1 MiB
    no_http,
  };

  explicit FakeRegistrar(ServerIdentity identity);
  FakeRegistrar(const FakeRegistrar&) = delete;
  FakeRegistrar& operator=(const FakeRegistrar&) = delete;
  ~FakeRegistrar();

  [[nodiscard]] std::string url() const { return "https://localhost:" + std::to_string(port_); }
  [[nodiscard]] int port() const { return port_; }
  [[nodiscard]] int requests() const { return requests_; }
  [[nodiscard]] std::vector<std::string> seen() const;  // "POST /v1/registrations"
  [[nodiscard]] std::string last_head() const;

  // From now on, for requests with this method.
  void misbehave(const std::string& method, Fault fault);
  void behave() { misbehave("", Fault::none); }
  void set_clock(std::chrono::seconds ahead) { clock_ahead_ = ahead.count(); }
  void set_problem(int status, std::string body);
  // For requests other than those of a registration: 200, JSON.
  void set_answer(std::string body);

 private:
  struct SslContextDeleter {
    void operator()(ssl_ctx_st* context) const;
  };

  void accept();
  void serve(int socket);
  void converse(ssl_st* tls, int socket);
  bool answer(ssl_st* tls, const std::string& head, const std::string& body);
  bool misanswer(ssl_st* tls, Fault fault);
  [[nodiscard]] std::string date() const;
  [[nodiscard]] std::string message(const std::string& status, const std::string& type, const std::string& body) const;
  bool reply(ssl_st* tls, const std::string& status, const std::string& type, const std::string& body) const;

  ServerIdentity identity_;
  std::unique_ptr<ssl_ctx_st, SslContextDeleter> context_;
  UniqueFd listener_;
  int port_ = 0;
  std::atomic<bool> stop_ = false;
  std::atomic<int> requests_ = 0;
  std::atomic<std::int64_t> clock_ahead_ = 0;

  mutable std::mutex mutex_;  // what follows is shared with the threads of the connections
  std::string faulty_method_;
  Fault fault_ = Fault::none;
  int problem_status_ = 400;
  std::string problem_;
  std::string other_answer_ = "{}";
  std::vector<std::string> seen_;
  std::string last_head_;
  std::vector<int> sockets_;
  std::vector<std::thread> connections_;
  std::thread acceptor_;
};

}  // namespace signet::testing
