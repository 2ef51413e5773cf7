#include "https/failure.h"

#include <curl/curl.h>

#include <ctime>

namespace signet::https {
namespace {

// X509_V_ERR_CERT_NOT_YET_VALID and _HAS_EXPIRED: numbers of OpenSSL's interface, which libcurl hands through.
constexpr long kNotYetValid = 9;
constexpr long kExpired = 10;

constexpr const char* kTryAgain = "; try again";

std::string our_time() {
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  ::gmtime_r(&now, &utc);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S UTC", &utc);
  return text;
}

Error no_name(const Circumstances& facts, const std::string& why) {
  return {Errc::net_dns, "the host name " + facts.host + " cannot be resolved (" + why +
                             "); check the network connection and the name server of this device, and whether its SIM "
                             "or firewall lets it ask"};
}

Error no_connection(const Circumstances& facts, const std::string& why) {
  return {Errc::net_connect,
          facts.host + " cannot be connected to (" + why +
              "); check whether the SIM's or firewall's allow-list has this host and port, whether a "
              "proxy is needed (https_proxy), and whether the registrar runs"};
}

Error no_trust(const Circumstances& facts) {
  if (facts.certificate_verdict == kNotYetValid) {
    return {Errc::clock_skew, "the certificate of " + facts.host + " is not valid yet: the clock of this device says " +
                                  our_time() + "; set the clock"};
  }
  if (facts.certificate_verdict == kExpired) {
    return {Errc::clock_skew, "the certificate of " + facts.host +
                                  " has expired if it is now, as the clock of this device says, " + our_time() +
                                  "; set the clock or, if it is right, let the registrar's operator renew the "
                                  "certificate"};
  }
  return {Errc::net_tls,
          "no trusted connection to " + facts.host + " (" + facts.reason + "); " +
              (facts.own_trust ? "the CA that is configured for this registrar has not signed its certificate: correct "
                                 "tls_ca, or look for who is in between"
                               : "configure the CA that has signed its certificate (tls_ca), or look for who is in "
                                 "between")};
}

Error too_late(const Circumstances& facts) {
  const auto after = "no answer in " + std::to_string(facts.timeout.count()) + " ms";
  switch (facts.stage) {
    case Stage::resolving: return no_name(facts, after);
    case Stage::connecting: return no_connection(facts, after);
    case Stage::securing:
      return {Errc::timeout, facts.host + " did not finish the TLS handshake in time; try again or allow more time"};
    case Stage::asking:
      return {Errc::timeout, facts.host + " did not answer the request in time; try again or allow more time"};
    case Stage::answering: break;
  }
  return {Errc::timeout, facts.host + " did not finish its answer in time; try again or allow more time"};
}

Error cut_off(const Circumstances& facts) {
  switch (facts.stage) {
    case Stage::resolving: return no_name(facts, facts.reason);
    case Stage::connecting: return no_connection(facts, facts.reason);
    case Stage::securing:
      return {Errc::net_tls, "the TLS handshake with " + facts.host + " was broken off (" + facts.reason +
                                 "); check whether a proxy or firewall is in between, and try again"};
    case Stage::asking:
      return {Errc::net_http,
              facts.host + " closed the connection without an answer (" + facts.reason + ")" + kTryAgain};
    case Stage::answering: break;
  }
  return {Errc::net_http, "the connection to " + facts.host + " was lost in the middle of the answer (" + facts.reason +
                              ")" + kTryAgain};
}

}  // namespace

Error judge_failure(const Circumstances& facts) {
  if (facts.too_large) {
    return {Errc::net_http, "the answer of " + facts.host + " has more than " + std::to_string(kMaxAnswer) +
                                " octets: this is no registrar; check its URL"};
  }
  switch (static_cast<CURLcode>(facts.curl_code)) {
    case CURLE_COULDNT_RESOLVE_HOST: return no_name(facts, facts.reason);
    case CURLE_COULDNT_RESOLVE_PROXY:
      return {Errc::net_dns, "the host name of the proxy cannot be resolved (" + facts.reason +
                                 "); correct https_proxy in the environment"};
    case CURLE_COULDNT_CONNECT:
    case CURLE_PROXY: return no_connection(facts, facts.reason);
    case CURLE_OPERATION_TIMEDOUT: return too_late(facts);
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_CONNECT_ERROR:
    case CURLE_SSL_CERTPROBLEM:
    case CURLE_SSL_CIPHER:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_INVALIDCERTSTATUS: return no_trust(facts);
    case CURLE_SSL_CACERT_BADFILE:
      return {Errc::net_tls, "the configured CA of the registrar (tls_ca) is not a certificate in PEM; correct it"};
    case CURLE_UNSUPPORTED_PROTOCOL:
    case CURLE_WEIRD_SERVER_REPLY:
    case CURLE_HTTP2:
      return {Errc::net_http, facts.host + " does not speak HTTP (" + facts.reason + "); check the registrar's URL"};
    case CURLE_OUT_OF_MEMORY: return {Errc::internal, "no memory is left"};
    default: return cut_off(facts);
  }
}

}  // namespace signet::https
