#include "base/base64.h"
#include "base/hex.h"
#include "identity/ticket.h"
#include "identity/vectors/sections.h"

namespace signet::identity {
namespace {

// What a ticket is judged with.
struct Judge {
  std::vector<crypto::Certificate> anchors;
  std::vector<crypto::RevocationList> lists;
  std::optional<Bytes> public_key;  // of a registration: instead of the above
  bool need_list = true;
  crypto::UnixTime time;
  std::string audience;
  crypto::HmacKey rpmb_key{BytesView{}};
  CheckValue kcv{};
};

template <class Thing>
Result<std::vector<Thing>> named(const JsonCursor& entry, std::string_view member,
                                 const std::map<std::string, Thing>& things) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(member));
  SIGNET_ASSIGN(const auto names, at.elements());
  std::vector<Thing> found;
  for (const JsonCursor& name_at : names) {
    SIGNET_ASSIGN(const std::string name, name_at.text());
    const auto thing = things.find(name);
    if (thing == things.end()) return name_at.malformed("names nothing in the document");
    found.push_back(thing->second);
  }
  return found;
}

Result<Judge> read_judge(const JsonCursor& entry, const VectorTrust& trust) {
  Judge judge;
  SIGNET_ASSIGN(const JsonCursor time_at, entry.member("time"));
  SIGNET_ASSIGN(const std::uint32_t time, time_at.number<std::uint32_t>());
  judge.time = crypto::UnixTime{std::chrono::seconds{time}};
  SIGNET_ASSIGN(judge.audience, text_of(entry, "audience"));
  SIGNET_ASSIGN(const auto key, octets_of<rpmb::kKeySize>(entry, "rpmb_key"));
  judge.rpmb_key = crypto::HmacKey{key};
  SIGNET_ASSIGN(judge.kcv, octets_of<std::tuple_size_v<CheckValue>>(entry, "kcv"));
  SIGNET_ASSIGN(const auto public_key_at, entry.find("public_key"));
  if (public_key_at) {
    SIGNET_ASSIGN(judge.public_key, public_key_at->octets());
    return judge;
  }
  SIGNET_ASSIGN(judge.anchors, named(entry, "anchors", trust.certificates));
  SIGNET_ASSIGN(judge.lists, named(entry, "revoked", trust.lists));
  SIGNET_ASSIGN(const JsonCursor need_at, entry.member("need_revocation_list"));
  SIGNET_ASSIGN(judge.need_list, need_at.boolean());
  return judge;
}

Factor judge_signature(const Ticket& ticket, const Judge& judge) {
  if (judge.public_key) return verify_signature_factor(ticket, *judge.public_key, judge.time, judge.audience);
  return verify_signature_factor(ticket, {.anchors = judge.anchors,
                                          .revoked = judge.lists,
                                          .need_revocation_list = judge.need_list,
                                          .time = judge.time,
                                          .audience = judge.audience});
}

std::string words(const Factor& factor) {
  std::string text{name(factor.status)};
  return factor.reason.empty() ? text : text + ": " + factor.reason;
}

// A text, or "null" for one that is not there.
std::string words(const std::optional<std::string>& text) { return text ? "'" + *text + "'" : "null"; }

Result<std::string> expected_words(const JsonCursor& entry, std::string_view member) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(member));
  if (at.is_null()) return words(std::optional<std::string>{});
  SIGNET_ASSIGN(std::string text, at.text());
  return words(std::optional{std::move(text)});
}

Result<std::string> expected_number(const JsonCursor& entry, std::string_view member) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member(member));
  SIGNET_ASSIGN(const std::uint64_t number, at.number<std::uint64_t>());
  return std::to_string(number);
}

std::string seconds(crypto::UnixTime time) { return std::to_string(time.time_since_epoch().count()); }

Result<void> compare_claims(const JsonCursor& expected, const TicketClaims& claims, Differences& differences) {
  const std::pair<const char*, std::string> texts[] = {
      {"use", std::string{name(claims.use)}},
      {"nonce", claims.nonce},
      {"audience", claims.audience},
      {"id", claims.id},
      {"ueid", to_hex(claims.ueid)},
      {"model_id", claims.model_id},
      {"app_id", claims.app_id},
      {"transport", claims.transport},
      {"key_protection", claims.key_protection},
      {"kcv", to_hex(claims.kcv)},
      {"ext", claims.ext},
  };
  for (const auto& [member, actual] : texts) {
    SIGNET_ASSIGN(const std::string text, text_of(expected, member));
    differences.compare(member, text, actual);
  }
  const std::pair<const char*, std::optional<std::string>> optional[] = {{"sn", claims.sn},
                                                                         {"confirmation", claims.confirmation}};
  for (const auto& [member, actual] : optional) {
    SIGNET_ASSIGN(const std::string text, expected_words(expected, member));
    differences.compare(member, text, words(actual));
  }
  const std::pair<const char*, std::string> numbers[] = {{"issued_at", seconds(claims.issued_at)},
                                                         {"expires_at", seconds(claims.expires_at)},
                                                         {"generation", std::to_string(claims.generation)}};
  for (const auto& [member, actual] : numbers) {
    SIGNET_ASSIGN(const std::string number, expected_number(expected, member));
    differences.compare(member, number, actual);
  }
  return {};
}

Result<void> compare_parts(const JsonCursor& expected, const Ticket& ticket, Differences& differences) {
  SIGNET_ASSIGN(const std::string payload, text_of(expected, "payload"));
  differences.compare("payload", payload, ticket.payload);
  SIGNET_ASSIGN(const std::string frames, text_of(expected, "frames"));
  differences.compare("frames", frames, to_hex(ticket.frames));
  SIGNET_ASSIGN(const std::string signature, text_of(expected, "signature_octets"));
  differences.compare("signature_octets", signature, to_hex(ticket.signature));
  SIGNET_ASSIGN(const std::string certificate, expected_words(expected, "certificate"));
  std::optional<std::string> actual;
  if (!ticket.chain.empty()) actual = to_base64(ticket.chain.front().der());
  differences.compare("certificate", certificate, words(actual));
  return {};
}

Result<void> compare_rpmb(const JsonCursor& expected, const RpmbFactor& rpmb, Differences& differences) {
  SIGNET_ASSIGN(const std::string verdict, text_of(expected, "rpmb"));
  differences.compare("rpmb", verdict, words(rpmb.factor));
  if (rpmb.factor.status != Factor::Status::ok) return {};
  SIGNET_ASSIGN(const std::string counter, expected_number(expected, "write_counter"));
  differences.compare("write_counter", counter, std::to_string(rpmb.write_counter));
  SIGNET_ASSIGN(const std::string store_id, text_of(expected, "store_id"));
  differences.compare("store_id", store_id, to_hex(rpmb.store_id));
  return {};
}

}  // namespace

Result<void> run_ticket(const JsonCursor& entry, const VectorTrust& trust, Recorder& recorder) {
  SIGNET_ASSIGN(const std::string name, text_of(entry, "name"));
  SIGNET_ASSIGN(const std::string compact, text_of(entry, "ticket"));
  SIGNET_ASSIGN(const Judge judge, read_judge(entry, trust));
  SIGNET_ASSIGN(const JsonCursor expected, entry.member("expect"));
  SIGNET_ASSIGN(const std::string parse, text_of(expected, "parse"));

  Differences differences;
  const auto ticket = parse_ticket(compact);
  differences.compare("parse", parse, ticket ? "ok" : ticket.error().context);
  if (ticket && parse == "ok") {
    SIGNET_ASSIGN(const std::string signature, text_of(expected, "signature"));
    differences.compare("signature", signature, words(judge_signature(*ticket, judge)));
    SIGNET_TRY(compare_rpmb(expected, verify_rpmb_factor(*ticket, judge.rpmb_key, judge.kcv), differences));
    SIGNET_TRY(compare_parts(expected, *ticket, differences));
    SIGNET_ASSIGN(const JsonCursor claims, expected.member("claims"));
    SIGNET_TRY(compare_claims(claims, ticket->claims, differences));
  }
  recorder.record("tickets/" + name, differences.text());
  return {};
}

}  // namespace signet::identity
