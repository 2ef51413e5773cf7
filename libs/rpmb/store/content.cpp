#include "rpmb/store/content.h"

#include <algorithm>

namespace signet::rpmb {
namespace {

// The octets of the blob in one piece, out of a freshly read record.
std::optional<Bytes> open_piece(RecordCipher& cipher, const Batch& batch, std::size_t index,
                                std::span<std::uint8_t> octets) {
  const Piece& piece = batch.pieces[index];
  auto record = cipher.open(piece.block, octets);
  if (!record) return std::nullopt;
  BytesView content;
  if (index + 1 < batch.pieces.size()) {
    auto part = parse_part(record->body);
    if (part) content = part->content;
  } else if (record->counter_after == batch.version) {
    auto commit = parse_commit(record->body);
    if (commit && commit->tail.size() >= piece.size) content = commit->tail.first(piece.size);
  }
  if (content.size() != piece.size) return std::nullopt;
  return Bytes{content.begin(), content.end()};
}

// The octets of the blob in pieces `first` to `last`, which stand side by side on the chip.
Result<Bytes> read_run(Session& session, RecordCipher& cipher, const Batch& batch, std::size_t first,
                       std::size_t last) {
  const std::uint16_t begin = batch.pieces[first].block;
  std::vector<Block> blocks(batch.pieces[last].block + batch.pieces[last].blocks - std::size_t{begin});
  SIGNET_TRY(session.read(begin, blocks));
  std::span<std::uint8_t> octets{blocks.front().data(), blocks.size() * kBlockSize};
  Bytes content;
  for (std::size_t i = first; i <= last; ++i) {
    const Piece& piece = batch.pieces[i];
    auto opened =
        open_piece(cipher, batch, i, octets.subspan((piece.block - begin) * kBlockSize, piece.blocks * kBlockSize));
    if (!opened) return fail(Errc::damaged, "record in block " + std::to_string(piece.block));
    append(content, *opened);
    wipe(opened->data(), opened->size());
  }
  wipe(octets.data(), octets.size());
  return content;
}

// The last of the pieces from `first` on that can be read in one operation of at most `limit` blocks and hold octets
// before `end`.
std::size_t end_of_run(const std::vector<Piece>& pieces, std::size_t first, std::uint32_t end, std::size_t limit) {
  std::size_t last = first;
  while (last + 1 < pieces.size()) {
    const Piece& next = pieces[last + 1];
    bool adjoins = pieces[last].block + pieces[last].blocks == next.block;
    bool fits = std::size_t{next.block} + next.blocks - pieces[first].block <= limit;
    if (!adjoins || !fits || next.offset >= end) break;
    ++last;
  }
  return last;
}

}  // namespace

Result<Bytes> read_content(Session& session, RecordCipher& cipher, const Catalogue::Found& object) {
  const std::vector<Piece>& pieces = object.batch->pieces;
  const std::uint32_t begin = object.op->offset;
  const std::uint32_t end = begin + object.op->size;
  Bytes content;
  for (std::size_t first = 0; first < pieces.size(); ++first) {
    if (pieces[first].offset + pieces[first].size <= begin || pieces[first].offset >= end) continue;
    std::size_t last = end_of_run(pieces, first, end, session.transport().facts().read_frames);
    SIGNET_ASSIGN(Bytes octets, read_run(session, cipher, *object.batch, first, last));
    std::uint32_t from = std::max(begin, pieces[first].offset);
    std::uint32_t to = std::min(end, pieces[last].offset + pieces[last].size);
    append(content, BytesView{octets}.subspan(from - pieces[first].offset, to - from));
    wipe(octets.data(), octets.size());
    first = last;
  }
  if (crypto::sha256(content) != object.op->digest) {
    return fail(Errc::damaged, object.op->name.space + "/" + object.op->name.name);
  }
  return content;
}

}  // namespace signet::rpmb
