#include "identity/evidence.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "formatted_chip.h"

namespace signet::identity {
namespace {

constexpr std::size_t kCounterFrame = 4;

// A session with a formatted chip.
class EvidenceTest : public testing::Test {
 protected:
  Bytes evidence(std::string_view space, std::string_view data) {
    auto made = make_evidence(session_, space, as_bytes(data));
    EXPECT_TRUE(made);
    return made.value_or(Bytes{});
  }
  EvidenceVerdict verify(BytesView frames, std::string_view space = "alice", std::string_view data = "challenge") {
    return verify_evidence(mac_key_, ueid_, space, as_bytes(data), frames);
  }
  static std::span<std::uint8_t> frame(Bytes& evidence, std::size_t index) {
    return std::span{evidence}.subspan(index * rpmb::kFrameSize, rpmb::kFrameSize);
  }
  // Puts the right MAC on a read that was tampered with, as only the holder of the key can.
  void authenticate_read(Bytes& evidence) const {
    std::array<rpmb::Frame, kEvidenceBlocks> frames;
    std::memcpy(frames.data(), evidence.data(), sizeof frames);
    rpmb::authenticate(mac_key_, frames);
    std::memcpy(evidence.data(), frames.data(), sizeof frames);
  }

  rpmb::Ueid ueid_ = ueid_of(0x11);
  rpmb::testing::FakeChip chip_{formatted_chip(ueid_)};
  crypto::SystemRandom random_;
  rpmb::Key key_{key_octets(0)};
  crypto::HmacKey mac_key_{key_octets(0)};
  rpmb::Session session_{chip_, key_, random_};
};

TEST_F(EvidenceTest, OwnEvidenceIsAccepted) {
  EvidenceVerdict verdict = verify(evidence("alice", "challenge"));

  EXPECT_EQ(verdict.verdict, "ok");
  EXPECT_EQ(verdict.write_counter, 7U);
  EXPECT_EQ(to_hex(verdict.store_id), to_hex(Bytes(32, 0x5d)));
  EXPECT_EQ(verdict.ueid, ueid_);
}

TEST_F(EvidenceTest, CostsTwoReadsAndNoWrite) {
  evidence("alice", "challenge");

  EXPECT_EQ(chip_.counts().reads, 2U);
  EXPECT_EQ(chip_.counts().writes, 0U);
}

// hashlib.sha256(b'signet-evidence-v1 data\0alice\0challenge').digest()[:16], and the same with 'counter'
TEST_F(EvidenceTest, NoncesAreTheKnownAnswers) {
  Bytes frames = evidence("alice", "challenge");

  for (std::size_t i = 0; i < kCounterFrame; ++i) {
    EXPECT_EQ(to_hex(frame(frames, i).subspan(rpmb::at::kNonce, 16)), "ef8bc1dbaa18b9d234fc18ea89bf4440");
  }
  EXPECT_EQ(to_hex(frame(frames, kCounterFrame).subspan(rpmb::at::kNonce, 16)), "e9b994856367a489de882afb710ead4a");
}

TEST_F(EvidenceTest, EveryFlippedOctetIsRefused) {
  Bytes frames = evidence("alice", "challenge");

  for (std::size_t i = 0; i < frames.size(); ++i) {
    frames[i] ^= 0x01;
    EXPECT_FALSE(verify(frames).ok()) << "octet " << i;
    frames[i] ^= 0x01;
  }
  EXPECT_TRUE(verify(frames).ok());
}

TEST_F(EvidenceTest, AnotherNamespaceIsRefused) {
  EXPECT_EQ(verify(evidence("alice", "challenge"), "bob").verdict, "data: nonce_mismatch");
}

TEST_F(EvidenceTest, OtherDataIsRefused) {
  EXPECT_EQ(verify(evidence("alice", "challenge"), "alice", "challengf").verdict, "data: nonce_mismatch");
}

TEST_F(EvidenceTest, NamespaceAndDataCannotBeShiftedIntoEachOther) {
  using namespace std::string_literals;
  Bytes frames = evidence("alice", "\0challenge"s);

  EXPECT_FALSE(verify(frames, "alice"s, "challenge").ok());
  EXPECT_FALSE(verify(frames, "alic", "e\0challenge"s).ok());
}

TEST_F(EvidenceTest, AnotherChipIsRefused) {
  rpmb::testing::FakeChip other{formatted_chip(ueid_, key_octets(1))};
  rpmb::Session session{other, rpmb::Key{key_octets(1)}, random_};

  auto frames = make_evidence(session, "alice", as_bytes("challenge"));

  ASSERT_TRUE(frames);
  EXPECT_EQ(verify(*frames).verdict, "data: mac_mismatch");
}

TEST_F(EvidenceTest, AnchorsOfAnotherDeviceAreRefused) {
  chip_.restore(formatted_chip(ueid_of(0x22)));

  EXPECT_EQ(verify(evidence("alice", "challenge")).verdict, "ueid");
}

TEST_F(EvidenceTest, OneForeignAnchorOfTheTwoIsEnoughToRefuse) {
  rpmb::ChipState state = formatted_chip(ueid_);
  state.memory[2] = formatted_chip(ueid_of(0x22)).memory[2];
  chip_.restore(std::move(state));

  EXPECT_EQ(verify(evidence("alice", "challenge")).verdict, "ueid");
}

TEST_F(EvidenceTest, EitherAnchorWillDo) {
  for (std::uint16_t lost : rpmb::kAnchorCopies) {
    rpmb::ChipState state = formatted_chip(ueid_);
    state.memory[lost] = {};
    chip_.restore(std::move(state));

    EXPECT_EQ(verify(evidence("alice", "challenge")).verdict, "ok") << "without block " << lost;
  }
}

TEST_F(EvidenceTest, ChipWithoutAnchorsProvesNothing) {
  rpmb::ChipState state = formatted_chip(ueid_);
  for (std::uint16_t copy : rpmb::kAnchorCopies) state.memory[copy] = {};
  chip_.restore(std::move(state));

  EXPECT_EQ(verify(evidence("alice", "challenge")).verdict, "anchor");
}

TEST_F(EvidenceTest, SwappedFramesAreRefused) {
  Bytes frames = evidence("alice", "challenge");

  for (std::size_t a = 0; a < kEvidenceFrames; ++a) {
    for (std::size_t b = a + 1; b < kEvidenceFrames; ++b) {
      Bytes swapped = frames;
      std::ranges::swap_ranges(frame(swapped, a), frame(swapped, b));
      bool same = swapped == frames;  // blocks 1 and 3 of this chip are both empty
      EXPECT_EQ(verify(swapped).ok(), same) << a << " and " << b;
    }
  }
}

TEST_F(EvidenceTest, CounterFrameOfOtherEvidenceIsRefused) {
  Bytes frames = evidence("alice", "challenge");
  Bytes other = evidence("alice", "another one");
  std::ranges::copy(frame(other, kCounterFrame), frame(frames, kCounterFrame).begin());

  EXPECT_EQ(verify(frames).verdict, "counter: nonce_mismatch");
}

TEST_F(EvidenceTest, ReadOfOtherBlocksIsRefusedEvenWithTheRightNonce) {
  Bytes frames = evidence("alice", "challenge");
  for (std::size_t i = 0; i < kEvidenceBlocks; ++i) frame(frames, i)[rpmb::at::kAddress + 1] = 4;
  authenticate_read(frames);

  EXPECT_EQ(verify(frames).verdict, "data: address_mismatch");
}

TEST_F(EvidenceTest, EveryOtherLengthIsRefused) {
  Bytes frames = evidence("alice", "challenge");
  Bytes longer = frames;
  longer.push_back(0);

  EXPECT_EQ(verify(longer).verdict, "length");
  EXPECT_EQ(verify({}).verdict, "length");
  EXPECT_EQ(verify(BytesView{frames}.first(frames.size() - 1)).verdict, "length");
  EXPECT_EQ(verify(BytesView{frames}.first(4 * rpmb::kFrameSize)).verdict, "length");
}

TEST_F(EvidenceTest, RandomOctetsAreNeverAccepted) {
  for (int i = 0; i < 10'000; ++i) {
    auto frames = random_.bytes<kEvidenceSize>();
    ASSERT_FALSE(verify(frames).ok());
  }
}

TEST_F(EvidenceTest, DataOfABadSizeIsRefusedWithoutTouchingTheChip) {
  EXPECT_EQ(make_evidence(session_, "alice", {}).error().code, Errc::invalid_argument);
  EXPECT_EQ(make_evidence(session_, "alice", Bytes(kMaxEvidenceData + 1)).error().code, Errc::invalid_argument);

  EXPECT_EQ(chip_.counts().reads, 0U);
}

TEST_F(EvidenceTest, LargestDataIsTaken) {
  Bytes data(kMaxEvidenceData, 0xee);

  auto frames = make_evidence(session_, "alice", data);

  ASSERT_TRUE(frames);
  EXPECT_TRUE(verify_evidence(mac_key_, ueid_, "alice", data, *frames).ok());
}

// The nonces of a ticket (docs/registration.md, "Tickets") over the same octets: no evidence may carry them.
TEST_F(EvidenceTest, SharesNoLabelWithTickets) {
  using namespace std::string_literals;
  std::string b = "alice\0challenge"s;

  for (std::string label : {"signet-ticket-v1 data\0"s, "signet-ticket-v1 counter\0"s}) {
    crypto::Digest ticket = crypto::sha256(as_bytes(label + b));
    Bytes frames = evidence("alice", "challenge");
    for (std::size_t i = 0; i < kEvidenceFrames; ++i) {
      EXPECT_NE(to_hex(frame(frames, i).subspan(rpmb::at::kNonce, 16)), to_hex(BytesView{ticket}.first(16)));
    }
    for (std::size_t i = 0; i < kEvidenceBlocks; ++i) {
      std::ranges::copy(BytesView{ticket}.first(16), frame(frames, i).subspan(rpmb::at::kNonce).begin());
    }
    authenticate_read(frames);
    EXPECT_EQ(verify(frames).verdict, "data: nonce_mismatch") << "a ticket's frames served as evidence";
  }
}

}  // namespace
}  // namespace signet::identity
