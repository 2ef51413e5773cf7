// The HTTP API in front of the registrar: limits, who is asking, which handler. Knows no socket.
#pragma once

#include <atomic>
#include <boost/json/object.hpp>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "activation/registrar.h"
#include "activationd/config.h"
#include "activationd/findings.h"
#include "activationd/recent.h"
#include "base/clock.h"
#include "http/counters.h"
#include "http/problem.h"
#include "http/router.h"
#include "http/service.h"

namespace signet::activationd {

class Api final : public http::Service {
 public:
  Api(activation::Registrar& registrar, const RateConfig& rates, const Clock& clock);

  std::optional<http::Reply> admit(const http::Request& head) override;
  void handle(const http::Request& request, http::Done done) override;

  // For the metrics, once the server is there.
  void watch(const http::ConnectionCounters& connections) { connections_ = &connections; }
  // From now on /readyz says no, so that a balancer looks elsewhere.
  void close() { closing_ = true; }

  [[nodiscard]] const http::Router& router() const { return router_; }

 private:
  using Actor = activation::Actor;
  using Call = http::Call;
  using Done = http::Done;
  using OpenHandler = void (Api::*)(const Call&, Done);
  using ActorHandler = void (Api::*)(const Call&, const Actor&, Done);

  // The routes by file. api_devices.cpp, api_open.cpp, api_registration.cpp, api_verification.cpp
  void devices(const Call& call, const Actor& actor, Done done);
  void device(const Call& call, const Actor& actor, Done done);
  void block(const Call& call, const Actor& actor, Done done);
  void unblock(const Call& call, const Actor& actor, Done done);
  void release(const Call& call, const Actor& actor, Done done);
  void audit(const Call& call, const Actor& actor, Done done);

  void ca(const Call& call, Done done);
  void crl(const Call& call, Done done);
  void metrics(const Call& call, Done done);
  void healthz(const Call& call, Done done);
  void readyz(const Call& call, Done done);
  void openapi(const Call& call, Done done);

  void issue_sn_tickets(const Call& call, const Actor& actor, Done done);
  void reserve(const Call& call, Done done);
  void confirm(const Call& call, Done done);
  void cancel(const Call& call, const Actor& actor, Done done);

  void issue_nonce(const Call& call, const Actor& actor, Done done);
  void verify(const Call& call, const Actor& actor, Done done);

  std::vector<http::Route> routes();
  http::Route route(http::Method method, std::string pattern, OpenHandler handler);
  http::Route route(http::Method method, std::string pattern, ActorHandler handler);  // asks who is calling
  void with_actor(const Call& call, Done done, ActorHandler handler);

  http::Reply failure(const Error& error);
  // Turns a result of the registrar into an answer: `success`, or the problem.
  template <class T, class Success>
  activation::Done<T> answer(Done done, Success success) {
    return [this, done = std::move(done), success](Result<T> result) {
      done([this, success, result = std::move(result)]() -> http::Reply {
        if (!result) return failure(result.error());
        if constexpr (std::is_void_v<T>) {
          return success();
        } else {
          return success(*result);
        }
      });
    };
  }

  activation::Registrar& registrar_;
  const Clock& clock_;
  http::RateLimit address_limit_;
  http::RateLimit credential_limit_;
  Recent<Result<void>> checked_{std::chrono::seconds{1}};
  Recent<activation::Counts> counted_{std::chrono::seconds{5}};
  const http::Router router_;
  http::RequestCounters requests_;
  Findings findings_;
  const http::ConnectionCounters* connections_ = nullptr;
  std::atomic<bool> closing_ = false;
};

// An answer with a JSON body.
http::Reply json_reply(int status, const boost::json::object& object);

}  // namespace signet::activationd
