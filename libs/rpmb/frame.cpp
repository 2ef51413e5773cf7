#include "rpmb/frame.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::rpmb {
namespace {

template <std::size_t Offset, std::size_t Size>
std::span<const std::uint8_t, Size> field(const Frame& frame) {
  return std::span<const std::uint8_t, kFrameSize>{frame}.subspan<Offset, Size>();
}

template <std::size_t Size>
void put(Frame& frame, std::size_t offset, const std::array<std::uint8_t, Size>& value) {
  std::copy(value.begin(), value.end(), frame.begin() + static_cast<std::ptrdiff_t>(offset));
}

template <std::size_t Size>
void take(const Frame& frame, std::size_t offset, std::array<std::uint8_t, Size>& value) {
  std::copy_n(frame.begin() + static_cast<std::ptrdiff_t>(offset), Size, value.begin());
}

Frame request(Request type) {
  Frame frame{};
  store_be(frame, at::kType, static_cast<std::uint16_t>(type));
  return frame;
}

}  // namespace

const char* name(ResultCode code) {
  switch (code) {
    case ResultCode::ok: return "ok";
    case ResultCode::general_failure: return "general_failure";
    case ResultCode::authentication_failure: return "authentication_failure";
    case ResultCode::counter_failure: return "counter_failure";
    case ResultCode::address_failure: return "address_failure";
    case ResultCode::write_failure: return "write_failure";
    case ResultCode::read_failure: return "read_failure";
    case ResultCode::key_not_programmed: return "key_not_programmed";
  }
  return "reserved";
}

Frame encode(const Fields& fields) {
  Frame frame;
  put(frame, at::kStuff, fields.stuff);
  put(frame, at::kKeyMac, fields.key_mac);
  put(frame, at::kData, fields.data);
  put(frame, at::kNonce, fields.nonce);
  store_be(frame, at::kWriteCounter, fields.write_counter);
  store_be(frame, at::kAddress, fields.address);
  store_be(frame, at::kBlockCount, fields.block_count);
  store_be(frame, at::kResult, fields.result);
  store_be(frame, at::kType, fields.type);
  return frame;
}

Fields decode(const Frame& frame) {
  Fields fields;
  take(frame, at::kStuff, fields.stuff);
  take(frame, at::kKeyMac, fields.key_mac);
  take(frame, at::kData, fields.data);
  take(frame, at::kNonce, fields.nonce);
  fields.write_counter = write_counter(frame);
  fields.address = address(frame);
  fields.block_count = block_count(frame);
  fields.result = result(frame);
  fields.type = type(frame);
  return fields;
}

std::uint32_t write_counter(const Frame& frame) { return load_be<std::uint32_t>(frame, at::kWriteCounter); }
std::uint16_t address(const Frame& frame) { return load_be<std::uint16_t>(frame, at::kAddress); }
std::uint16_t block_count(const Frame& frame) { return load_be<std::uint16_t>(frame, at::kBlockCount); }
std::uint16_t result(const Frame& frame) { return load_be<std::uint16_t>(frame, at::kResult); }
std::uint16_t type(const Frame& frame) { return load_be<std::uint16_t>(frame, at::kType); }
std::span<const std::uint8_t, kBlockSize> payload(const Frame& frame) { return field<at::kData, kBlockSize>(frame); }
std::span<const std::uint8_t, kNonceSize> nonce(const Frame& frame) { return field<at::kNonce, kNonceSize>(frame); }
std::span<const std::uint8_t, kKeySize> key_mac(const Frame& frame) { return field<at::kKeyMac, kKeySize>(frame); }

crypto::Mac transfer_mac(const crypto::HmacKey& key, std::span<const Frame> frames) {
  crypto::HmacKey::Stream stream{key};
  for (const Frame& frame : frames) stream.update(BytesView{frame}.subspan(at::kData));
  return stream.finish();
}

void authenticate(const crypto::HmacKey& key, std::span<Frame> frames) {
  put(frames.back(), at::kKeyMac, transfer_mac(key, frames));
}

Frame key_request(std::span<const std::uint8_t, kKeySize> key) {
  Frame frame = request(Request::program_key);
  std::copy(key.begin(), key.end(), frame.begin() + at::kKeyMac);
  return frame;
}

Frame counter_request(const Nonce& nonce) {
  Frame frame = request(Request::read_counter);
  put(frame, at::kNonce, nonce);
  return frame;
}

Frame read_request(const Nonce& nonce, std::uint16_t address, std::uint16_t blocks) {
  Frame frame = request(Request::read_data);
  put(frame, at::kNonce, nonce);
  store_be(frame, at::kAddress, address);
  store_be(frame, at::kBlockCount, blocks);
  return frame;
}

Frame result_request() { return request(Request::read_result); }

std::vector<Frame> write_request(std::uint32_t write_counter, std::uint16_t address, std::span<const Block> blocks) {
  std::vector<Frame> frames(blocks.size(), request(Request::write_data));
  for (std::size_t i = 0; i < blocks.size(); ++i) {
    put(frames[i], at::kData, blocks[i]);
    store_be(frames[i], at::kWriteCounter, write_counter);
    store_be(frames[i], at::kAddress, address);
    store_be(frames[i], at::kBlockCount, static_cast<std::uint16_t>(blocks.size()));
  }
  return frames;
}

}  // namespace signet::rpmb
