#include "registration.h"

#include <boost/json/array.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <cstring>

#include "base/base64.h"
#include "client.h"

namespace signet::client {
namespace {

constexpr std::size_t kIdSize = 22;
constexpr std::size_t kMaxChain = 4;

Outcome outcome_of(const Error& error) { return {static_cast<int>(error.code), error.context}; }

std::string text_of(const signet_call& call, const char* field) {
  const char* text = signet_result_string(call.result(), 0, field);
  return text ? text : "";
}

std::string json_text(std::string_view name, const std::string& value) {
  return boost::json::serialize(boost::json::object{{name, value}});
}

bool is_id(std::string_view text) {
  return text.size() == kIdSize && std::all_of(text.begin(), text.end(), [](char c) {
           return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' || c == '_';
         });
}

bool has_no_answer(int status) {
  return status == SIGNET_E_OUTCOME_UNKNOWN || status == SIGNET_E_TIMEOUT || status == SIGNET_E_NO_SERVICE;
}

// What rpmbd says of the registrar's messages when it is our clock that is wrong.
bool clock_can_be_the_cause(int status) {
  return status == SIGNET_E_REGISTRAR_UNTRUSTED || status == SIGNET_E_CERTIFICATE_INVALID ||
         status == SIGNET_E_TICKET_INVALID;
}

}  // namespace

Registration::Registration(signet_client& client, std::unique_ptr<signet_call> begin, Clock::time_point deadline)
    : client_{client}, deadline_{deadline}, daemon_step_{std::move(begin)} {}

Registration::~Registration() { wipe(id_.data(), id_.size()); }

bool Registration::ready() const { return daemon_step_ ? !daemon_step_->pending() : network_step_->done(); }

const char* Registration::stage() const {
  switch (step_) {
    case Step::begin: return "begin";
    case Step::reserve: return "reserve";
    case Step::prove: return "prove";
    case Step::confirm: return "confirm";
    case Step::complete: return "complete";
    case Step::check: return "check";
  }
  return "";
}

std::optional<Outcome> Registration::advance() {
  if (daemon_step_ && daemon_step_->outcome().status != SIGNET_OK && step_ != Step::complete && step_ != Step::check) {
    return judged(daemon_step_->outcome());
  }
  switch (step_) {
    case Step::begin: return begun();
    case Step::reserve: return reserved();
    case Step::prove: return proven();
    case Step::confirm: return confirmed();
    case Step::complete: return completed();
    case Step::check: return checked();
  }
  return Outcome{SIGNET_E_INTERNAL, "a registration without a step"};
}

// ---- The steps, each from the answer of one to the question of the next ---------------------------------------------

Registration::Ended Registration::begun() {
  const std::string request = text_of(*daemon_step_, "request");
  if (request.empty()) return Outcome{SIGNET_OK, {}};  // complete: only its end was missed
  const std::string url = text_of(*daemon_step_, "registrar.url");
  auto origin = https::parse_origin(url);
  if (!origin) {
    return Outcome{SIGNET_E_CONFIG_INVALID,
                   "the URL of the registrar in rpmbd's configuration, " + origin.error().context + "; correct it"};
  }
  origin_ = *std::move(origin);
  trusted_ = text_of(*daemon_step_, "registrar.tls_ca");
  return ask_registrar(Step::reserve, "POST", "/v1/registrations", json_text("request", request));
}

Registration::Ended Registration::reserved() {
  const auto answer = registrars_answer();
  if (!answer) return outcome_of(answer.error());
  auto id = https::text_member(*answer, "id", origin_.host);
  if (!id) return outcome_of(id.error());
  if (!is_id(*id)) {
    return Outcome{SIGNET_E_NET_HTTP, "the answer of " + origin_.host +
                                          " has an \"id\" that is not 22 characters of "
                                          "base64url; is this the registrar, and of the same version?"};
  }
  auto challenge = https::text_member(*answer, "challenge", origin_.host);
  if (!challenge) return outcome_of(challenge.error());
  id_ = *std::move(id);
  challenge_ = *std::move(challenge);
  return ask_daemon(Step::prove, op::kIdentityProve);
}

Registration::Ended Registration::proven() {
  const std::string ticket = text_of(*daemon_step_, "ticket");
  if (ticket.empty()) return Outcome{SIGNET_OK, {}};  // another process was faster
  return ask_registrar(Step::confirm, "PUT", "/v1/registrations/" + id_, json_text("ticket", ticket));
}

Registration::Ended Registration::confirmed() {
  const auto answer = registrars_answer();
  if (!answer) return outcome_of(answer.error());
  const auto* chain = answer->if_contains("chain");
  const auto* certificates = chain ? chain->if_array() : nullptr;
  if (!certificates || certificates->empty() || certificates->size() > kMaxChain ||
      !std::all_of(certificates->begin(), certificates->end(), [](const auto& item) { return item.is_string(); })) {
    return Outcome{SIGNET_E_NET_HTTP, "the answer of " + origin_.host +
                                          " has no \"chain\" of 1 to 4 certificates; is "
                                          "this the registrar, and of the same version?"};
  }
  for (const auto& item : *certificates) chain_.emplace_back(item.get_string());
  const auto* generation = answer->if_contains("generation");
  if (generation && generation->is_int64() && generation->get_int64() > 0) {
    generation_ = static_cast<std::uint64_t>(generation->get_int64());
  }
  return ask_daemon(Step::complete, op::kIdentityComplete);
}

Registration::Ended Registration::completed() {
  const Outcome& outcome = daemon_step_->outcome();
  if (outcome.status == SIGNET_OK) return outcome;
  if (!has_no_answer(outcome.status) || time_left() <= std::chrono::milliseconds{1}) return judged(outcome);
  completion_ = outcome;  // a retry would be a second registration, so first look
  return ask_daemon(Step::check, op::kIdentityInfo);
}

// The answer of Complete is lost. If rpmbd has the certificate, all is well.
Registration::Ended Registration::checked() {
  if (daemon_step_->outcome().status == SIGNET_OK && text_of(*daemon_step_, "state") == "confirmed") {
    std::size_t size = 0;
    const std::uint8_t* der = signet_result_bytes(daemon_step_->result(), 0, "certificate", &size);
    if (der && to_base64(BytesView{der, size}) == chain_.front()) return Outcome{SIGNET_OK, {}};
  }
  return completion_;
}

// ---- Asking ---------------------------------------------------------------------------------------------------------

int Registration::put_arguments(sd_bus_message* message) const {
  if (step_ == Step::prove) return sd_bus_message_append_basic(message, 's', challenge_.c_str());
  if (step_ != Step::complete) return 0;
  if (const int opened = sd_bus_message_open_container(message, 'a', "s"); opened < 0) return opened;
  for (const auto& certificate : chain_) {
    if (const int put = sd_bus_message_append_basic(message, 's', certificate.c_str()); put < 0) return put;
  }
  return sd_bus_message_close_container(message);
}

Registration::Ended Registration::ask_daemon(Step step, const Operation& operation) {
  step_ = step;
  network_step_.reset();
  daemon_step_ = std::make_unique<signet_call>(client_, operation, time_left());
  auto request = client_.new_request(*daemon_step_);
  if (!request) return std::nullopt;  // the step has ended with the reason
  if (const int put = put_arguments(request.get()); put < 0) {
    return Outcome{SIGNET_E_NET_HTTP,
                   "the answer of " + origin_.host + " does not fit into a message to rpmbd: " + std::strerror(-put)};
  }
  daemon_step_->prepare(std::move(request));
  client_.submit(*daemon_step_);
  return std::nullopt;
}

Registration::Ended Registration::ask_registrar(Step step, std::string method, std::string path, std::string body) {
  step_ = step;
  daemon_step_.reset();
  network_step_ = std::make_unique<https::Transfer>(client_.network(), https::Request{.method = std::move(method),
                                                                                      .origin = origin_,
                                                                                      .path = std::move(path),
                                                                                      .body = std::move(body),
                                                                                      .trusted = trusted_,
                                                                                      .timeout = time_left()});
  return std::nullopt;
}

Result<boost::json::object> Registration::registrars_answer() {
  SIGNET_ASSIGN(const auto answer, network_step_->take());
  clock_remark_ = https::clock_remark(answer);
  clock_is_off_ = !clock_remark_.empty();
  return https::json_of(answer, origin_.host);
}

// rpmbd's own refusal, seen together with what is known of the clocks.
Outcome Registration::judged(const Outcome& refusal) const {
  if (!clock_is_off_) return refusal;
  if (!clock_can_be_the_cause(refusal.status)) return {refusal.status, refusal.text + clock_remark_};
  return {SIGNET_E_CLOCK_SKEW, refusal.text + clock_remark_ + "; set the clock"};
}

std::chrono::milliseconds Registration::time_left() const {
  const auto left = std::chrono::duration_cast<std::chrono::milliseconds>(deadline_ - Clock::now());
  return std::max(left, std::chrono::milliseconds{1});
}

}  // namespace signet::client
