// Reads a region and works out what stands in it. Writes nothing.
#pragma once

#include <cstdint>
#include <vector>

#include "rpmb/session.h"
#include "rpmb/store/anchor.h"
#include "rpmb/store/catalogue.h"
#include "rpmb/store/record.h"
#include "rpmb/store/store.h"

namespace signet::rpmb {

// The anchors of a region: the newest authentic copy, and whether both say the same.
struct Anchors {
  Anchor newest;
  SecretBytes<32> store_key;
  bool agree = true;
};

// Errors: not_formatted, unsupported_format, foreign_filesystem. `blocks`: at least the first kFirstSlot blocks of the
// chip.
Result<Anchors> find_anchors(std::span<const Block> blocks, const StoreKeyDerivation& derive);

struct Scan {
  Anchors anchors;
  std::uint32_t counter = 0;        // the chip's, the same before and after the reading
  std::uint32_t newest_record = 0;  // highest "counter after" of any record or anchor
  std::vector<Batch> batches;       // complete ones, oldest first
};

// Errors: those of Session and find_anchors(); geometry: the region does not fit the chip.
Result<Scan> scan(Session& session, const StoreKeyDerivation& derive);

// The records of a region that authenticate, put together to batches. `octets` is decrypted in place.
// What does not authenticate or is not complete is free space, whatever it is.
struct Records {
  std::vector<Batch> batches;  // oldest first
  std::uint32_t newest = 0;    // highest "counter after"
};
Records read_records(std::span<Block> region, const Layout& layout, RecordCipher& cipher);

}  // namespace signet::rpmb
