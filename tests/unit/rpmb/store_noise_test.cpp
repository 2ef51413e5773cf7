// A chip whose content is noise: whatever stands in a region, the mount takes it or leaves it.
#include "base/endian.h"
#include "rpmb/store/anchor.h"
#include "rpmb/store/record.h"
#include "rpmb/store/scan.h"
#include "store_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::rpmb::testing {
namespace {

using ::testing::AnyOf;

Bytes to_bytes(const std::string& text) { return {text.begin(), text.end()}; }

TEST(RecordBodies, AreTakenOnlyWhereTheirLengthsAddUp) {
  RandomOctets random{1};
  const Bytes blob = encode_blob(std::vector<Change>{{object("kept"), content(40)}, {object("gone"), std::nullopt}});
  for (int i = 0; i < kRandomStrings; ++i) {
    for (const auto& text : {random.text(300), random.damaged(std::string{as_text(blob)})}) {
      const Bytes octets = to_bytes(text);

      if (const auto ops = parse_blob(octets)) {
        for (const Op& op : *ops) ASSERT_LE(std::uint64_t{op.offset} + op.size, octets.size()) << i;
      }
      if (const auto commit = parse_commit(octets)) {
        ASSERT_LE(commit->tail.size(), octets.size()) << i;
      }
      if (const auto part = parse_part(octets)) {
        ASSERT_LE(part->content.size(), octets.size()) << i;
      }
    }
  }
}

TEST(RecordBodies, OfRandomOctetsNeverOpen) {
  RandomOctets random{2};
  RecordCipher cipher{derive_store_key({}), {}};
  for (int i = 0; i < kRandomStrings; ++i) {
    auto block = random.filled<Block>();
    if (i % 2 == 0) std::ranges::copy(as_bytes(std::string_view{"SGR1\1\1\0\0", 8}), block.begin());

    ASSERT_FALSE(cipher.open(kFirstSlot, block)) << i;
  }
}

TEST(Anchors, OfRandomOctetsAreNone) {
  RandomOctets random{3};
  for (int i = 0; i < kRandomStrings; ++i) {
    std::vector<Block> blocks(kFirstSlot);
    for (Block& block : blocks) {
      block = random.filled<Block>();
      if (i % 2 == 0) std::ranges::copy(as_bytes("SGA1"), block.begin());
      if (i % 4 == 0) block[4] = kFormatVersion;
    }

    const auto found = find_anchors(blocks, derive_store_key);

    ASSERT_FALSE(found) << i;
    ASSERT_THAT(found.error().code, AnyOf(Errc::not_formatted, Errc::unsupported_format)) << i;
  }
}

class StoreNoise : public StoreTest {
 protected:
  // Records that authenticate, as a hostile earlier version could have left them: sealed, with any body.
  void seal_noise(std::vector<Block>& memory, std::uint32_t counter) {
    RecordCipher cipher{derive_store_key(store().facts().store_id), store().facts().store_id};
    for (auto left = octets_.below(20); left > 0; --left) {
      const auto block = static_cast<std::uint16_t>(kFirstSlot + 2 * octets_.below((memory.size() - kFirstSlot) / 2));
      const auto type = octets_.below(2) == 0 ? RecordType::commit : RecordType::part;
      Bytes body = to_bytes(octets_.text(Layout::body(2)));
      if (body.size() > 6 && octets_.below(2) == 0) body[0] = body[1] = body[2] = body[3] = body[4] = 0;
      const auto record = cipher.seal(type, block, 2, counter, body, host_.random());
      std::ranges::copy(record, memory.begin() + block);
    }
  }

  // Everything that the store lists can be asked for: its content, or an error of the list.
  void expect_usable() {
    for (const auto& info : store().list(ObjectKind::object, "app")) {
      const auto value = store().get(info.name);
      if (value) {
        ASSERT_EQ(value->size(), info.size);
      } else {
        ASSERT_EQ(value.error().code, Errc::damaged) << to_string(value.error());
      }
    }
  }

  RandomOctets octets_{4};
};

TEST_F(StoreNoise, InAWholeRegionIsNoStore) {
  for (int i = 0; i < 300; ++i) {
    ChipState state = chip_.snapshot();
    for (Block& block : state.memory) block = octets_.filled<Block>();
    chip_.restore(std::move(state));

    ASSERT_THAT(host_.try_start(), FailsWith(Errc::not_formatted)) << i;
  }
}

TEST_F(StoreNoise, BehindGoodAnchorsIsFreeSpace) {
  ASSERT_THAT(put(store(), "kept", content(100)), Succeeds());
  const ChipState good = chip_.snapshot();
  for (int i = 0; i < 300; ++i) {
    ChipState state = good;
    for (std::size_t block = kFirstSlot; block < state.memory.size(); ++block) {
      if (state.memory[block] == Block{}) state.memory[block] = octets_.filled<Block>();
    }
    chip_.restore(std::move(state));

    host_.start();

    ASSERT_EQ(store().problem(), std::nullopt) << i;
    ASSERT_EQ(store().get(object("kept")), content(100)) << i;
    ASSERT_THAT(put(store(), "new", content(1000)), Succeeds()) << i;
    ASSERT_EQ(store().get(object("new")), content(1000)) << i;
  }
}

TEST_F(StoreNoise, InRecordsThatAuthenticateIsTakenOrLeft) {
  ASSERT_THAT(put(store(), "kept", content(100)), Succeeds());
  const ChipState good = chip_.snapshot();
  for (int i = 0; i < 300; ++i) {
    ChipState state = good;
    seal_noise(state.memory, state.registers.write_counter);
    chip_.restore(std::move(state));

    host_.start();

    expect_usable();
    const auto written = put(store(), "new", content(1000));
    if (written) {
      ASSERT_EQ(store().get(object("new")), content(1000)) << i;
    }
    expect_usable();
  }
}

}  // namespace
}  // namespace signet::rpmb::testing
