// The 512-octet RPMB frame of eMMC and UFS (JESD84-B51 6.6.22, "RPMB data frame"). Integers are big-endian.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "base/bytes.h"
#include "crypto/hmac.h"

namespace signet::rpmb {

inline constexpr std::size_t kFrameSize = 512;
inline constexpr std::size_t kBlockSize = 256;  // what one frame carries: a half-sector, the unit of addresses
inline constexpr std::size_t kNonceSize = 16;
inline constexpr std::size_t kKeySize = 32;
inline constexpr std::size_t kUnitBlocks = 512;  // RPMB_SIZE_MULT counts units of 128 KiB = 512 blocks

using Frame = std::array<std::uint8_t, kFrameSize>;
using Block = std::array<std::uint8_t, kBlockSize>;
using Nonce = std::array<std::uint8_t, kNonceSize>;

// Octet offsets within a frame; 0 is the first octet transferred.
namespace at {
inline constexpr std::size_t kStuff = 0;
inline constexpr std::size_t kKeyMac = 196;
inline constexpr std::size_t kData = 228;  // the MAC covers everything from here on
inline constexpr std::size_t kNonce = 484;
inline constexpr std::size_t kWriteCounter = 500;
inline constexpr std::size_t kAddress = 504;
inline constexpr std::size_t kBlockCount = 506;
inline constexpr std::size_t kResult = 508;
inline constexpr std::size_t kType = 510;
}  // namespace at

enum class Request : std::uint16_t {
  program_key = 1,
  read_counter = 2,
  write_data = 3,
  read_data = 4,
  read_result = 5,
  write_config = 6,
  read_config = 7,
};

// The type of the answer to `request`: 0x0100 for 0x0001 and so on.
constexpr std::uint16_t response_type(Request request) {
  return static_cast<std::uint16_t>(static_cast<unsigned>(request) << 8);
}

// Low 7 bits of the result field. Bit 7 (kExpired) may be set beside any of them, success included.
enum class ResultCode : std::uint8_t {
  ok = 0,
  general_failure = 1,
  authentication_failure = 2,
  counter_failure = 3,
  address_failure = 4,
  write_failure = 5,
  read_failure = 6,
  key_not_programmed = 7,
};
inline constexpr std::uint16_t kExpired = 0x80;
constexpr ResultCode result_code(std::uint16_t result) { return static_cast<ResultCode>(result & 0x7f); }
const char* name(ResultCode code);  // "counter_failure"; "reserved" for a code the standard does not define

// A frame taken apart; encode() and decode() are inverses of each other for every value.
struct Fields {
  std::array<std::uint8_t, at::kKeyMac> stuff{};
  std::array<std::uint8_t, kKeySize> key_mac{};
  Block data{};
  Nonce nonce{};
  std::uint32_t write_counter = 0;
  std::uint16_t address = 0;
  std::uint16_t block_count = 0;
  std::uint16_t result = 0;
  std::uint16_t type = 0;
};
Frame encode(const Fields& fields);
Fields decode(const Frame& frame);

// Single fields, for those who need no more.
std::uint32_t write_counter(const Frame& frame);
std::uint16_t address(const Frame& frame);
std::uint16_t block_count(const Frame& frame);
std::uint16_t result(const Frame& frame);
std::uint16_t type(const Frame& frame);
std::span<const std::uint8_t, kBlockSize> payload(const Frame& frame);
std::span<const std::uint8_t, kNonceSize> nonce(const Frame& frame);
std::span<const std::uint8_t, kKeySize> key_mac(const Frame& frame);

// The MAC of a transfer: HMAC-SHA256 over octets 228..511 of every frame, in order.
crypto::Mac transfer_mac(const crypto::HmacKey& key, std::span<const Frame> frames);

// Puts transfer_mac() where the standard wants it: into the last frame. `frames` is not empty.
void authenticate(const crypto::HmacKey& key, std::span<Frame> frames);

// Requests, complete but for the MAC of write_request (call authenticate) and of config_request.
Frame key_request(std::span<const std::uint8_t, kKeySize> key);
Frame counter_request(const Nonce& nonce);
Frame read_request(const Nonce& nonce, std::uint16_t address,
                   std::uint16_t blocks);  // `blocks` 0 on eMMC: CMD23 says it
Frame result_request();
// One frame per block of `blocks` (1, 2 or 32), all with the address of the first.
std::vector<Frame> write_request(std::uint32_t write_counter, std::uint16_t address, std::span<const Block> blocks);

}  // namespace signet::rpmb
