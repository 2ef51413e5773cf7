// What operators see and do.
#include <boost/json.hpp>
#include <charconv>

#include "activationd/api.h"
#include "activationd/body.h"
#include "activationd/to_json.h"

namespace signet::activationd {
namespace {

using Query = std::map<std::string, std::string>;

std::string text_of(const Query& query, const std::string& name) {
  const auto found = query.find(name);
  return found == query.end() ? "" : found->second;
}

// A decimal number; `fallback` without the parameter.
Result<std::uint64_t> number_of(const Query& query, const std::string& name, std::uint64_t fallback) {
  const auto text = text_of(query, name);
  if (text.empty()) return fallback;
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) {
    return fail(Errc::invalid_argument, name + ": must be a decimal number");
  }
  return number;
}

Result<std::uint64_t> limit_of(const Query& query) {
  SIGNET_ASSIGN(const auto limit, number_of(query, "limit", 100));
  if (limit >= 1 && limit <= activation::kMaxPage) return limit;
  return fail(Errc::invalid_argument, "limit: must be from 1 to " + std::to_string(activation::kMaxPage));
}

http::Reply device_reply(const activation::Device& device) { return json_reply(200, to_json(device)); }

}  // namespace

void Api::devices(const Call& call, const Actor& actor, Done done) {
  const auto limit = limit_of(call.query);
  if (!limit) return answer_now(done, failure(limit.error()));
  activation::DeviceFilter filter{.model_id = text_of(call.query, "model_id"),
                                  .sn = text_of(call.query, "sn"),
                                  .after = text_of(call.query, "after"),
                                  .limit = *limit};
  registrar_.devices(actor, std::move(filter),
                     answer<std::vector<activation::Device>>(std::move(done), [](const auto& devices) {
                       return json_reply(200, {{"devices", to_json_array(devices)}});
                     }));
}

void Api::device(const Call& call, const Actor& actor, Done done) {
  registrar_.device(actor, call.parts.front(),
                    answer<activation::DeviceHistory>(
                        std::move(done), [](const auto& history) { return json_reply(200, to_json(history)); }));
}

void Api::block(const Call& call, const Actor& actor, Done done) {
  const auto object = body_of(call.request);
  if (!object) return answer_now(done, failure(object.error()));
  std::string reason;
  Members members{*object};
  members.text("reason", reason, activation::kMaxReason);
  if (auto judged = members.finish(); !judged) return answer_now(done, failure(judged.error()));
  registrar_.block(actor, call.parts.front(), std::move(reason),
                   answer<activation::Device>(std::move(done), device_reply));
}

void Api::unblock(const Call& call, const Actor& actor, Done done) {
  registrar_.unblock(actor, call.parts.front(), answer<activation::Device>(std::move(done), device_reply));
}

void Api::release(const Call& call, const Actor& actor, Done done) {
  registrar_.release(actor, call.parts.front(), answer<activation::Release>(std::move(done), [](const auto& release) {
                       return json_reply(200, to_json(release));
                     }));
}

void Api::audit(const Call& call, const Actor& actor, Done done) {
  const auto after = number_of(call.query, "after", 0);
  if (!after) return answer_now(done, failure(after.error()));
  const auto limit = limit_of(call.query);
  if (!limit) return answer_now(done, failure(limit.error()));
  registrar_.audit(actor, *after, *limit,
                   answer<std::vector<activation::AuditEntry>>(std::move(done), [](const auto& entries) {
                     return json_reply(200, {{"entries", to_json_array(entries)}});
                   }));
}

}  // namespace signet::activationd
