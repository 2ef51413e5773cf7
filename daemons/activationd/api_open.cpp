// What anybody may ask: certificates and revocation lists, and how the daemon is.
#include <boost/json.hpp>
#include <charconv>

#include "activationd/api.h"
#include "activationd/metrics.h"
#include "activationd/openapi.h"

namespace signet::activationd {
namespace {

constexpr const char* kPem = "application/x-pem-file";
constexpr const char* kCrl = "application/pkix-crl";
constexpr const char* kMetrics = "text/plain; version=0.0.4";

http::Reply public_reply(const char* type, std::string body) {
  return {.status = 200, .type = type, .body = std::move(body), .fields = {}, .no_store = false};
}

// "ca_generation" of the query; 0, which is the one that issues now, without it.
Result<std::uint32_t> generation_of(const http::Call& call) {
  const auto found = call.query.find("ca_generation");
  if (found == call.query.end()) return 0U;
  std::uint32_t generation = 0;
  const auto* last = found->second.data() + found->second.size();
  const auto [end, error] = std::from_chars(found->second.data(), last, generation);
  if (error == std::errc{} && end == last) return generation;
  return fail(Errc::invalid_argument, "ca_generation: must be a decimal number");
}

}  // namespace

void Api::ca(const Call& /*call*/, Done done) { answer_now(done, public_reply(kPem, registrar_.ca_pem())); }

void Api::crl(const Call& call, Done done) {
  const auto kind = activation::parse_chip_kind(call.parts.front());
  if (!kind) return answer_now(done, failure({Errc::not_found, "there are /v1/crl/hardware and /v1/crl/emulated"}));
  const auto generation = generation_of(call);
  if (!generation) return answer_now(done, failure(generation.error()));
  registrar_.crl(*kind, *generation, answer<Bytes>(std::move(done), [](const Bytes& der) {
    return public_reply(kCrl, std::string{as_text(der)});
  }));
}

void Api::metrics(const Call& /*call*/, Done done) {
  auto show = answer<activation::Counts>(std::move(done), [this](const auto& counts) {
    return public_reply(kMetrics, metrics_text({router_.routes(), requests_, findings_, connections_, counts}));
  });
  if (auto recent = counted_.get(clock_.monotonic())) return show(*std::move(recent));
  registrar_.counts([this, show = std::move(show)](Result<activation::Counts> counts) {
    if (counts) counted_.put(*counts, clock_.monotonic());
    show(std::move(counts));
  });
}

void Api::healthz(const Call& /*call*/, Done done) { answer_now(done, json_reply(200, {{"status", "ok"}})); }

void Api::readyz(const Call& /*call*/, Done done) {
  if (closing_) return answer_now(done, failure({Errc::no_service, "the daemon is stopping"}));
  auto show = answer<void>(std::move(done), [] { return json_reply(200, {{"status", "ok"}}); });
  if (auto recent = checked_.get(clock_.monotonic())) return show(*std::move(recent));
  registrar_.check([this, show = std::move(show)](Result<void> checked) {
    checked_.put(checked, clock_.monotonic());
    show(std::move(checked));
  });
}

void Api::openapi(const Call& /*call*/, Done done) { answer_now(done, public_reply(http::kJson, kOpenApi)); }

}  // namespace signet::activationd
