#include <cstring>
#include <string>

#include "base/hex.h"
#include "rpmb/vectors/sections.h"

namespace signet::rpmb {
namespace {

Result<Fields> read_fields(const JsonCursor& at) {
  Fields fields;
  const std::pair<const char*, std::span<std::uint8_t>> octets[] = {
      {"stuff", fields.stuff}, {"key_mac", fields.key_mac}, {"data", fields.data}, {"nonce", fields.nonce}};
  for (const auto& [key, to] : octets) {
    SIGNET_ASSIGN(JsonCursor member, at.member(key));
    SIGNET_TRY(member.octets_into(to));
  }
  SIGNET_ASSIGN(JsonCursor counter, at.member("write_counter"));
  SIGNET_ASSIGN(fields.write_counter, counter.number<std::uint32_t>());
  const std::pair<const char*, std::uint16_t&> numbers[] = {{"address", fields.address},
                                                            {"block_count", fields.block_count},
                                                            {"result", fields.result},
                                                            {"req_resp", fields.type}};
  for (const auto& [key, to] : numbers) {
    SIGNET_ASSIGN(JsonCursor member, at.member(key));
    SIGNET_ASSIGN(to, member.number<std::uint16_t>());
  }
  return fields;
}

std::string differs(const char* field, const auto& expected, const auto& actual) {
  return std::string{field} + " is " + actual + " instead of " + expected;
}

// The first field in which two frames differ.
std::string difference(const Fields& expected, const Fields& actual) {
  if (expected.stuff != actual.stuff) return differs("stuff", to_hex(expected.stuff), to_hex(actual.stuff));
  if (expected.key_mac != actual.key_mac) return differs("key_mac", to_hex(expected.key_mac), to_hex(actual.key_mac));
  if (expected.data != actual.data) return differs("data", to_hex(expected.data), to_hex(actual.data));
  if (expected.nonce != actual.nonce) return differs("nonce", to_hex(expected.nonce), to_hex(actual.nonce));
  if (expected.write_counter != actual.write_counter) {
    return differs("write_counter", std::to_string(expected.write_counter), std::to_string(actual.write_counter));
  }
  if (expected.address != actual.address) {
    return differs("address", std::to_string(expected.address), std::to_string(actual.address));
  }
  if (expected.block_count != actual.block_count) {
    return differs("block_count", std::to_string(expected.block_count), std::to_string(actual.block_count));
  }
  if (expected.result != actual.result) {
    return differs("result", std::to_string(expected.result), std::to_string(actual.result));
  }
  if (expected.type != actual.type) {
    return differs("req_resp", std::to_string(expected.type), std::to_string(actual.type));
  }
  return {};
}

const char* field_at(std::size_t offset) {
  if (offset >= at::kType) return "req_resp";
  if (offset >= at::kResult) return "result";
  if (offset >= at::kBlockCount) return "block_count";
  if (offset >= at::kAddress) return "address";
  if (offset >= at::kWriteCounter) return "write_counter";
  if (offset >= at::kNonce) return "nonce";
  if (offset >= at::kData) return "data";
  if (offset >= at::kKeyMac) return "key_mac";
  return "stuff";
}

}  // namespace

Result<std::vector<Frame>> frames_in(const JsonCursor& at) {
  SIGNET_ASSIGN(const Bytes bytes, at.octets());
  if (bytes.empty() || bytes.size() % kFrameSize != 0) {
    return at.malformed("has " + std::to_string(bytes.size()) + " octets, which are no whole frames");
  }
  std::vector<Frame> frames(bytes.size() / kFrameSize);
  std::memcpy(frames.data(), bytes.data(), bytes.size());
  return frames;
}

std::string difference(std::span<const Frame> expected, std::span<const Frame> actual) {
  if (expected.size() != actual.size()) {
    return std::to_string(actual.size()) + " frames instead of " + std::to_string(expected.size());
  }
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t offset = 0; offset < kFrameSize; ++offset) {
      std::uint8_t wanted = expected[i][offset];
      std::uint8_t got = actual[i][offset];
      if (wanted == got) continue;
      return "octet " + std::to_string(offset) + " of frame " + std::to_string(i + 1) + " (" + field_at(offset) +
             ") is " + to_hex({&got, 1}) + " instead of " + to_hex({&wanted, 1});
    }
  }
  return {};
}

Result<void> run_codec(const JsonCursor& entry, const std::string& name, Recorder& recorder) {
  SIGNET_ASSIGN(JsonCursor fields_at, entry.member("fields"));
  SIGNET_ASSIGN(Fields fields, read_fields(fields_at));
  SIGNET_ASSIGN(JsonCursor frame_at, entry.member("frame"));
  Frame frame;
  SIGNET_TRY(frame_at.octets_into(frame));

  Frame encoded = encode(fields);
  recorder.record(name + "/encode", difference(std::span{&frame, 1}, std::span{&encoded, 1}));
  recorder.record(name + "/decode", difference(fields, decode(frame)));
  return {};
}

Result<void> run_mac(const JsonCursor& entry, const std::string& name, Recorder& recorder) {
  SIGNET_ASSIGN(JsonCursor key_at, entry.member("key"));
  std::array<std::uint8_t, kKeySize> key;
  SIGNET_TRY(key_at.octets_into(key));
  SIGNET_ASSIGN(JsonCursor frames_at, entry.member("frames"));
  SIGNET_ASSIGN(std::vector<Frame> frames, frames_in(frames_at));
  SIGNET_ASSIGN(JsonCursor count_at, entry.member("count"));
  SIGNET_ASSIGN(std::uint32_t count, count_at.number<std::uint32_t>());
  SIGNET_ASSIGN(JsonCursor mac_at, entry.member("mac"));
  crypto::Mac expected;
  SIGNET_TRY(mac_at.octets_into(expected));

  std::string reason;
  crypto::Mac mac = transfer_mac(crypto::HmacKey{key}, frames);
  if (mac != expected) {
    reason = differs("the MAC", to_hex(expected), to_hex(mac));
  } else if (frames.size() != count) {
    reason = differs("the number of frames", std::to_string(count), std::to_string(frames.size()));
  }
  recorder.record(name, reason);
  return {};
}

}  // namespace signet::rpmb
