// What a commit means: the operations of a batch as one string of octets, the blob, cut into parts and a commit record.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "crypto/sha256.h"
#include "rpmb/store/layout.h"
#include "rpmb/store/store.h"

namespace signet::rpmb {

using BatchId = std::array<std::uint8_t, kBatchIdSize>;

// One operation of a batch: an object set to `size` octets at `offset` of the blob, or removed.
struct Op {
  ObjectName name;
  bool remove = false;
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  crypto::Digest digest{};  // of the content, so that equal content need not be written again
};

// The blob: for each operation kind (1; bit 7 set: remove), length of the namespace (1), namespace, length of the name
// (1), name, and unless removed the size (4, big-endian) and the content.
Bytes encode_blob(std::span<const Change> changes);
std::size_t removal_size(const ObjectName& name);        // octets of a removal in it
std::size_t blob_size(std::span<const Change> changes);  // of encode_blob()
// Nothing when the octets do not add up. Content is digested, not copied.
std::optional<std::vector<Op>> parse_blob(BytesView blob);

// Body of a commit record: number of parts (2), size of the blob (4), batch id (16, only with parts), last octets of
// the blob.
struct Commit {
  std::uint16_t parts = 0;
  std::uint32_t blob_size = 0;
  BatchId batch{};
  BytesView tail;
};
Bytes encode(const Commit& commit);
std::optional<Commit> parse_commit(BytesView body);  // `tail` lies within `body` and may run into its padding

// Body of a part record: batch id (16), index (2), length (2), octets of the blob. A batch id is random and used for
// one batch only, so that parts of two batches can never be taken for one another; the commit needs no list of its
// parts.
struct Part {
  BatchId batch{};
  std::uint16_t index = 0;
  BytesView content;
};
Bytes encode(const Part& part);
std::optional<Part> parse_part(BytesView body);

// How a blob is cut: the records to write, in order; the last is the commit.
struct Cut {
  std::uint16_t blocks = 0;  // length of the record
  std::uint32_t offset = 0;  // in the blob
  std::uint32_t size = 0;    // octets of the blob
};
// `bursts`: how many 32-block records there is room for. A burst is used where at least half of it is filled.
std::vector<Cut> cut_blob(std::size_t blob_size, const Layout& layout, std::size_t bursts);

}  // namespace signet::rpmb
