#include "rpmb/store/scan.h"

#include <algorithm>
#include <map>

namespace signet::rpmb {
namespace {

constexpr int kSettleTries = 3;  // a counter that moves while we read means that somebody else is writing

std::span<std::uint8_t> octets_of(std::span<Block> blocks) {
  return {blocks.front().data(), blocks.size() * kBlockSize};
}

// A piece and where its octets are in the image.
struct FoundPiece {
  Piece piece;
  BytesView content;
};
struct FoundCommit {
  std::uint32_t counter_after;
  FoundPiece piece;
  Commit commit;
};

// Collects records and puts batches together once all are known.
class Collector {
 public:
  void take(const RecordCipher::Opened& record, std::uint16_t block, std::uint16_t blocks) {
    newest_ = std::max(newest_, record.counter_after);
    FoundPiece found{{block, blocks}, {}};
    if (record.type == RecordType::part) {
      auto part = parse_part(record.body);
      if (!part) return;
      found.content = part->content;
      parts_[part->batch][part->index] = found;
    } else if (auto commit = parse_commit(record.body)) {
      commits_.push_back({record.counter_after, found, *commit});
    }
  }

  Records finish() {
    Records records{.newest = newest_};
    for (const FoundCommit& commit : commits_) {
      if (auto batch = assemble(commit)) records.batches.push_back(std::move(*batch));
    }
    // Two of one version cannot come about on a chip that takes data and counter together; one of them is enough.
    std::ranges::stable_sort(records.batches, {}, &Batch::version);
    auto same = [](const Batch& a, const Batch& b) { return a.version == b.version; };
    records.batches.erase(std::unique(records.batches.begin(), records.batches.end(), same), records.batches.end());
    return records;
  }

 private:
  std::optional<Batch> assemble(const FoundCommit& found) const {
    Batch batch{.version = found.counter_after};
    Bytes blob;
    auto add = [&](Piece piece, BytesView content) {
      piece.offset = static_cast<std::uint32_t>(blob.size());
      piece.size = static_cast<std::uint32_t>(content.size());
      batch.pieces.push_back(piece);
      append(blob, content);
    };
    if (found.commit.parts > 0) {
      auto parts = parts_.find(found.commit.batch);
      if (parts == parts_.end()) return std::nullopt;
      for (std::uint16_t index = 0; index < found.commit.parts; ++index) {
        auto part = parts->second.find(index);
        if (part == parts->second.end()) return std::nullopt;
        add(part->second.piece, part->second.content);
      }
    }
    if (found.commit.blob_size < blob.size() || found.commit.blob_size - blob.size() > found.commit.tail.size()) {
      return std::nullopt;
    }
    add(found.piece.piece, found.commit.tail.first(found.commit.blob_size - blob.size()));

    auto ops = parse_blob(blob);
    wipe(blob.data(), blob.size());
    if (!ops) return std::nullopt;
    batch.ops = std::move(*ops);
    return batch;
  }

  std::map<BatchId, std::map<std::uint16_t, FoundPiece>> parts_;
  std::vector<FoundCommit> commits_;
  std::uint32_t newest_ = 0;
};

bool sane(const Anchor& anchor) {
  bool slot = anchor.slot_blocks == 1 || anchor.slot_blocks == 2;
  bool burst = anchor.burst_blocks == anchor.slot_blocks || anchor.burst_blocks == kBurstBlocks;
  return slot && burst && anchor.region_blocks >= kUnitBlocks && anchor.region_blocks % kUnitBlocks == 0;
}

Result<void> read_blocks(Session& session, std::size_t from, std::span<Block> blocks) {
  const std::size_t most = session.transport().facts().read_frames;
  for (std::size_t done = 0; done < blocks.size();) {
    std::size_t count = std::min(most, blocks.size() - done);
    SIGNET_TRY(session.read(static_cast<std::uint16_t>(from + done), blocks.subspan(done, count)));
    done += count;
  }
  return {};
}

}  // namespace

Result<Anchors> find_anchors(std::span<const Block> blocks, const StoreKeyDerivation& derive) {
  if (is_optee(blocks[0])) return fail(Errc::foreign_filesystem, "block 0 holds an OP-TEE file system");
  std::optional<Anchors> best;
  int copies = 0;
  bool other_version = false;
  for (std::uint16_t address : kAnchorCopies) {
    auto anchor = parse_anchor(blocks[address]);
    if (!anchor) continue;
    if (anchor->version != kFormatVersion) {
      other_version = true;
      continue;
    }
    SecretBytes<32> key = derive(anchor->store_id);
    if (!sane(*anchor) || !authentic_anchor(blocks[address], key)) continue;
    ++copies;
    bool same = best && best->newest.store_id == anchor->store_id;
    if (!best || anchor->counter_after > best->newest.counter_after) best = Anchors{*anchor, std::move(key)};
    best->agree = same;
  }
  if (best) {
    best->agree = best->agree && copies == 2;
    return std::move(*best);
  }
  if (other_version) return fail(Errc::unsupported_format, "the anchor is not of format version 1");
  return fail(Errc::not_formatted, "no anchor in blocks 0 to 3");
}

Records read_records(std::span<Block> region, const Layout& layout, RecordCipher& cipher) {
  Collector collector;
  std::uint32_t block = kFirstSlot;
  auto try_length = [&](std::uint16_t blocks) {
    if (block + blocks > region.size()) return false;
    auto octets = octets_of(region.subspan(block, blocks));
    if (!RecordCipher::looks_like_record(octets, blocks)) return false;
    Bytes copy;  // a burst that does not authenticate may cover slots that do
    if (blocks == kBurstBlocks) copy.assign(octets.begin(), octets.end());
    auto record = cipher.open(static_cast<std::uint16_t>(block), octets);
    if (!record) {
      std::ranges::copy(copy, octets.begin());
      return false;
    }
    collector.take(*record, static_cast<std::uint16_t>(block), blocks);
    block += blocks;
    return true;
  };
  while (block + layout.slot_blocks <= region.size()) {
    if (layout.bursts && block % kBurstBlocks == 0 && try_length(kBurstBlocks)) continue;
    if (!try_length(layout.slot_blocks)) block += layout.slot_blocks;
  }
  return collector.finish();
}

Result<Scan> scan(Session& session, const StoreKeyDerivation& derive) {
  const ChipFacts& chip = session.transport().facts();
  for (int attempt = 0; attempt < kSettleTries; ++attempt) {
    SIGNET_ASSIGN(std::uint32_t before, session.read_counter());
    std::vector<Block> region(std::min<std::size_t>(kMaxReadFrames, chip.blocks));
    SIGNET_TRY(read_blocks(session, 0, region));
    SIGNET_ASSIGN(Anchors anchors, find_anchors(region, derive));
    const std::uint32_t size = anchors.newest.region_blocks;
    if (size > chip.blocks) {
      return fail(Errc::geometry, "the store spans " + std::to_string(size) + " blocks, " + chip.node + " has " +
                                      std::to_string(chip.blocks));
    }
    std::size_t got = std::min<std::size_t>(region.size(), size);
    region.resize(size);
    SIGNET_TRY(read_blocks(session, got, std::span{region}.subspan(got)));
    SIGNET_ASSIGN(std::uint32_t after, session.read_counter());
    if (before != after) continue;

    RecordCipher cipher{anchors.store_key, anchors.newest.store_id};
    Records records = read_records(region, anchors.newest.layout(), cipher);
    wipe(region.data(), region.size() * kBlockSize);
    const std::uint32_t newest = std::max(records.newest, anchors.newest.counter_after);
    return Scan{.anchors = std::move(anchors),
                .counter = after,
                .newest_record = newest,
                .batches = std::move(records.batches)};
  }
  return fail(Errc::foreign_writer, "the write counter of " + chip.node + " keeps moving while it is read");
}

}  // namespace signet::rpmb
