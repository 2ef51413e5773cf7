#include "rpmb/store/catalogue.h"

#include <algorithm>

namespace signet::rpmb {
namespace {

std::uint32_t slots_in(const Batch& batch, const Layout& layout) {
  std::uint32_t count = 0;
  for (const Piece& piece : batch.pieces) count += layout.slots_in(piece.blocks);
  return count;
}

// Calls `visit(slot)` for every slot that a batch has a record in.
void for_each_slot(const Batch& batch, const Layout& layout, auto visit) {
  for (const Piece& piece : batch.pieces) {
    std::uint32_t first = layout.slot_of(piece.block);
    for (std::uint32_t i = 0; i < layout.slots_in(piece.blocks); ++i) visit(first + i);
  }
}

// Whom the slots are charged to: all operations of a batch are of one namespace.
std::string_view owner(const Batch& batch) {
  return batch.ops.empty() ? std::string_view{} : std::string_view{batch.ops.front().name.space};
}

bool only_removes(const Batch& batch) {
  return std::ranges::all_of(batch.ops, [](const Op& op) { return op.remove; });
}

}  // namespace

Catalogue::Catalogue(const Layout& layout) : layout_{layout}, slots_(layout.slots()), free_{layout.slots()} {}

void Catalogue::add(Batch batch) {
  batch.pinned = false;
  const std::uint32_t version = batch.version;
  const Batch& added = batches_.emplace(version, std::move(batch)).first->second;
  for_each_slot(added, layout_, [&](std::uint32_t slot) {
    slots_[slot] = &added;
    cursor_ = slot + 1;
  });

  std::vector<const Batch*> older;
  for (std::size_t i = 0; i < added.ops.size(); ++i) {
    const Op& op = added.ops[i];
    Entry& entry = entries_[op.name];
    if (entry.newest != nullptr) {
      older.push_back(entry.newest);
      entry.removed() ? tombstones_.erase(op.name) : --objects_;
    }
    entry.newest = &added;
    entry.op = i;
    if (op.remove) {
      tombstones_.insert(op.name);
    } else {
      entry.contents.push_back(&added);
      ++objects_;
    }
  }
  repin(added);
  for (const Batch* before : older) repin(*before);
  for (const Op& op : added.ops) release_if_traceless(op.name);
}

void Catalogue::overwritten(std::uint16_t block, std::uint16_t blocks) {
  std::uint32_t first = layout_.slot_of(block);
  for (std::uint32_t i = 0; i < layout_.slots_in(blocks); ++i) {
    if (slots_[first + i] != nullptr) forget(*slots_[first + i]);
  }
}

// Only batches that are not pinned are ever overwritten, so nothing here is the present content of an object.
void Catalogue::forget(const Batch& batch) {
  for_each_slot(batch, layout_, [&](std::uint32_t slot) { slots_[slot] = nullptr; });
  std::vector<ObjectName> touched;
  for (const Op& op : batch.ops) {
    if (op.remove) continue;
    std::erase(entries_.at(op.name).contents, &batch);
    touched.push_back(op.name);
  }
  batches_.erase(batch.version);
  for (const ObjectName& name : touched) release_if_traceless(name);
}

// Once no content of a removed object is left on the chip, nothing can bring it back and its tombstone may go.
void Catalogue::release_if_traceless(const ObjectName& name) {
  auto found = entries_.find(name);
  if (found == entries_.end() || !found->second.contents.empty()) return;
  const Batch* tombstone = found->second.newest;
  entries_.erase(found);
  tombstones_.erase(name);
  repin(*tombstone);
}

// The records of a batch must stay while it holds the present content of an object, or a removal that older content on
// the chip would undo at the next mount.
void Catalogue::repin(const Batch& batch) {
  bool pinned = std::ranges::any_of(batch.ops, [&](const Op& op) {
    auto found = entries_.find(op.name);
    return found != entries_.end() && found->second.newest == &batch && !found->second.contents.empty();
  });
  if (pinned == batch.pinned) return;
  batches_.at(batch.version).pinned = pinned;
  std::uint32_t count = slots_in(batch, layout_);
  free_ = pinned ? free_ - count : free_ + count;
  std::uint32_t& charged = slots_by_space_[std::string{owner(batch)}];
  charged = pinned ? charged + count : charged - count;
}

std::uint32_t Catalogue::slots_of(std::string_view space) const {
  auto found = slots_by_space_.find(space);
  return found == slots_by_space_.end() ? 0 : found->second;
}

std::optional<Catalogue::Found> Catalogue::find(const ObjectName& name) const {
  auto found = entries_.find(name);
  if (found == entries_.end() || found->second.removed()) return std::nullopt;
  return Found{found->second.newest, &found->second.newest->ops[found->second.op]};
}

std::vector<ObjectInfo> Catalogue::list(ObjectKind kind, std::string_view space, std::string_view prefix) const {
  std::vector<ObjectInfo> result;
  ObjectName from{kind, std::string{space}, std::string{prefix}};
  for (auto at = entries_.lower_bound(from); at != entries_.end(); ++at) {
    const auto& [name, entry] = *at;
    if (name.kind != kind || name.space != space || !name.name.starts_with(prefix)) break;
    if (!entry.removed()) result.push_back({name, entry.newest->ops[entry.op].size});
  }
  return result;
}

std::uint32_t Catalogue::slots_released_by(std::span<const Change> changes) const {
  std::map<const Batch*, std::size_t> replaced;  // how many of its present objects
  for (const Change& change : changes) {
    if (auto found = find(change.name)) ++replaced[found->batch];
  }
  std::uint32_t slots = 0;
  for (const auto& [batch, count] : replaced) {
    auto needed =
        static_cast<std::size_t>(std::ranges::count_if(batch->ops, [&, batch = batch](const Op& op) {  // clang 14
          auto found = entries_.find(op.name);
          return found != entries_.end() && found->second.newest == batch;
        }));
    if (needed == count) slots += slots_in(*batch, layout_);
  }
  return slots;
}

std::vector<ObjectName> Catalogue::mergeable_tombstones(std::size_t max_blob) const {
  using Names = std::vector<ObjectName>;
  std::map<std::string_view, std::map<const Batch*, Names>> spaces;
  for (const ObjectName& name : tombstones_) {
    const Batch* batch = entries_.at(name).newest;
    if (only_removes(*batch)) spaces[name.space][batch].push_back(name);
  }

  Names best;
  std::size_t best_records = 1;
  for (auto& [space, records] : spaces) {
    std::vector<Names> groups;
    for (auto& [batch, names] : records) groups.push_back(std::move(names));
    std::ranges::sort(groups, {}, &Names::size);
    Names merged;
    std::size_t blob = 0;
    std::size_t taken = 0;
    for (Names& names : groups) {
      for (const ObjectName& name : names) blob += removal_size(name);
      if (blob > max_blob) break;
      std::ranges::move(names, std::back_inserter(merged));
      ++taken;
    }
    if (taken <= best_records) continue;
    best_records = taken;
    best = std::move(merged);
  }
  return best;
}

bool Catalogue::is_free(std::uint32_t slot, const std::vector<bool>& taken) const {
  return !taken[slot] && (slots_[slot] == nullptr || !slots_[slot]->pinned);
}

bool Catalogue::run_is_free(std::uint32_t slot, const std::vector<bool>& taken) const {
  for (std::uint32_t i = slot; i < slot + layout_.slots_in(kBurstBlocks); ++i) {
    if (!is_free(i, taken)) return false;
  }
  return true;
}

std::optional<std::uint32_t> Catalogue::slot_under_a_tombstone(const std::vector<bool>& taken) const {
  for (const ObjectName& name : tombstones_) {
    for (const Batch* old : entries_.at(name).contents) {
      std::uint32_t slot = layout_.slot_of(old->pieces.back().block);
      if (is_free(slot, taken)) return slot;
    }
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Catalogue::next_slot(const std::vector<bool>& taken) const {
  if (auto slot = slot_under_a_tombstone(taken)) return slot;
  auto count = static_cast<std::uint32_t>(slots_.size());
  for (std::uint32_t i = 0; i < count; ++i) {
    std::uint32_t slot = (cursor_ + i) % count;
    if (is_free(slot, taken)) return slot;
  }
  return std::nullopt;
}

std::optional<std::uint32_t> Catalogue::next_run(const std::vector<bool>& taken) const {
  for (std::uint32_t block = kBurstBlocks; block + kBurstBlocks <= layout_.region_blocks; block += kBurstBlocks) {
    std::uint32_t slot = layout_.slot_of(static_cast<std::uint16_t>(block));
    if (run_is_free(slot, taken)) return slot;
  }
  return std::nullopt;
}

std::size_t Catalogue::free_bursts() const {
  if (!layout_.bursts) return 0;
  const std::vector<bool> none(slots_.size());
  std::size_t count = 0;
  for (std::uint32_t block = kBurstBlocks; block + kBurstBlocks <= layout_.region_blocks; block += kBurstBlocks) {
    if (run_is_free(layout_.slot_of(static_cast<std::uint16_t>(block)), none)) ++count;
  }
  return count;
}

std::optional<std::vector<std::uint16_t>> Catalogue::place(std::span<const Cut> cuts) const {
  std::vector<bool> taken(slots_.size());
  std::vector<std::uint16_t> blocks;
  for (const Cut& cut : cuts) {
    auto slot = cut.blocks == layout_.slot_blocks ? next_slot(taken) : next_run(taken);
    if (!slot) return std::nullopt;
    for (std::uint32_t i = 0; i < layout_.slots_in(cut.blocks); ++i) taken[*slot + i] = true;
    blocks.push_back(layout_.block_of(*slot));
  }
  return blocks;
}

}  // namespace signet::rpmb
