#include "rpmb/store/batch.h"

#include <algorithm>

#include "base/endian.h"

namespace signet::rpmb {
namespace {

constexpr std::uint8_t kRemoveBit = 0x80;

void append_be(Bytes& to, std::unsigned_integral auto value) {
  std::size_t at = to.size();
  to.resize(at + sizeof value);
  store_be(to, at, value);
}

void append_short(Bytes& to, std::string_view text) {
  to.push_back(static_cast<std::uint8_t>(text.size()));
  append(to, as_bytes(text));
}

// Takes octets off the front; once anything is missing, everything is.
class Reader {
 public:
  explicit Reader(BytesView octets) : rest_{octets}, size_{octets.size()} {}

  BytesView take(std::size_t n) {
    if (n > rest_.size()) {
      good_ = false;
      n = 0;
    }
    BytesView taken = rest_.first(n);
    rest_ = rest_.subspan(n);
    return taken;
  }
  template <std::unsigned_integral T>
  T be() {
    BytesView octets = take(sizeof(T));
    return octets.size() == sizeof(T) ? load_be<T>(octets, 0) : T{};
  }
  std::string text() { return std::string{as_text(take(be<std::uint8_t>()))}; }

  [[nodiscard]] bool good() const { return good_; }
  [[nodiscard]] bool empty() const { return rest_.empty(); }
  [[nodiscard]] std::uint32_t offset() const { return static_cast<std::uint32_t>(size_ - rest_.size()); }
  [[nodiscard]] BytesView rest() const { return rest_; }

 private:
  BytesView rest_;
  std::size_t size_;
  bool good_ = true;
};

bool known_kind(std::uint8_t kind) {
  return kind >= static_cast<std::uint8_t>(ObjectKind::object) && kind <= static_cast<std::uint8_t>(ObjectKind::system);
}

}  // namespace

std::size_t blob_size(std::span<const Change> changes) {
  std::size_t size = 0;
  for (const Change& change : changes) {
    size += removal_size(change.name) + (change.value ? 4 + change.value->size() : 0);
  }
  return size;
}

Bytes encode_blob(std::span<const Change> changes) {
  Bytes blob;
  blob.reserve(blob_size(changes));  // growing would leave copies of secrets behind
  for (const Change& change : changes) {
    auto kind = static_cast<std::uint8_t>(change.name.kind);
    blob.push_back(change.value ? kind : static_cast<std::uint8_t>(kind | kRemoveBit));
    append_short(blob, change.name.space);
    append_short(blob, change.name.name);
    if (!change.value) continue;
    append_be(blob, static_cast<std::uint32_t>(change.value->size()));
    append(blob, *change.value);
  }
  return blob;
}

std::size_t removal_size(const ObjectName& name) { return 3 + name.space.size() + name.name.size(); }

std::optional<std::vector<Op>> parse_blob(BytesView blob) {
  std::vector<Op> ops;
  Reader reader{blob};
  while (!reader.empty()) {
    Op op;
    auto kind = reader.be<std::uint8_t>();
    op.remove = (kind & kRemoveBit) != 0;
    kind = static_cast<std::uint8_t>(kind & ~kRemoveBit);
    if (!known_kind(kind)) return std::nullopt;
    op.name.kind = static_cast<ObjectKind>(kind);
    op.name.space = reader.text();
    op.name.name = reader.text();
    if (!op.remove) {
      op.size = reader.be<std::uint32_t>();
      op.offset = reader.offset();
      op.digest = crypto::sha256(reader.take(op.size));
    }
    if (!reader.good()) return std::nullopt;
    ops.push_back(std::move(op));
  }
  return ops;
}

Bytes encode(const Commit& commit) {
  Bytes body;
  append_be(body, commit.parts);
  append_be(body, commit.blob_size);
  if (commit.parts > 0) append(body, commit.batch);
  append(body, commit.tail);
  return body;
}

std::optional<Commit> parse_commit(BytesView body) {
  Reader reader{body};
  Commit commit;
  commit.parts = reader.be<std::uint16_t>();
  commit.blob_size = reader.be<std::uint32_t>();
  if (commit.parts > 0) std::ranges::copy(reader.take(kBatchIdSize), commit.batch.begin());
  if (!reader.good()) return std::nullopt;
  commit.tail = reader.rest();
  return commit;
}

Bytes encode(const Part& part) {
  Bytes body;
  append(body, part.batch);
  append_be(body, part.index);
  append_be(body, static_cast<std::uint16_t>(part.content.size()));
  append(body, part.content);
  return body;
}

std::optional<Part> parse_part(BytesView body) {
  Reader reader{body};
  Part part;
  std::ranges::copy(reader.take(kBatchIdSize), part.batch.begin());
  part.index = reader.be<std::uint16_t>();
  part.content = reader.take(reader.be<std::uint16_t>());
  if (!reader.good()) return std::nullopt;
  return part;
}

std::vector<Cut> cut_blob(std::size_t blob_size, const Layout& layout, std::size_t bursts) {
  constexpr std::size_t kBurstWorth = Layout::part(kBurstBlocks) / 2;
  std::vector<Cut> cuts;
  std::size_t offset = 0;
  auto cut = [&](std::uint16_t blocks, std::size_t size) {
    cuts.push_back({blocks, static_cast<std::uint32_t>(offset), static_cast<std::uint32_t>(size)});
    offset += size;
  };

  for (; layout.bursts && bursts > 0 && blob_size - offset >= kBurstWorth; --bursts) {
    std::size_t rest = blob_size - offset;
    if (rest <= Layout::commit(kBurstBlocks, !cuts.empty())) {
      cut(kBurstBlocks, rest);
      return cuts;
    }
    cut(kBurstBlocks, std::min(Layout::part(kBurstBlocks), rest));
  }
  if (blob_size - offset > Layout::commit(layout.slot_blocks, !cuts.empty())) {
    while (blob_size - offset > Layout::commit(layout.slot_blocks, true)) {
      cut(layout.slot_blocks, std::min(Layout::part(layout.slot_blocks), blob_size - offset));
    }
  }
  cut(layout.slot_blocks, blob_size - offset);
  return cuts;
}

}  // namespace signet::rpmb
