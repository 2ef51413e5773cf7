#include "fastpair/vectors/run_vectors.h"

#include <fstream>
#include <iterator>

#include "tests/unit/changed_vectors.h"
#include "tests/unit/random_octets.h"

namespace signet::fastpair {
namespace {

std::string vector_file() {
  std::ifstream stream{SIGNET_SOURCE_DIR "/tests/vectors/fastpair.json"};
  return {std::istreambuf_iterator<char>{stream}, {}};
}

TEST(FastPairVectors, AllPass) {
  const auto report = run_vectors(vector_file());

  ASSERT_TRUE(report) << to_string(report.error());
  for (const auto& failure : report->failures) ADD_FAILURE() << failure.name << ": " << failure.reason;
  EXPECT_EQ(report->passed, 70U);
}

TEST(FastPairVectors, EveryExpectedValueOfPairingCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("primitives", {"out"});
  changed.expect_noticed("anti_spoofing", {"provider_public", "seeker_public", "shared_x", "aes_key"});
  changed.expect_noticed("key_based_pairing",
                         {"aes_key", "raw_request", "write", "raw_response", "notify", "seeker_address"});
  changed.expect_noticed("passkey", {"passkey", "seeker_raw", "write", "provider_raw", "notify"});
  changed.expect_noticed("account_key", {"account_key", "write", "accepted", "reason"});
  changed.expect_noticed("additional_data", {"data", "packet"});

  EXPECT_GT(changed.count(), 2'500U);
}

TEST(FastPairVectors, EveryExpectedValueOfAdvertsAndMessagesCounts) {
  vectors::ChangedVectors changed{vector_file(), run_vectors};

  changed.expect_noticed("account_key_filter", {"filter"});
  changed.expect_noticed("adverts", {"service_data_ad"});
  changed.expect_noticed("message_stream", {"group", "code", "data", "message"});

  EXPECT_GT(changed.count(), 1'000U);
}

TEST(FastPairVectors, AnUnknownGroupIsNotPassedOver) {
  const auto report = run_vectors(R"({"format": "fastpair-vectors/1", "groups": {"advert": []}})");

  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().context, "groups.advert is not a group of this format");
}

TEST(FastPairVectors, RandomAndDamagedDocumentsEndInAReportOrAreRefused) {
  const std::string whole = vector_file();
  RandomOctets random{1};

  for (int i = 0; i < kRandomStrings; ++i) EXPECT_FALSE(run_vectors(random.text(100)));
  for (int i = 0; i < 300; ++i) {
    const auto report = run_vectors(random.damaged(whole));
    EXPECT_TRUE(report || !report.error().context.empty());
  }
}

}  // namespace
}  // namespace signet::fastpair
