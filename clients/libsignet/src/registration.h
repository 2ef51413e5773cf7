// Registration as one call: a dialogue of rpmbd (over the bus) and the registrar (over HTTPS), in which this library
// carries the messages and cannot change any. See docs/registration.md, "Registration".
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "call.h"
#include "https/answer.h"
#include "outcome.h"

namespace signet::client {

class Registration {
 public:
  using Clock = signet_call::Clock;

  // `begin`: the call of Begin, already under way. `client` outlives this.
  Registration(signet_client& client, std::unique_ptr<signet_call> begin, Clock::time_point deadline);
  Registration(const Registration&) = delete;
  Registration& operator=(const Registration&) = delete;
  ~Registration();  // gives up the step that is under way

  // Whether the present step has ended.
  [[nodiscard]] bool ready() const;
  // Takes the answer of the present step and starts the next one. How it has ended, when it has. Only when ready().
  std::optional<Outcome> advance();
  // "begin", "reserve", "prove", "confirm", "complete", "check"
  [[nodiscard]] const char* stage() const;
  [[nodiscard]] std::uint64_t generation() const { return generation_; }  // 0: the registrar has not said

 private:
  enum class Step : std::uint8_t { begin, reserve, prove, confirm, complete, check };
  using Ended = std::optional<Outcome>;

  Ended begun();
  Ended reserved();
  Ended proven();
  Ended confirmed();
  Ended completed();
  Ended checked();

  Ended ask_daemon(Step step, const Operation& operation);
  Ended ask_registrar(Step step, std::string method, std::string path, std::string body);
  Result<boost::json::object> registrars_answer();
  [[nodiscard]] Outcome judged(const Outcome& refusal) const;
  [[nodiscard]] std::chrono::milliseconds time_left() const;
  int put_arguments(sd_bus_message* message) const;

  signet_client& client_;
  Clock::time_point deadline_;
  Step step_ = Step::begin;
  std::unique_ptr<signet_call> daemon_step_;
  std::unique_ptr<https::Transfer> network_step_;

  https::Origin origin_;
  std::string trusted_;  // PEM
  std::string id_;       // of the registration; secret
  std::string challenge_;
  std::vector<std::string> chain_;  // base64 of DER
  std::string clock_remark_;        // of the registrar's last answer
  bool clock_is_off_ = false;
  std::uint64_t generation_ = 0;
  Outcome completion_{SIGNET_OK, {}};  // of Complete, when its answer is missing
};

}  // namespace signet::client
