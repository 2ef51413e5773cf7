#include "rpmb/response.h"
#include "rpmb/vectors/sections.h"

namespace signet::rpmb {
namespace {

Result<Expectation> read_expectation(const JsonCursor& entry) {
  Expectation expected;
  SIGNET_ASSIGN(JsonCursor type, entry.member("expected_type"));
  SIGNET_ASSIGN(expected.type, type.number<std::uint16_t>());
  SIGNET_ASSIGN(auto blocks, entry.find("blocks"));
  if (blocks) {
    SIGNET_ASSIGN(expected.blocks, blocks->number<std::uint16_t>());
  }
  SIGNET_ASSIGN(auto nonce, entry.find("nonce"));
  if (nonce) SIGNET_TRY(nonce->octets_into(expected.nonce.emplace()));
  SIGNET_ASSIGN(auto address, entry.find("address"));
  if (address) {
    SIGNET_ASSIGN(expected.address, address->number<std::uint16_t>());
  }
  SIGNET_ASSIGN(auto counter, entry.find("counter_before"));
  if (counter) {
    SIGNET_ASSIGN(expected.counter_before, counter->number<std::uint32_t>());
  }
  return expected;
}

}  // namespace

Result<void> run_host(const JsonCursor& entry, Recorder& recorder) {
  SIGNET_ASSIGN(JsonCursor name_at, entry.member("name"));
  SIGNET_ASSIGN(std::string name, name_at.text());
  SIGNET_ASSIGN(JsonCursor key_at, entry.member("key"));
  std::array<std::uint8_t, kKeySize> key;
  SIGNET_TRY(key_at.octets_into(key));
  SIGNET_ASSIGN(JsonCursor response_at, entry.member("response"));
  SIGNET_ASSIGN(Bytes response, response_at.octets());
  SIGNET_ASSIGN(Expectation expected, read_expectation(entry));
  SIGNET_ASSIGN(JsonCursor expect_at, entry.member("expect"));
  SIGNET_ASSIGN(std::string expect, expect_at.text());

  std::string verdict = rpmb::name(judge(BytesView{response}, crypto::HmacKey{key}, expected));
  recorder.record("host/" + name, verdict == expect ? "" : "the verdict is " + verdict + " instead of " + expect);
  return {};
}

}  // namespace signet::rpmb
