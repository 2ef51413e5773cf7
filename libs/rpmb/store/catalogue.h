// What the store knows in memory of the chip: which record stands in which slot, which batch is the present one of each
// object, and which slots are free. Decides nothing about when to write; does no I/O.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "rpmb/store/batch.h"
#include "rpmb/store/layout.h"

namespace signet::rpmb {

// One record of a batch and the piece of the blob in it.
struct Piece {
  std::uint16_t block = 0;
  std::uint16_t blocks = 0;
  std::uint32_t offset = 0;  // in the blob
  std::uint32_t size = 0;
};

// A batch that stands complete on the chip, whether anything in it is still present or not. The last piece is the
// commit.
struct Batch {
  std::uint32_t version = 0;  // the chip's counter after the commit: later is newer, and no two are equal
  std::vector<Piece> pieces;
  std::vector<Op> ops;
  bool pinned = false;  // its slots are not free; kept by Catalogue
};

class Catalogue {
 public:
  explicit Catalogue(const Layout& layout);

  // Takes in a batch newer than any before; its records have just been written, or were found by a scan.
  void add(Batch batch);

  // These blocks now hold something else. Whatever batch had a record there is not complete any more, and never will be
  // again.
  void overwritten(std::uint16_t block, std::uint16_t blocks);

  // Where the present content of an object is. Nothing: there is no such object.
  struct Found {
    const Batch* batch;
    const Op* op;
  };
  [[nodiscard]] std::optional<Found> find(const ObjectName& name) const;
  [[nodiscard]] std::vector<ObjectInfo> list(ObjectKind kind, std::string_view space, std::string_view prefix) const;

  // Room for records of the given lengths; block addresses in their order. Slots that hold old content of removed
  // objects come first, so that tombstones can be released; else the next in a round over all slots. Nothing when there
  // is not enough.
  [[nodiscard]] std::optional<std::vector<std::uint16_t>> place(std::span<const Cut> cuts) const;

  [[nodiscard]] std::size_t free_bursts() const;  // aligned free runs of kBurstBlocks
  [[nodiscard]] std::uint32_t free_slots() const { return free_; }
  [[nodiscard]] std::uint32_t slots_of(
      std::string_view space) const;  // pinned by batches with content of this namespace
  [[nodiscard]] std::uint32_t objects() const { return objects_; }
  [[nodiscard]] const Layout& layout() const { return layout_; }

  // Slots that would become free if these changes were made.
  [[nodiscard]] std::uint32_t slots_released_by(std::span<const Change> changes) const;

  // Tombstones of one namespace, from two or more records of nothing else, that fit into one record whose blob has at
  // most `max_blob` octets: restated there, they take up less room. Empty when nothing can be gained.
  [[nodiscard]] std::vector<ObjectName> mergeable_tombstones(std::size_t max_blob) const;

 private:
  struct Entry {
    const Batch* newest = nullptr;
    std::size_t op = 0;                  // in newest
    std::vector<const Batch*> contents;  // complete batches that set the object: a removal must outlive all of them
    [[nodiscard]] bool removed() const { return newest->ops[op].remove; }
  };

  void repin(const Batch& batch);
  void forget(const Batch& batch);
  void release_if_traceless(const ObjectName& name);
  [[nodiscard]] bool is_free(std::uint32_t slot, const std::vector<bool>& taken) const;
  [[nodiscard]] bool run_is_free(std::uint32_t slot, const std::vector<bool>& taken) const;
  [[nodiscard]] std::optional<std::uint32_t> slot_under_a_tombstone(const std::vector<bool>& taken) const;
  [[nodiscard]] std::optional<std::uint32_t> next_slot(const std::vector<bool>& taken) const;
  [[nodiscard]] std::optional<std::uint32_t> next_run(const std::vector<bool>& taken) const;

  Layout layout_;
  std::vector<const Batch*> slots_;         // the complete batch that has a record in the slot
  std::map<std::uint32_t, Batch> batches_;  // by version
  std::map<ObjectName, Entry> entries_;
  std::set<ObjectName> tombstones_;  // entries whose newest operation is a removal
  std::map<std::string, std::uint32_t, std::less<>> slots_by_space_;
  std::uint32_t free_ = 0;
  std::uint32_t objects_ = 0;
  std::uint32_t cursor_ = 0;  // behind the newest record: the round goes on there, so that wear spreads over all slots
};

}  // namespace signet::rpmb
