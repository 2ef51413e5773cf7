#include "signetctl/frame_text.h"

#include <algorithm>
#include <cctype>
#include <ostream>

#include "base/hex.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

bool is_hex_text(BytesView input) {
  return std::all_of(input.begin(), input.end(), [](std::uint8_t c) { return std::isxdigit(c) || std::isspace(c); });
}

Bytes from_hex_text(BytesView input) {
  std::string digits;
  std::copy_if(input.begin(), input.end(), std::back_inserter(digits), [](std::uint8_t c) { return !std::isspace(c); });
  const auto bytes = from_hex(digits);
  if (!bytes)
    throw Failed{Errc::invalid_argument, "an odd number of hexadecimal digits (" + std::to_string(digits.size()) + ")"};
  return *bytes;
}

std::string hex16(std::uint16_t value) {
  const std::uint8_t octets[] = {static_cast<std::uint8_t>(value >> 8), static_cast<std::uint8_t>(value)};
  return "0x" + to_hex(octets);
}

const char* request_name(std::uint16_t request) {
  switch (static_cast<rpmb::Request>(request)) {
    case rpmb::Request::program_key: return "key programming";
    case rpmb::Request::read_counter: return "write counter read";
    case rpmb::Request::write_data: return "authenticated data write";
    case rpmb::Request::read_data: return "authenticated data read";
    case rpmb::Request::read_result: return "result register read";
    case rpmb::Request::write_config: return "configuration write";
    case rpmb::Request::read_config: return "configuration read";
  }
  return nullptr;
}

// All zeros is what an unused field holds; saying so reads better than 512 digits.
std::string hex_or_zeros(BytesView bytes) {
  const bool zeros = std::all_of(bytes.begin(), bytes.end(), [](std::uint8_t c) { return c == 0; });
  return zeros ? "zeros" : to_hex(bytes);
}

// Broken where print_facts() may start a new line.
std::string in_lines(const std::string& digits) {
  constexpr std::size_t kDigits = 64;
  std::string text;
  for (std::size_t i = 0; i < digits.size(); i += kDigits) text += (i > 0 ? " " : "") + digits.substr(i, kDigits);
  return text;
}

}  // namespace

std::vector<rpmb::Frame> parse_frames(BytesView input) {
  const Bytes octets = is_hex_text(input) ? from_hex_text(input) : Bytes{input.begin(), input.end()};
  if (octets.empty() || octets.size() % rpmb::kFrameSize != 0) {
    throw Failed{Errc::invalid_argument, "frames have 512 octets each; the input has " + std::to_string(octets.size())};
  }
  std::vector<rpmb::Frame> frames(octets.size() / rpmb::kFrameSize);
  for (std::size_t i = 0; i < frames.size(); ++i) {
    std::copy_n(octets.begin() + static_cast<std::ptrdiff_t>(i * rpmb::kFrameSize), rpmb::kFrameSize,
                frames[i].begin());
  }
  return frames;
}

std::string describe_type(std::uint16_t type) {
  if (const char* name = request_name(type)) return std::string{name} + ", request";
  const char* name = (type & 0xff) == 0 ? request_name(static_cast<std::uint16_t>(type >> 8)) : nullptr;
  return name ? std::string{name} + ", answer" : "not defined";
}

std::string describe_result(std::uint16_t result) {
  std::string text = rpmb::name(rpmb::result_code(result));
  if (result & rpmb::kExpired) text += ", write counter expired";
  return text;
}

bool mac_fits(std::span<const rpmb::Frame> frames, BytesView key) {
  const crypto::HmacKey hmac{key};
  return crypto::equal_constant_time(rpmb::transfer_mac(hmac, frames), rpmb::key_mac(frames.back()));
}

void print_frame(std::ostream& out, const rpmb::Frame& frame) {
  const auto fields = rpmb::decode(frame);
  print_facts(out, {{"type", hex16(fields.type) + "  " + describe_type(fields.type)},
                    {"result", hex16(fields.result) + "  " + describe_result(fields.result)},
                    {"write counter", std::to_string(fields.write_counter)},
                    {"address", std::to_string(fields.address)},
                    {"block count", std::to_string(fields.block_count)},
                    {"nonce", hex_or_zeros(fields.nonce)},
                    {"key or MAC", hex_or_zeros(fields.key_mac)},
                    {"data", in_lines(hex_or_zeros(fields.data))},
                    {"stuff", in_lines(hex_or_zeros(fields.stuff))}});
}

boost::json::object frame_to_json(const rpmb::Frame& frame) {
  const auto fields = rpmb::decode(frame);
  return {{"type", fields.type},
          {"type_name", describe_type(fields.type)},
          {"result", fields.result},
          {"result_name", describe_result(fields.result)},
          {"write_counter", fields.write_counter},
          {"address", fields.address},
          {"block_count", fields.block_count},
          {"nonce", to_hex(fields.nonce)},
          {"key_mac", to_hex(fields.key_mac)},
          {"data", to_hex(fields.data)},
          {"stuff", to_hex(fields.stuff)}};
}

}  // namespace signet::ctl
