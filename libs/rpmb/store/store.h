// The slot store: encrypted objects in an RPMB partition, one authenticated write per commit, no compaction.
// On-chip format and the reasons for it: docs/store-format.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "crypto/random.h"
#include "rpmb/session.h"

namespace signet::rpmb {

using StoreId = std::array<std::uint8_t, 32>;
using Ueid = std::array<std::uint8_t, 33>;

// Who an object belongs to. Kinds keep objects, keys and counters of one namespace apart.
enum class ObjectKind : std::uint8_t { object = 1, key = 2, counter = 3, system = 4 };
struct ObjectName {
  ObjectKind kind = ObjectKind::object;
  std::string space;  // namespace: 1..32 octets
  std::string name;   // 1..64 octets
  auto operator<=>(const ObjectName&) const = default;
};

struct Change {
  ObjectName name;
  std::optional<Bytes> value;  // nothing: remove
};

struct ObjectInfo {
  ObjectName name;
  std::uint32_t size = 0;  // octets
};

struct StoreFacts {
  StoreId store_id{};
  Ueid ueid{};
  std::uint32_t region_blocks = 0;  // from block 0
  std::uint16_t slot_blocks = 0;    // 1 or 2: what the chip really writes in one request
  std::uint16_t burst_blocks = 0;   // 32 when the chip has proven to write that many at once, else slot_blocks
  std::uint32_t slots = 0;
  std::uint32_t slots_used = 0;  // live records and tombstones that cannot be released yet
  std::uint32_t objects = 0;
  std::uint32_t max_object = 0;      // octets: a quarter of the region
  std::uint32_t unclean_starts = 0;  // own writes that the last mount found torn or not kept (0 or 1)
};

// Derives the store key for a store id (docs/identity.md, "Keys": a new format is a new key).
using StoreKeyDerivation = std::function<SecretBytes<32>(const StoreId&)>;

struct FormatOptions {
  std::uint32_t region_blocks = 0;  // a multiple of kUnitBlocks; 0: the partition, at most 1 MiB
  Ueid ueid{};
};

// Writes a new, empty store; whatever was there becomes unreadable. Learns the chip's real write size on the way.
// Errors: those of Session::write; foreign_filesystem (an OP-TEE file system is in block 0); invalid_argument (region).
Result<void> format(Session& session, const FormatOptions& options, const StoreKeyDerivation& derive,
                    crypto::Random& random);

// True when block 0 carries the magic of an OP-TEE RPMB file system, in either byte order.
bool is_optee(const Block& block0);

class Store {
 public:
  // Reads the whole region; writes nothing. `cache_octets` bounds the memory for object contents.
  // Errors: those of Session; not_formatted, unsupported_format, geometry, foreign_filesystem.
  // foreign_writer and rollback are no errors here: the store mounts read-only, see problem().
  static Result<Store> mount(Session& session, const StoreKeyDerivation& derive, crypto::Random& random,
                             std::size_t cache_octets = 64 * 1024);
  Store(Store&&) noexcept;
  Store& operator=(Store&&) noexcept;
  ~Store();

  // Errors: not_found; damaged; those of Session::read.
  Result<Bytes> get(const ObjectName& name);
  // True when get() needs no read from the chip.
  [[nodiscard]] bool cached(const ObjectName& name) const;
  [[nodiscard]] bool contains(const ObjectName& name) const;

  // All changes, of one namespace, together or none. Equal content and removal of what is not there cost nothing.
  // Errors: outcome_unknown; store_full, too_large, invalid_argument (names the change); read_only (see problem()); io
  // (an earlier write is not settled yet: nothing of this one was sent); worn_out, media.
  Result<void> apply(std::span<const Change> changes);
  // How many authenticated writes apply() would make now, not counting repairs. 0: nothing to write.
  Result<std::uint32_t> cost(std::span<const Change> changes);

  // Objects of a kind in a namespace whose name begins with `prefix`, sorted. Like contains(), as of the last time the
  // chip could be read: after a doubt that only a chip which does not answer leaves open, the next get() or apply() of
  // a chip that answers brings it up to date.
  [[nodiscard]] std::vector<ObjectInfo> list(ObjectKind kind, std::string_view space,
                                             std::string_view prefix = {}) const;

  // Slots that the batches of a namespace keep from being free: what quotas on space are measured by. A batch stays
  // whole until the last object in it is replaced or removed.
  [[nodiscard]] std::uint32_t slots_of(std::string_view space) const;

  // After foreign_writer: takes the present content for good (one write). Errors: as apply(); rollback cannot be
  // accepted.
  Result<void> accept();

  [[nodiscard]] StoreFacts facts() const;
  // Why the store is read-only: foreign_writer, rollback, worn_out, media; nothing when it is not.
  [[nodiscard]] std::optional<Error> problem() const;

 private:
  class Impl;
  explicit Store(std::unique_ptr<Impl> impl);
  std::unique_ptr<Impl> impl_;
};

}  // namespace signet::rpmb
