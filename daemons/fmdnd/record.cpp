#include "fmdnd/record.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::fmdnd {
namespace {

constexpr std::string_view kMagic = "SFMD";
constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kHead = kMagic.size() + 1 + 4;
constexpr std::size_t kLongestName = 64;  // of Fast Pair

Failure damaged(const std::string& what) { return fail(Errc::damaged, "record of the owner: " + what); }

// Takes a record apart, part by part.
class Reader {
 public:
  explicit Reader(BytesView octets) : rest_{octets} {}
  Result<BytesView> part(std::size_t length_size, const char* what) {
    if (rest_.size() < length_size) return damaged(std::string{what} + " is cut off");
    const std::size_t length = length_size == 1 ? rest_[0] : load_be<std::uint16_t>(rest_, 0);
    rest_ = rest_.subspan(length_size);
    if (rest_.size() < length) return damaged(std::string{what} + " is cut off");
    const BytesView part = rest_.first(length);
    rest_ = rest_.subspan(length);
    return part;
  }
  [[nodiscard]] bool at_end() const { return rest_.empty(); }

 private:
  BytesView rest_;
};

// Writes one, into a buffer of the right size: a buffer that grows would leave copies of secrets behind.
class Writer {
 public:
  explicit Writer(std::size_t size) : buffer_{size} {}
  template <std::unsigned_integral T>
  void number(T value) {
    store_be(buffer_.writable(), at_, value);
    at_ += sizeof value;
  }
  void octets(BytesView octets) {
    std::ranges::copy(octets, buffer_.writable().begin() + static_cast<std::ptrdiff_t>(at_));
    at_ += octets.size();
  }
  SecretBuffer take() { return std::move(buffer_); }

 private:
  SecretBuffer buffer_;
  std::size_t at_ = 0;
};

}  // namespace

Record Record::clone() const {
  Record copy{fastpair::KeepKeys::recently_used};
  copy.keys = keys.clone();
  if (eik) copy.eik = eik->clone();
  copy.clock = clock;
  copy.name = name;
  return copy;
}

SecretBuffer encode(const Record& record) {
  const SecretBuffer keys = record.keys.serialise();
  const BytesView eik = record.eik ? BytesView{record.eik->view()} : BytesView{};
  Writer writer{kHead + 2 + keys.size() + 1 + eik.size() + 1 + record.name.size()};
  writer.octets(as_bytes(kMagic));
  writer.number(kVersion);
  writer.number(record.clock);
  writer.number(static_cast<std::uint16_t>(keys.size()));
  writer.octets(keys.view());
  writer.number(static_cast<std::uint8_t>(eik.size()));
  writer.octets(eik);
  writer.number(static_cast<std::uint8_t>(record.name.size()));
  writer.octets(as_bytes(record.name));
  return writer.take();
}

Result<Record> decode(BytesView octets, fastpair::KeepKeys keep) {
  if (octets.size() < kHead || as_text(octets.first(kMagic.size())) != kMagic) return damaged("is none");
  if (octets[kMagic.size()] != kVersion) {
    return fail(Errc::unsupported_format, "record of the owner: version " + std::to_string(octets[kMagic.size()]) +
                                              "; this fmdnd knows version 1");
  }
  Record record{keep};
  record.clock = load_be<std::uint32_t>(octets, kMagic.size() + 1);
  Reader reader{octets.subspan(kHead)};
  SIGNET_ASSIGN(const BytesView keys, reader.part(2, "list of account keys"));
  SIGNET_ASSIGN(const BytesView eik, reader.part(1, "identity key"));
  SIGNET_ASSIGN(const BytesView name, reader.part(1, "name"));
  if (!reader.at_end()) return damaged("has octets behind its end");
  SIGNET_ASSIGN(record.keys, fastpair::AccountKeys::restore(keys, keep));
  if (!eik.empty() && eik.size() != fmdn::kEikSize) return damaged("identity key must have 32 octets");
  if (!eik.empty()) record.eik.emplace(eik.first<fmdn::kEikSize>());
  if (name.size() > kLongestName) return damaged("name must have at most 64 octets");
  record.name = as_text(name);
  return record;
}

}  // namespace signet::fmdnd
