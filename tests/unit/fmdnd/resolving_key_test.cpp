#include "fmdnd/resolving_key.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

#include "base/hex.h"
#include "tests/unit/fmdnd/phone_fixture.h"
#include "tests/unit/random_octets.h"

namespace signet::fmdnd {
namespace {

// As bluetoothd 5.66 has written it, and an address that its kernel has made with it: from bed I (tests/vm).
constexpr std::string_view kIdentity = "[General]\nIdentityResolvingKey=5fc25da5d6a653ac5682908019de4ee5\n";
constexpr bluez::DeviceAddress kMade{0x62, 0xc6, 0x49, 0x53, 0xf2, 0xf4};
constexpr bluez::DeviceAddress kAdapter{0x00, 0xaa, 0x01, 0x00, 0x00, 0x00};

Result<fastpair::IdentityResolvingKey> parse(std::string_view text) { return parse_resolving_key(as_bytes(text)); }

std::string general(const std::string& value) { return "[General]\nIdentityResolvingKey=" + value + "\n"; }

void expect_refused(const std::string& text, const std::string& rule) {
  const auto key = parse(text);
  ASSERT_FALSE(key) << text;
  EXPECT_EQ(key.error().code, Errc::config_invalid);
  EXPECT_EQ(key.error().context, "IdentityResolvingKey: " + rule);
}

TEST(ResolvingKey, OfBluetoothdsFileResolvesAnAddressThatTheKernelMade) {
  const auto key = parse(kIdentity);

  ASSERT_TRUE(key) << to_string(key.error());
  EXPECT_TRUE(fastpair::resolves(kMade, *key));
}

TEST(ResolvingKey, IsReadWhateverTheFileHasBesides) {
  const std::string digits = "000102030405060708090a0b0c0d0e0f";

  for (const auto& text : {general(digits), general("0x" + digits), "# comment\r\n\r\n" + general(digits),
                           "[Other]\nA=1\n" + general(digits), "[Other]\nIdentityResolvingKey=00\n" + general(digits),
                           "[General]\nName=x\n IdentityResolvingKey = " + digits}) {
    const auto key = parse(text);
    ASSERT_TRUE(key) << text << to_string(key.error());
    EXPECT_EQ(to_hex(key->view()), "0f0e0d0c0b0a09080706050403020100");
  }
}

TEST(ResolvingKey, ThatIsNoneIsRefusedByItsRule) {
  const std::string digits(32, '7');

  expect_refused("", "must be there, in [General]");
  expect_refused("IdentityResolvingKey=" + digits, "must be there, in [General]");
  expect_refused("[Keys]\nIdentityResolvingKey=" + digits, "must be there, in [General]");
  expect_refused("[General]\nIdentityResolvingKey", "must be there, in [General]");
  expect_refused(general(digits) + "IdentityResolvingKey=" + digits, "must be there once");
  expect_refused(general(""), "must have 16 octets");
  expect_refused(general(digits.substr(2)), "must have 16 octets");
  expect_refused(general(digits + "77"), "must have 16 octets");
  expect_refused(general("0x0x" + digits), "must be hexadecimal");
  expect_refused(general(digits.substr(1)), "must be hexadecimal");
  expect_refused(general(digits.substr(1) + "g"), "must be hexadecimal");
}

TEST(ResolvingKey, OfADamagedFileIsAKeyOrAnErrorThatDoesNotSayIt) {
  const std::string digits = "123456789abcdef0fedcba9876543210";
  RandomOctets random{20};

  for (int i = 0; i < kRandomStrings; ++i) {
    const auto text = i % 2 == 0 ? random.damaged(general(digits), "[]=\n0x") : random.text(100, "[General]\nIdty=0x#");
    const auto key = parse(text);
    if (key) continue;
    EXPECT_EQ(key.error().code, Errc::config_invalid);
    EXPECT_EQ(key.error().context.find(digits.substr(8, 8)), std::string::npos);
  }
}

class ResolvingKeyTest : public PhoneFixture {
 protected:
  ResolvingKeyTest() { config_.radio.resolving_keys = directory_.path(); }

  void keep(std::string_view content, mode_t mode = 0440) {
    std::filesystem::remove(file_);
    std::ofstream{file_} << content;
    ASSERT_EQ(::chmod(file_.c_str(), mode), 0);
  }

  // Whether a phone that has seen the device under `address` gets an answer.
  bool answers(const bluez::DeviceAddress& address) {
    open_pairing();
    return answers_at_once(address);
  }

  void open_pairing() {
    EXPECT_TRUE(accessory_->start_pairing(std::chrono::seconds{60}));
    settle();
  }

  bool answers_at_once(const bluez::DeviceAddress& address) {
    auto seeker = fastpair::Seeker::meet(crypto::public_point(anti_spoofing_.public_der()).value(), random_).value();
    return !write(kKeyBasedPairing, seeker.pairing_request({.provider = address})).notifications.empty();
  }

  const std::string file_ = directory_.path(bluez::to_string(kAdapter));
};

TEST_F(ResolvingKeyTest, ComesFromTheFileThatHasTheAdaptersName) {
  keep(kIdentity);

  EXPECT_TRUE(load_resolving_key(directory_.path(), kAdapter));
  EXPECT_EQ(load_resolving_key(directory_.path(), kMade).error().code, Errc::not_found);
}

TEST_F(ResolvingKeyTest, IsNotTakenFromAFileThatOthersCanReadOrThatIsBroken) {
  keep(kIdentity, 0444);
  const auto open = load_resolving_key(directory_.path(), kAdapter);
  keep("[General]\n", 0600);
  const auto broken = load_resolving_key(directory_.path(), kAdapter);

  ASSERT_FALSE(open || broken);
  EXPECT_EQ(open.error().code, Errc::config_invalid);
  EXPECT_EQ(broken.error().context, file_ + ": IdentityResolvingKey: must be there, in [General]");
}

TEST_F(ResolvingKeyTest, LetsThePhonePairThatHasSeenAPrivateAddress) {
  keep(kIdentity);
  start();

  EXPECT_TRUE(answers(kMade));
  EXPECT_FALSE(answers({0x40, 1, 2, 3, 4, 5})) << "somebody else's";
}

TEST_F(ResolvingKeyTest, MayComeAfterTheAdapter) {
  start();
  EXPECT_FALSE(answers(kMade));

  keep(kIdentity);

  EXPECT_TRUE(answers(kMade));
}

TEST_F(ResolvingKeyTest, MayComeAfterPairingModeWasOpened) {
  start();
  open_pairing();

  keep(kIdentity);

  EXPECT_TRUE(answers_at_once(kMade));
}

TEST_F(ResolvingKeyTest, ThatIsBrokenKeepsNobodyOutWhoNamesThePublicAddress) {
  keep("rubbish");
  start();

  EXPECT_FALSE(answers(kMade));
  EXPECT_TRUE(answers(kAdapter));
}

}  // namespace
}  // namespace signet::fmdnd
