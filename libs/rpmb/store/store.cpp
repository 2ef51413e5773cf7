#include "rpmb/store/store.h"

#include <algorithm>
#include <set>

#include "rpmb/store/content.h"
#include "rpmb/store/content_cache.h"
#include "rpmb/store/scan.h"

namespace signet::rpmb {
namespace {

constexpr std::uint32_t kReservedSlots = 4;  // so that a removal, and the merging of tombstones, always finds room
constexpr std::uint32_t kSlotsForMerging = 2;
constexpr int kTries = 4;  // of a change that older writes of ours keep overtaking
constexpr std::size_t kMaxName = 64;
constexpr std::size_t kMaxSpace = 32;

std::string describe(const ObjectName& name) { return name.space + "/" + name.name; }

// What stops a store from writing for good, as opposed to this once.
bool is_lasting(Errc code) {
  return code == Errc::foreign_writer || code == Errc::rollback || code == Errc::worn_out || code == Errc::media ||
         code == Errc::geometry;
}

// The outcome of a write made on the way: if that one is unknown, the caller's own was not even sent.
Result<void> not_ours(Result<void> done) {
  if (!done && done.error().code == Errc::outcome_unknown) {
    return fail(Errc::io, "nothing was changed: " + done.error().context);
  }
  return done;
}

}  // namespace

class Store::Impl {
 public:
  Impl(Session& session, StoreKeyDerivation derive, crypto::Random& random, std::size_t cache_octets)
      : session_{session}, derive_{std::move(derive)}, random_{random}, cache_{cache_octets} {}

  enum class Reason : std::uint8_t { start, overtaken };
  Result<void> load(Reason reason);
  Result<Bytes> get(const ObjectName& name);
  Result<void> apply(std::span<const Change> changes);
  Result<std::uint32_t> cost(std::span<const Change> changes);
  Result<void> accept();
  StoreFacts facts() const;

  [[nodiscard]] const Catalogue& catalogue() const { return *catalogue_; }
  [[nodiscard]] bool cached(const ObjectName& name) const { return !stale_ && cache_.contains(name); }
  [[nodiscard]] const std::optional<Error>& problem() const { return problem_; }

 private:
  // Copies of a caller's changes; their values leave nothing behind.
  struct Changes {
    std::vector<Change> list;

    Changes() = default;
    Changes(Changes&&) = default;
    Changes& operator=(Changes&&) = default;
    ~Changes() {
      for (Change& change : list) {
        if (change.value) wipe(change.value->data(), change.value->size());
      }
    }
  };
  // A batch on its way to the chip. `written` counts the records that stand there.
  struct Draft {
    Changes changes;
    Bytes blob;
    BatchId id{};
    std::vector<Cut> cuts;
    std::vector<std::uint16_t> blocks;
    std::size_t written = 0;

    Draft() = default;
    Draft(Draft&&) = default;
    Draft& operator=(Draft&&) = default;
    ~Draft() { wipe(blob.data(), blob.size()); }
  };

  Result<void> writable() const;
  Result<void> reload();
  Result<void> check(std::span<const Change> changes) const;
  Changes effective(std::span<const Change> changes) const;
  Result<void> settle();
  Result<void> attempt(std::span<const Change> changes, bool& overtaken);
  Result<void> repair_anchor(bool& overtaken);
  std::size_t kept_free(std::span<const Change> changes, std::size_t takes) const;
  Result<void> make_room(std::size_t slots, bool& overtaken);
  Result<void> commit(Draft draft, bool& overtaken);
  Result<Draft> draft(Changes changes);
  Result<Written> write_next(Draft& draft);
  void advance(Draft& draft);
  void finish(Draft& draft);
  Result<Written> watch(Result<Written> written);

  Session& session_;
  StoreKeyDerivation derive_;
  crypto::Random& random_;
  Anchor anchor_;
  bool anchors_agree_ = true;
  bool stale_ = false;  // an older write of ours took effect late, and the catalogue does not know of it yet
  std::optional<RecordCipher> cipher_;
  std::optional<SecretBytes<32>> store_key_;
  std::optional<Catalogue> catalogue_;
  ContentCache cache_;
  std::optional<Draft> unsettled_;  // its next record is the session's unsettled write
  std::optional<Error> problem_;
  std::uint32_t unclean_starts_ = 0;
};

Result<void> Store::Impl::load(Reason reason) {
  SIGNET_ASSIGN(Scan found, scan(session_, derive_));
  if (found.counter < found.newest_record) {  // once more: an answer may be late, the chip's word may not
    SIGNET_ASSIGN(found, scan(session_, derive_));
  }
  anchor_ = found.anchors.newest;
  anchors_agree_ = found.anchors.agree;
  cipher_.emplace(found.anchors.store_key, anchor_.store_id);
  store_key_ = std::move(found.anchors.store_key);
  catalogue_.emplace(anchor_.layout());
  cache_.clear();
  for (Batch& batch : found.batches) catalogue_->add(std::move(batch));

  const std::string node = session_.transport().facts().node;
  const std::string counters = node + ": write counter " + std::to_string(found.counter) + ", newest record made for " +
                               std::to_string(found.newest_record);
  stale_ = false;
  problem_.reset();
  if (found.counter < found.newest_record) {
    problem_ = Error{Errc::rollback, counters};
  } else if (std::uint32_t ahead = found.counter - found.newest_record; ahead > 0) {
    // One write of our own may have been torn by a power cut; no more, and none while we were running.
    if (ahead == 1 && reason == Reason::start) {
      unclean_starts_ = 1;
    } else {
      problem_ = Error{Errc::foreign_writer, counters};
    }
  }
  if (!problem_ && session_.expired()) problem_ = Error{Errc::worn_out, node};
  return {};
}

Result<void> Store::Impl::reload() {
  stale_ = true;  // and stays so when the reading fails
  return load(Reason::overtaken);
}

// --- reading

Result<Bytes> Store::Impl::get(const ObjectName& name) {
  if (stale_) SIGNET_TRY(reload());
  if (auto content = cache_.get(name)) return *std::move(content);
  auto found = catalogue_->find(name);
  if (!found) return fail(Errc::not_found, describe(name));
  SIGNET_ASSIGN(Bytes content, read_content(session_, *cipher_, *found));
  cache_.put(name, content);
  return content;
}

// --- writing

Result<void> Store::Impl::writable() const {
  if (!problem_) return {};
  return fail(Errc::read_only, to_string(*problem_));
}

Result<void> Store::Impl::check(std::span<const Change> changes) const {
  std::set<ObjectName> names;
  for (const Change& change : changes) {
    const ObjectName& name = change.name;
    if (name.space.empty() || name.space.size() > kMaxSpace) {
      return fail(Errc::invalid_argument, "namespace '" + name.space + "': 1 to 32 octets");
    }
    if (name.name.empty() || name.name.size() > kMaxName) {
      return fail(Errc::invalid_argument, "name '" + name.name + "': 1 to 64 octets");
    }
    if (name.space != changes.front().name.space) {
      return fail(Errc::invalid_argument, describe(name) + ": a batch is of one namespace");
    }
    if (!names.insert(name).second) return fail(Errc::invalid_argument, describe(name) + " comes twice");
    if (change.value && change.value->size() > catalogue_->layout().max_object()) {
      return fail(Errc::too_large, describe(name) + ": " + std::to_string(change.value->size()) + " octets, at most " +
                                       std::to_string(catalogue_->layout().max_object()));
    }
  }
  return {};
}

// The changes that change something.
Store::Impl::Changes Store::Impl::effective(std::span<const Change> changes) const {
  Changes result;
  for (const Change& change : changes) {
    auto found = catalogue_->find(change.name);
    bool same = found ? change.value && crypto::sha256(*change.value) == found->op->digest : !change.value;
    if (!same) result.list.push_back(change);
  }
  return result;
}

Result<void> Store::Impl::apply(std::span<const Change> changes) {
  SIGNET_TRY(check(changes));
  if (stale_) SIGNET_TRY(reload());
  if (!session_.unsettled() && effective(changes).list.empty()) return {};
  auto settled = settle();
  SIGNET_TRY(writable());
  SIGNET_TRY(std::move(settled));
  for (int i = 0; i < kTries; ++i) {
    SIGNET_TRY(writable());
    bool overtaken = false;
    auto done = attempt(changes, overtaken);
    if (!overtaken) return done;
    SIGNET_TRY(reload());  // takes over what the older write did
  }
  return fail(Errc::io,
              "older writes to " + session_.transport().facts().node + " keep taking effect; nothing was changed");
}

Result<void> Store::Impl::attempt(std::span<const Change> changes, bool& overtaken) {
  Changes todo = effective(changes);
  if (todo.list.empty()) return {};
  SIGNET_TRY(not_ours(repair_anchor(overtaken)));
  if (overtaken) return {};

  std::vector<Cut> cuts = cut_blob(blob_size(todo.list), catalogue_->layout(), 0);
  std::size_t need = cuts.size() + kept_free(todo.list, cuts.size());
  if (catalogue_->free_slots() < need || catalogue_->free_slots() <= kReservedSlots) {
    SIGNET_TRY(not_ours(make_room(need, overtaken)));
    if (overtaken) return {};
  }
  if (catalogue_->free_slots() < need) {
    return fail(Errc::store_full, std::to_string(cuts.size()) + " slots needed, " +
                                      std::to_string(catalogue_->free_slots()) + " free of which " +
                                      std::to_string(kReservedSlots) + " are kept for removals");
  }
  SIGNET_ASSIGN(Draft batch, draft(std::move(todo)));
  return commit(std::move(batch), overtaken);
}

// How many slots must stay free beside those that the changes take: enough for removals to come, and for merging them.
// A removal that frees what it takes may use the last one.
std::size_t Store::Impl::kept_free(std::span<const Change> changes, std::size_t takes) const {
  bool only_removals = std::ranges::none_of(changes, [](const Change& change) { return change.value.has_value(); });
  if (!only_removals) return kReservedSlots;
  return catalogue_->slots_released_by(changes) >= takes ? 0 : kSlotsForMerging;
}

// Restates tombstones, many in one record, until `slots` are free or nothing more can be gained. Rare: only when old
// content of many removed objects is still on the chip and nearly every slot is in use.
Result<void> Store::Impl::make_room(std::size_t slots, bool& overtaken) {
  while (catalogue_->free_slots() < slots || catalogue_->free_slots() <= kReservedSlots) {
    Changes merged;
    for (ObjectName& name : catalogue_->mergeable_tombstones(Layout::commit(catalogue_->layout().slot_blocks, false))) {
      merged.list.push_back({std::move(name), std::nullopt});
    }
    std::uint32_t before = catalogue_->free_slots();
    if (merged.list.empty() || before == 0) return {};
    SIGNET_ASSIGN(Draft batch, draft(std::move(merged)));
    SIGNET_TRY(commit(std::move(batch), overtaken));
    if (overtaken) return {};
  }
  return {};
}

// Cuts the changes into records and finds a place for each.
Result<Store::Impl::Draft> Store::Impl::draft(Changes changes) {
  Draft draft;
  draft.changes = std::move(changes);
  draft.blob = encode_blob(draft.changes.list);
  draft.id = random_.bytes<kBatchIdSize>();
  draft.cuts = cut_blob(draft.blob.size(), catalogue_->layout(), catalogue_->free_bursts());
  std::uint32_t slots = 0;
  for (const Cut& cut : draft.cuts) slots += catalogue_->layout().slots_in(cut.blocks);
  bool roomy = slots + kReservedSlots <= catalogue_->free_slots();
  if (!roomy) draft.cuts = cut_blob(draft.blob.size(), catalogue_->layout(), 0);
  auto blocks = catalogue_->place(draft.cuts);
  if (!blocks) return fail(Errc::store_full, std::to_string(draft.cuts.size()) + " slots needed");
  draft.blocks = std::move(*blocks);
  return draft;
}

// Writes the records of the draft one by one. The last one is the commit; before it nothing has changed.
Result<void> Store::Impl::commit(Draft draft, bool& overtaken) {
  while (draft.written < draft.cuts.size()) {
    bool last = draft.written + 1 == draft.cuts.size();
    auto written = watch(write_next(draft));
    if (!written && written.error().code == Errc::outcome_unknown) {
      Error error = std::move(written).error();
      unsettled_ = std::move(draft);
      if (last) return fail(std::move(error));
      return fail(Errc::io, "nothing was changed: " + error.context);  // a part without its commit is free space
    }
    if (!written) return fail(std::move(written).error());
    if (*written == Written::superseded) {
      overtaken = true;
      return {};
    }
    advance(draft);
  }
  finish(draft);
  if (session_.expired()) problem_ = Error{Errc::worn_out, session_.transport().facts().node};
  return {};
}

Result<Written> Store::Impl::write_next(Draft& draft) {
  const Cut& cut = draft.cuts[draft.written];
  const std::uint16_t block = draft.blocks[draft.written];
  const BytesView content = BytesView{draft.blob}.subspan(cut.offset, cut.size);
  const auto parts = static_cast<std::uint16_t>(draft.cuts.size() - 1);
  const bool is_commit = draft.written == parts;
  if (!session_.counter()) SIGNET_TRY(session_.read_counter());

  Bytes body = is_commit ? encode(Commit{parts, static_cast<std::uint32_t>(draft.blob.size()), draft.id, content})
                         : encode(Part{draft.id, static_cast<std::uint16_t>(draft.written), content});
  auto record = cipher_->seal(is_commit ? RecordType::commit : RecordType::part, block, cut.blocks,
                              *session_.counter() + 1, body, random_);
  wipe(body.data(), body.size());
  return session_.write(block, record);
}

// The next record of the draft stands on the chip.
void Store::Impl::advance(Draft& draft) {
  catalogue_->overwritten(draft.blocks[draft.written], draft.cuts[draft.written].blocks);
  ++draft.written;
}

// All records stand on the chip: the batch is what the store holds now.
void Store::Impl::finish(Draft& draft) {
  Batch batch{.version = *session_.counter()};
  for (std::size_t i = 0; i < draft.cuts.size(); ++i) {
    batch.pieces.push_back({draft.blocks[i], draft.cuts[i].blocks, draft.cuts[i].offset, draft.cuts[i].size});
  }
  batch.ops = parse_blob(draft.blob).value();  // our own encoding
  catalogue_->add(std::move(batch));
  for (const Change& change : draft.changes.list) {
    change.value ? cache_.put(change.name, *change.value) : cache_.drop(change.name);
  }
}

// Keeps a lasting trouble in mind. What the chip said in refusing counts only where the counter did not tell more: a
// foreign writer makes it refuse, too.
Result<Written> Store::Impl::watch(Result<Written> written) {
  if (written) return written;
  if (is_lasting(written.error().code)) {
    problem_ = written.error();
  } else if (session_.refusal() && is_lasting(*session_.refusal())) {
    problem_ = Error{*session_.refusal(), written.error().context};
  }
  return written;
}

// Learns what became of an unanswered write before another is built.
Result<void> Store::Impl::settle() {
  if (!session_.unsettled()) return {};
  auto settled = watch(session_.settle());
  if (!session_.unsettled() && !settled) unsettled_.reset();
  if (!settled) {
    return fail(Errc::io, "an earlier write is still not settled, this one was not sent: " + settled.error().context);
  }
  if (*settled == Written::superseded || !unsettled_ || problem_) {
    unsettled_.reset();
    return reload();
  }
  Draft draft = std::move(*unsettled_);
  unsettled_.reset();
  advance(draft);
  if (draft.written == draft.cuts.size()) finish(draft);
  return {};
}

// A format that was cut short leaves one new and one old anchor: the old one is brought up to date with the first
// write.
Result<void> Store::Impl::repair_anchor(bool& overtaken) {
  if (anchors_agree_) return {};
  for (std::uint16_t address : kAnchorCopies) {
    if (!session_.counter()) SIGNET_TRY(session_.read_counter());
    anchor_.counter_after = *session_.counter() + 1;
    std::vector<Block> blocks(anchor_.slot_blocks);
    blocks[0] = encode(anchor_, *store_key_);
    SIGNET_ASSIGN(Written written, watch(session_.write(address, blocks)));
    if (written == Written::superseded) {
      overtaken = true;
      return {};
    }
  }
  anchors_agree_ = true;
  return {};
}

Result<std::uint32_t> Store::Impl::cost(std::span<const Change> changes) {
  SIGNET_TRY(check(changes));
  const Changes todo = effective(changes);
  if (todo.list.empty()) return 0;
  return static_cast<std::uint32_t>(
      cut_blob(blob_size(todo.list), catalogue_->layout(), catalogue_->free_bursts()).size());
}

// An empty batch: from now on the newest record is made for the chip's present counter.
Result<void> Store::Impl::accept() {
  SIGNET_TRY(settle());
  SIGNET_TRY(reload());
  if (!problem_ || problem_->code != Errc::foreign_writer) return writable();
  bool overtaken = false;
  SIGNET_ASSIGN(Draft batch, draft({}));
  SIGNET_TRY(commit(std::move(batch), overtaken));
  SIGNET_TRY(reload());
  return writable();
}

StoreFacts Store::Impl::facts() const {
  const Layout& layout = catalogue_->layout();
  return {.store_id = anchor_.store_id,
          .ueid = anchor_.ueid,
          .region_blocks = layout.region_blocks,
          .slot_blocks = layout.slot_blocks,
          .burst_blocks = layout.bursts ? kBurstBlocks : layout.slot_blocks,
          .slots = layout.slots(),
          .slots_used = layout.slots() - catalogue_->free_slots(),
          .objects = catalogue_->objects(),
          .max_object = layout.max_object(),
          .unclean_starts = unclean_starts_};
}

// --- the public face

Result<Store> Store::mount(Session& session, const StoreKeyDerivation& derive, crypto::Random& random,
                           std::size_t cache_octets) {
  auto impl = std::make_unique<Impl>(session, derive, random, cache_octets);
  SIGNET_TRY(impl->load(Impl::Reason::start));
  return Store{std::move(impl)};
}

Store::Store(std::unique_ptr<Impl> impl) : impl_{std::move(impl)} {}
Store::Store(Store&&) noexcept = default;
Store& Store::operator=(Store&&) noexcept = default;
Store::~Store() = default;

Result<Bytes> Store::get(const ObjectName& name) { return impl_->get(name); }
bool Store::cached(const ObjectName& name) const { return impl_->cached(name); }
bool Store::contains(const ObjectName& name) const { return impl_->catalogue().find(name).has_value(); }
Result<void> Store::apply(std::span<const Change> changes) { return impl_->apply(changes); }
Result<std::uint32_t> Store::cost(std::span<const Change> changes) { return impl_->cost(changes); }
Result<void> Store::accept() { return impl_->accept(); }
StoreFacts Store::facts() const { return impl_->facts(); }
std::optional<Error> Store::problem() const { return impl_->problem(); }
std::uint32_t Store::slots_of(std::string_view space) const { return impl_->catalogue().slots_of(space); }
std::vector<ObjectInfo> Store::list(ObjectKind kind, std::string_view space, std::string_view prefix) const {
  return impl_->catalogue().list(kind, space, prefix);
}

}  // namespace signet::rpmb
