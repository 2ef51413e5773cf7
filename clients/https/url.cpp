#include "https/url.h"

#include <curl/curl.h>

#include <memory>

#include "base/loopback.h"

namespace signet::https {
namespace {

struct UrlDeleter {
  void operator()(CURLU* url) const { curl_url_cleanup(url); }
};
using Url = std::unique_ptr<CURLU, UrlDeleter>;

std::string part(const Url& url, CURLUPart which) {
  char* text = nullptr;
  if (curl_url_get(url.get(), which, &text, 0) != CURLUE_OK) return "";
  std::string result{text};
  curl_free(text);
  return result;
}

}  // namespace

Result<Origin> parse_origin(const std::string& text) {
  const auto refuse = [&](const std::string& rule) {
    return fail(Errc::invalid_argument, "\"" + text + "\": " + rule);
  };
  const Url url{curl_url()};
  if (!url || curl_url_set(url.get(), CURLUPART_URL, text.c_str(), 0) != CURLUE_OK) {
    return refuse("is not an absolute URL such as https://registrar.example");
  }
  const std::string scheme = part(url, CURLUPART_SCHEME);
  const std::string host = part(url, CURLUPART_HOST);
  if (scheme != "https" && scheme != "http") return refuse("must begin with https://");
  if (scheme == "http" && !is_loopback_host(host))
    return refuse("must begin with https://; http is for this machine alone");
  for (const auto which : {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY, CURLUPART_FRAGMENT}) {
    if (!part(url, which).empty()) return refuse("must have no user, password, query or fragment");
  }
  std::string base = part(url, CURLUPART_URL);
  base.resize(base.find_last_not_of('/') + 1);
  return Origin{.base = std::move(base), .host = host, .encrypted = scheme == "https"};
}

std::string escaped(std::string_view text) {
  if (text.empty()) return "";  // a length of 0 would mean strlen()
  char* safe = curl_easy_escape(nullptr, text.data(), static_cast<int>(text.size()));
  std::string result{safe ? safe : ""};
  curl_free(safe);
  return result;
}

}  // namespace signet::https
