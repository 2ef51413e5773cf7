#include "identity/ids.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

namespace signet::identity {
namespace {

std::string refusal(const Result<void>& checked) {
  if (checked) return "taken";
  EXPECT_EQ(checked.error().code, Errc::invalid_argument);
  return checked.error().context;
}

TEST(Ids, TheShortestAndTheLongestAreTaken) {
  const std::string all = "ABCXYZabcxyz0189_-";

  EXPECT_TRUE(check_ids({.model_id = "m", .sn = "s", .app_id = "a"}));
  EXPECT_TRUE(check_ids({.model_id = all + "." + std::string(45, 'm'),
                         .sn = all + std::string(110, 's'),
                         .app_id = all + "." + std::string(45, 'a')}));
  EXPECT_TRUE(check_sn_ticket("ABCDEFGHIJKLMNOPQRSTUVWXYZabcd09"));
}

TEST(Ids, ARefusalNamesTheFieldAndTheLength) {
  EXPECT_EQ(refusal(check_model_id("")), "model_id: has 0 characters, must have 1 to 64");
  EXPECT_EQ(refusal(check_model_id(std::string(65, 'm'))), "model_id: has 65 characters, must have 1 to 64");
  EXPECT_EQ(refusal(check_sn(std::string(129, 's'))), "sn: has 129 characters, must have 1 to 128");
  EXPECT_EQ(refusal(check_app_id(std::string(65, 'a'))), "app_id: has 65 characters, must have 1 to 64");
  EXPECT_EQ(refusal(check_sn_ticket(std::string(31, 't'))), "sn_ticket: has 31 characters, must have 32");
}

TEST(Ids, ARefusalNamesTheFirstOctetThatIsNotAllowed) {
  EXPECT_EQ(refusal(check_model_id("ab/c d")), "model_id: '/' at position 3 is none of A-Z a-z 0-9 _ - .");
  EXPECT_EQ(refusal(check_sn("a.b")), "sn: '.' at position 2 is none of A-Z a-z 0-9 _ -");
  EXPECT_EQ(refusal(check_app_id(std::string_view{"a\0", 2})),
            "app_id: octet 0x00 at position 2 is none of A-Z a-z 0-9 _ - .");
  EXPECT_EQ(refusal(check_app_id("\xc3\xa9")), "app_id: octet 0xc3 at position 1 is none of A-Z a-z 0-9 _ - .");
  EXPECT_EQ(refusal(check_sn_ticket(std::string(31, 't') + "_")),
            "sn_ticket: '_' at position 32 is none of A-Z a-z 0-9");
}

TEST(Ids, AllThreeAreChecked) {
  EXPECT_TRUE(refusal(check_ids({.model_id = "", .sn = "s", .app_id = "a"})).starts_with("model_id: "));
  EXPECT_TRUE(refusal(check_ids({.model_id = "m", .sn = "", .app_id = "a"})).starts_with("sn: "));
  EXPECT_TRUE(refusal(check_ids({.model_id = "m", .sn = "s", .app_id = ""})).starts_with("app_id: "));
}

TEST(Ids, RandomOctetsAreTakenOnlyWhereTheyAreAllowed) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string text = random.text(70);
    const bool plain = text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-.") ==
                       std::string::npos;
    EXPECT_EQ(refusal(check_model_id(text)) == "taken", plain && !text.empty() && text.size() <= 64);
  }
}

// hashlib.sha256(b'signet identity v1\0' + bytes(range(16)) + b'model-1\0SN1\0app').hexdigest()
TEST(Ids, TheDigestIsAKnownAnswer) {
  RegistrationId id;
  for (std::size_t i = 0; i < id.size(); ++i) id[i] = static_cast<std::uint8_t>(i);

  EXPECT_EQ(to_hex(identity_digest(id, {.model_id = "model-1", .sn = "SN1", .app_id = "app"})),
            "58c67a8e18bc5d852147a2e50dbd92d3d518b5b66f19ca53295c273ea378f5c5");
  EXPECT_NE(identity_digest(id, {.model_id = "a", .sn = "b", .app_id = "c"}),
            identity_digest(id, {.model_id = "a", .sn = "c", .app_id = "b"}));
}

// hashlib.sha256(b'signet cid v1\0' + bytes(9) + b'\0' + bytes(range(10, 15)) + b'\0').hexdigest(), masked
TEST(Ids, TheHashOfACidIsAKnownAnswer) {
  std::array<std::uint8_t, 16> cid{};
  for (std::size_t i = 9; i < cid.size(); ++i) cid[i] = static_cast<std::uint8_t>(i);

  EXPECT_EQ(to_hex(cid_hash(mask(cid))), "c3d252b5690a03a29fca2cf054aaacf1d07fe2fa14475a356471a34c8288e685");
}

}  // namespace
}  // namespace signet::identity
