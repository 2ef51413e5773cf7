#include "https/transfer.h"

#include <curl/curl.h>
#include <poll.h>

#include <algorithm>
#include <cctype>
#include <climits>
#include <cstring>
#include <ctime>
#include <new>

#include "https/failure.h"

namespace signet::https {
namespace {

std::string lower(std::string_view text) {
  std::string result{text};
  std::transform(result.begin(), result.end(), result.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return result;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && std::isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

curl_slist* with_header(curl_slist* list, const std::string& header) {
  curl_slist* longer = curl_slist_append(list, header.c_str());
  if (longer) return longer;
  curl_slist_free_all(list);
  throw std::bad_alloc{};
}

bool has_address(CURL* easy) {
  curl_off_t microseconds = 0;
  curl_easy_getinfo(easy, CURLINFO_NAMELOOKUP_TIME_T, &microseconds);
  return microseconds > 0;
}

}  // namespace

Transfer::Transfer(Network& network, Request request)
    : network_{network},
      request_{std::move(request)},
      url_{request_.origin.base + request_.path},
      easy_{curl_easy_init()} {
  static_assert(sizeof reason_ >= CURL_ERROR_SIZE);
  if (!easy_) throw std::bad_alloc{};
  describe();
  describe_trust();
  curl_multi_add_handle(network_.handle(), easy_);
}

Transfer::~Transfer() {
  curl_multi_remove_handle(network_.handle(), easy_);
  curl_easy_cleanup(easy_);
  for (curl_slist* header = headers_; header; header = header->next) wipe(header->data, std::strlen(header->data));
  curl_slist_free_all(headers_);
  wipe(request_.body.data(), request_.body.size());
  wipe(request_.credential.data(), request_.credential.size());
}

void Transfer::describe() {
  curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
  curl_easy_setopt(easy_, CURLOPT_URL, url_.c_str());
  curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, request_.origin.encrypted ? "https" : "http");
  if (!request_.origin.encrypted) curl_easy_setopt(easy_, CURLOPT_PROXY, "");
  curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, long{CURL_HTTP_VERSION_1_1});
  curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);    // signals are the program's, not ours
  curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);  // do not wait for a name server when a transfer is given up
  curl_easy_setopt(easy_, CURLOPT_TIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, request_.timeout.count())));
  curl_easy_setopt(easy_, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy_, CURLOPT_ERRORBUFFER, reason_.data());
  curl_easy_setopt(easy_, CURLOPT_USERAGENT, "signet/" SIGNET_LIBRARY_VERSION);
  curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, on_header);
  curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
  curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, on_body);
  curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
  curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, on_request);
  curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);

  headers_ = with_header(headers_, "Expect:");
  if (!request_.credential.empty()) {
    std::string header = "Authorization: Bearer " + request_.credential;
    headers_ = with_header(headers_, header);
    wipe(header.data(), header.size());
  }
  if (!request_.body.empty()) {
    headers_ = with_header(headers_, "Content-Type: application/json");
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.data());
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
  } else if (request_.method == "POST") {
    curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, "");
  }
  curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
  curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, headers_);
}

void Transfer::describe_trust() {
  curl_easy_setopt(easy_, CURLOPT_SSLVERSION, long{CURL_SSLVERSION_TLSv1_2});
  curl_easy_setopt(easy_, CURLOPT_SSL_CTX_FUNCTION, on_tls);
  curl_easy_setopt(easy_, CURLOPT_SSL_CTX_DATA, this);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
  if (request_.trusted.empty()) return;
  curl_blob pem{request_.trusted.data(), request_.trusted.size(), CURL_BLOB_NOCOPY};
  curl_easy_setopt(easy_, CURLOPT_CAINFO_BLOB, &pem);
  curl_easy_setopt(easy_, CURLOPT_CAINFO, nullptr);
  curl_easy_setopt(easy_, CURLOPT_CAPATH, nullptr);  // or the system's CAs would count as well
}

// The context is left as it is; libcurl's own times do not tell TCP from TLS.
int Transfer::on_tls(CURL*, void*, void* self) noexcept {
  static_cast<Transfer*>(self)->connected_ = true;
  return CURLE_OK;
}

int Transfer::on_request(void* self, char*, char*, int, int) noexcept {
  static_cast<Transfer*>(self)->requested_ = true;
  return CURL_PREREQFUNC_OK;
}

std::size_t Transfer::on_header(char* line, std::size_t, std::size_t size, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  transfer.head_size_ += size;
  if (transfer.head_size_ > kMaxAnswer) transfer.too_large_ = true;
  try {
    transfer.take_header({line, size});
  } catch (const std::exception&) {
    return 0;
  }
  return transfer.too_large_ ? 0 : size;
}

void Transfer::take_header(std::string_view line) {
  if (line.starts_with("HTTP/")) {  // another head, after one of "100 Continue"
    answer_.clock_ahead.reset();
    answer_.content_type.clear();
    return;
  }
  const auto colon = line.find(':');
  if (colon == std::string_view::npos) return;
  const std::string name = lower(line.substr(0, colon));
  const std::string value{trimmed(line.substr(colon + 1))};
  if (name == "content-type") answer_.content_type = lower(trimmed(std::string_view{value}.substr(0, value.find(';'))));
  if (name != "date") return;
  const std::time_t theirs = curl_getdate(value.c_str(), nullptr);
  if (theirs >= 0) answer_.clock_ahead = std::chrono::seconds{std::time(nullptr) - theirs};
}

std::size_t Transfer::on_body(char* data, std::size_t, std::size_t size, void* self) noexcept {
  auto& transfer = *static_cast<Transfer*>(self);
  if (size > kMaxAnswer - transfer.answer_.body.size()) {
    transfer.too_large_ = true;
    return 0;
  }
  try {
    transfer.answer_.body.append(data, size);
  } catch (const std::exception&) {
    return 0;
  }
  return size;
}

void Transfer::ended(int curl_code) {
  code_ = curl_code;
  done_ = true;
}

Stage Transfer::stage() const {
  if (head_size_ > 0) return Stage::answering;
  if (requested_) return Stage::asking;
  if (connected_) return Stage::securing;
  return has_address(easy_) ? Stage::connecting : Stage::resolving;
}

Result<Answer> Transfer::take() {
  long verdict = 0;
  curl_easy_getinfo(easy_, CURLINFO_SSL_VERIFYRESULT, &verdict);
  if (too_large_ || code_ != CURLE_OK) {
    return fail(judge_failure({.curl_code = code_,
                               .stage = stage(),
                               .host = request_.origin.host,
                               .reason = reason_.data(),
                               .certificate_verdict = verdict,
                               .own_trust = !request_.trusted.empty(),
                               .too_large = too_large_,
                               .timeout = request_.timeout}));
  }
  long status = 0;
  curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
  answer_.status = static_cast<int>(status);
  return std::move(answer_);
}

void wait_for(const Transfer& transfer, Network& network, const Watch& watch) {
  while (!transfer.done()) {
    const auto left = network.next_wake() - Network::Clock::now();
    const auto rounded = std::chrono::ceil<std::chrono::milliseconds>(left).count();
    pollfd ready{watch.descriptor(), POLLIN, 0};
    ::poll(&ready, 1, static_cast<int>(std::clamp<std::int64_t>(rounded, 0, INT_MAX)));
    network.turn();
  }
}

Result<Answer> perform(Request request, Stage* reached) {
  const Watch watch;
  Network network{watch};
  Transfer transfer{network, std::move(request)};
  wait_for(transfer, network, watch);
  if (reached) *reached = transfer.stage();
  return transfer.take();
}

}  // namespace signet::https
