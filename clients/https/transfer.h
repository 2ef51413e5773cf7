// One HTTP request and its answer.
#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "base/result.h"
#include "base/secret_bytes.h"
#include "https/network.h"
#include "https/url.h"

using CURL = void;
struct curl_slist;

namespace signet::https {

inline constexpr std::size_t kMaxAnswer = 64 * 1024;  // octets, of the head and of the body each

struct Request {
  std::string method = "GET";
  Origin origin;
  std::string path;             // "/v1/registrations", appended to the origin
  std::string body = {};        // JSON; empty: none. Wiped afterwards
  std::string credential = {};  // for Authorization: Bearer; empty: none. Wiped afterwards
  std::string trusted = {};     // PEM, the only CAs that count; empty: the system's
  std::chrono::milliseconds timeout{30'000};
};

struct Answer {
  int status = 0;
  std::string content_type;  // without parameters, in lower case
  std::string body;
  std::optional<std::chrono::seconds> clock_ahead;  // our clock minus the Date of the answer

  [[nodiscard]] bool good() const { return status >= 200 && status < 300; }
};

// How far a request has come.
enum class Stage : std::uint8_t { resolving, connecting, securing, asking, answering };

class Transfer {
 public:
  // Starts. TLS 1.2 or later, redirects are not followed, a proxy is taken from the environment as libcurl does, but
  // not on the way to this very machine over plain HTTP. `network`: outlives this.
  Transfer(Network& network, Request request);
  Transfer(const Transfer&) = delete;
  Transfer& operator=(const Transfer&) = delete;
  ~Transfer();  // gives up, at once

  [[nodiscard]] bool done() const { return done_; }
  // Once done. Any answer at all is a value, whatever its status. Errors: net_dns, net_connect, net_tls, clock_skew,
  // net_http (no HTTP, too large, cut off), timeout; the text says what happened, where, and what to do next.
  Result<Answer> take();
  [[nodiscard]] Stage stage() const;

  void ended(int curl_code);

 private:
  void describe();
  void describe_trust();
  static std::size_t on_header(char* line, std::size_t one, std::size_t size, void* self) noexcept;
  static std::size_t on_body(char* data, std::size_t one, std::size_t size, void* self) noexcept;
  static int on_tls(CURL* easy, void* context, void* self) noexcept;
  static int on_request(void* self, char*, char*, int, int) noexcept;
  void take_header(std::string_view line);

  Network& network_;
  Request request_;
  std::string url_;
  CURL* easy_;
  curl_slist* headers_ = nullptr;
  bool connected_ = false;  // TLS has begun
  bool requested_ = false;  // the connection is there
  bool too_large_ = false;
  std::size_t head_size_ = 0;
  Answer answer_;
  bool done_ = false;
  int code_ = 0;
  std::array<char, 256> reason_{};  // CURL_ERROR_SIZE
};

// Turns `network`, whose sockets `watch` has, until `transfer` is done.
void wait_for(const Transfer& transfer, Network& network, const Watch& watch);

// Carries out one request and waits for it. `reached`: how far it came, if wanted.
Result<Answer> perform(Request request, Stage* reached = nullptr);

}  // namespace signet::https
