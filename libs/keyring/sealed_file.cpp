#include "keyring/sealed_file.h"

#include <algorithm>

#include "crypto/aes_gcm.h"
#include "crypto/hkdf.h"

namespace signet::keyring {
namespace {

constexpr std::array<std::uint8_t, 8> kMagic = {'S', 'g', 'n', 't', 'K', 'e', 'y', 's'};
constexpr std::uint8_t kVersion = 1;

// Offsets of the header.
constexpr std::size_t kVersionAt = 8;
constexpr std::size_t kLockAt = 9;
constexpr std::size_t kCostAt = 10;  // log2 N, r, p; then three zeros
constexpr std::size_t kSaltAt = 16;
constexpr std::size_t kHeaderSize = 32;
constexpr std::size_t kTextAt = kHeaderSize + crypto::kGcmNonceSize;

constexpr std::uint64_t kMostMemory = std::uint64_t{1} << 30;

Failure damaged(const std::string& what) { return fail(Errc::damaged, "keyring: " + what); }
Failure newer(const std::string& what) { return fail(Errc::unsupported_format, "keyring: " + what); }

Bytes encode(const Header& header) {
  Bytes octets(kHeaderSize);
  std::ranges::copy(kMagic, octets.begin());
  octets[kVersionAt] = kVersion;
  octets[kLockAt] = static_cast<std::uint8_t>(header.locked_by);
  octets[kCostAt] = header.cost.log2_n;
  octets[kCostAt + 1] = header.cost.block_size;
  octets[kCostAt + 2] = header.cost.parallel;
  std::ranges::copy(header.salt, octets.begin() + kSaltAt);
  return octets;
}

// Whoever can change the file must not have us take all the memory there is, or all the time.
bool bearable(const crypto::ScryptCost& cost) {
  if (cost.log2_n < 1 || cost.log2_n > 22 || cost.block_size < 1 || cost.parallel < 1 || cost.parallel > 16)
    return false;
  return 128 * std::uint64_t{cost.block_size} << cost.log2_n <= kMostMemory;
}

}  // namespace

Result<FileKey> derive(const Header& header, BytesView secret) {
  FileKey key;
  if (header.locked_by == LockedBy::key_file) {
    crypto::hkdf_sha256(secret, header.salt, "signet keyring 1", key.writable());
  } else if (!crypto::scrypt(secret, header.salt, header.cost, key.writable())) {
    return fail(Errc::too_large, "keyring: there is not enough memory to make the key out of the pass phrase");
  }
  return key;
}

Result<Header> read_header(BytesView file) {
  if (file.size() < kMagic.size() || !std::ranges::equal(file.first(kMagic.size()), kMagic)) {
    return damaged("the file is no keyring");
  }
  if (file.size() <= kVersionAt) return damaged("the file is cut off");
  if (file[kVersionAt] != kVersion)
    return newer("format " + std::to_string(file[kVersionAt]) + " is of another version of Signet");
  if (file.size() < kTextAt + crypto::kGcmTagSize) return damaged("the file is cut off");
  Header header;
  header.locked_by = static_cast<LockedBy>(file[kLockAt]);
  header.cost = {.log2_n = file[kCostAt], .block_size = file[kCostAt + 1], .parallel = file[kCostAt + 2]};
  std::ranges::copy(file.subspan(kSaltAt, kSaltSize), header.salt.begin());
  switch (header.locked_by) {
    case LockedBy::key_file: return header;
    case LockedBy::pass_phrase:
      if (!bearable(header.cost)) return newer("the cost of its pass phrase is beyond what this version takes");
      return header;
  }
  return newer("it is locked in a way that this version does not know");
}

Bytes seal(const Header& header, const FileKey& key, BytesView contents, crypto::Random& random) {
  Bytes file = encode(header);
  const auto nonce = random.bytes<crypto::kGcmNonceSize>();
  append(file, nonce);
  SecretBuffer text{contents};
  std::array<std::uint8_t, crypto::kGcmTagSize> tag;
  crypto::AesGcm{key.view()}.seal(nonce, BytesView{file}.first(kHeaderSize), text.writable(), tag);
  append(file, text.view());
  append(file, tag);
  return file;
}

Result<SecretBuffer> open(BytesView file, const FileKey& key) {
  SIGNET_TRY(read_header(file));
  const auto nonce = file.subspan<kHeaderSize, crypto::kGcmNonceSize>();
  SecretBuffer text{file.subspan(kTextAt, file.size() - kTextAt - crypto::kGcmTagSize)};
  if (!crypto::AesGcm{key.view()}.open(nonce, file.first(kHeaderSize), text.writable(),
                                       file.last<crypto::kGcmTagSize>())) {
    return fail(Errc::access_denied, "keyring: the pass phrase or key is wrong, or the file was changed");
  }
  return text;
}

}  // namespace signet::keyring
