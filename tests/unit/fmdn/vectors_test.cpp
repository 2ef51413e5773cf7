#include "fmdn/vectors/run_vectors.h"

#include <fstream>
#include <iterator>

#include "tests/unit/changed_vectors.h"
#include "tests/unit/random_octets.h"

namespace signet::fmdn {
namespace {

std::string vector_file() {
  std::ifstream stream{SIGNET_SOURCE_DIR "/tests/vectors/fmdn.json"};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

TEST(FmdnVectors, AllPass) {
  const auto report = run_vectors(vector_file());

  ASSERT_TRUE(report) << to_string(report.error());
  for (const auto& failure : report->failures) ADD_FAILURE() << failure.name << ": " << failure.reason;
  EXPECT_EQ(report->passed, 297U);
}

TEST(FmdnVectors, EveryExpectedValueOfIdentifiersCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("eid", {"eid", "flags_mask", "masked_clock", "r", "r_aligned", "r_prime", "seed"});
  changed.expect_noticed("eid_from_r_prime", {"eid", "flags_mask", "r", "r_aligned"});
  changed.expect_noticed("frames", {"frame", "flags_seed"});
  changed.expect_noticed("derived_keys", {"recovery_key", "ring_key", "utp_key", "eik_hash"});
  changed.expect_noticed("rotation", {"delay_s"});
  changed.expect_noticed("eik_wrap", {"wrapped"});

  EXPECT_GT(changed.count(), 5'000U);
}

TEST(FmdnVectors, EveryExpectedValueOfReportsCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("reports", {"eid", "urx", "sx", "ciphertext", "tag", "message", "shared_x", "key", "nonce"});
  changed.expect_noticed("resolve_urx", {"found"});

  EXPECT_GT(changed.count(), 3'000U);
}

TEST(FmdnVectors, EveryExpectedValueOfBeaconActionsCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("beacon_actions", {"error", "notify", "after", "ring_notify"});
  changed.expect_noticed("beacon_sequences", {"after"});
  changed.expect_noticed_in_steps("beacon_sequences", {"value", "error", "notify"});
  changed.expect_noticed("ring_notifications", {"notify"});
  changed.expect_noticed("message_stream", {"message"});

  EXPECT_GT(changed.count(), 3'500U);
}

TEST(FmdnVectors, EveryExpectedValueOfThePrimitivesCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("primitives", {"ciphertext", "tag", "valid", "okm", "point"});

  EXPECT_GT(changed.count(), 500U);
}

TEST(FmdnVectors, RandomAndDamagedDocumentsEndInAReportOrAreRefused) {
  const std::string whole = vector_file();
  RandomOctets random{1};

  for (int i = 0; i < kRandomStrings; ++i) EXPECT_FALSE(run_vectors(random.text(100)));
  for (int i = 0; i < 50; ++i) {
    const auto report = run_vectors(random.damaged(whole));
    EXPECT_TRUE(report || !report.error().context.empty());
  }
}

}  // namespace
}  // namespace signet::fmdn
