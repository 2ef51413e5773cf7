// signetctl fmdn without radio: eid, frame, decode, seal, open, resolve, and the keyring.
#include <sys/stat.h>

#include "base/base64.h"
#include "base/hex.h"
#include "command_line.h"
#include "keyring/keyring.h"
#include "signetctl/fmdn/advert_text.h"
#include "signetctl/fmdn/moment.h"
#include "signetctl/fmdn/report_text.h"
#include "tests/unit/random_octets.h"

namespace signet::ctl {
namespace {

using std::chrono::seconds;

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

// Of tests/vectors/fmdn.json, eid.
constexpr const char* kEik = "5051525354555657585960616263646566676869707172737475767778798081";
constexpr const char* kClock = "50000";
constexpr const char* kEid = "e51204e439bada54964b06a54f3a0c058e0a324a";

std::array<std::uint8_t, 32> octets_of_key() {
  std::array<std::uint8_t, 32> key;
  std::ranges::copy(from_hex(kEik).value(), key.begin());
  return key;
}

class FmdnOffline : public CommandLine {
 protected:
  FmdnOffline() { ::setenv("XDG_DATA_HOME", directory_.c_str(), 1); }

  std::string private_file(const std::string& name, std::string_view content) {
    const auto path = file(name, content);
    ::chmod(path.c_str(), 0600);
    return path;
  }
  int fmdn(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), "fmdn");
    return run(std::move(arguments));
  }
  // With a keyring that holds this key as "bag", whose clock showed `clock` now, and "keys", paired only.
  int with_keyring(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"--keyring", ring_, "--keyring-key", ring_key_});
    return fmdn(std::move(arguments));
  }
  void make_keyring(std::uint32_t clock) {
    class Key final : public keyring::Lock {
     public:
      [[nodiscard]] keyring::LockedBy kind() const override { return keyring::LockedBy::key_file; }
      Result<SecretBuffer> secret(bool) override { return SecretBuffer{as_bytes(std::string(32, 'k'))}; }
    } lock;
    crypto::SystemRandom random;
    keyring::Keyring ring{ring_, lock, random};
    ASSERT_TRUE(ring.update([&](keyring::Contents& contents) -> Result<void> {
      SIGNET_TRY(contents.put({.name = "bag",
                               .eik = fmdn::Eik{octets_of_key()},
                               .clock = keyring::ClockReading{.beacon = clock, .wall = present()}}));
      return contents.put({.name = "keys", .account_key = SecretBytes<16>{}});
    }));
  }

  std::string eik_ = file("eik", std::string{kEik} + "\n");
  std::string ring_ = directory_ / "ring";
  std::string ring_key_ = private_file("ring.key", std::string(32, 'k'));
};

TEST_F(FmdnOffline, EidIsTheKnownAnswer) {
  EXPECT_EQ(fmdn({"eid", "--eik", eik_, "--clock", kClock}), 0) << err_.str();
  EXPECT_EQ(out_.str(), std::string{kEid} + "\n");

  in_.str(kEik);
  EXPECT_EQ(fmdn({"eid", "--eik", "-", "--clock", kClock, "--json"}), 0);
  EXPECT_EQ(json().at("eids").at(0).at("eid"), kEid);
  EXPECT_EQ(json().at("curve"), "secp160r1");
}

TEST_F(FmdnOffline, EidCountsOnInPeriods) {
  EXPECT_EQ(fmdn({"eid", "--eik", eik_, "--clock", "5000", "--count", "3", "--json"}), 0);

  const auto value = json();
  ASSERT_EQ(value.at("eids").as_array().size(), 3u);
  EXPECT_EQ(value.at("eids").at(0).at("clock"), 4096);
  EXPECT_EQ(value.at("eids").at(2).at("clock"), 6144);
}

TEST_F(FmdnOffline, AKeyIsNeverAnArgument) {
  EXPECT_EQ(fmdn({"eid", "--eik", kEik, "--clock", "0"}), static_cast<int>(Errc::not_found));
}

TEST_F(FmdnOffline, AKeyFileOfAnotherSizeIsNamedAndItsContentIsNot) {
  const auto path = file("short", "00112233445566778899aabbccddeeff");

  EXPECT_EQ(fmdn({"eid", "--eik", path, "--clock", "0"}), static_cast<int>(Errc::invalid_argument));

  EXPECT_TRUE(contains(err_.str(), "--eik " + path + ": must hold 32 octets or 64 hexadecimal digits"));
  EXPECT_FALSE(contains(err_.str(), "0011"));
}

TEST_F(FmdnOffline, AKeyInAFileNeedsAClock) {
  EXPECT_EQ(fmdn({"eid", "--eik", eik_}), 2);

  EXPECT_TRUE(contains(err_.str(), "--clock is required with --eik"));
}

TEST_F(FmdnOffline, AFrameDecodesToTheIdentifierItWasMadeFor) {
  for (const std::string curve : {"secp160r1", "secp256r1"}) {
    ASSERT_EQ(fmdn({"frame", "--eik", eik_, "--curve", curve, "--clock", kClock, "--unwanted-tracking", "--json"}), 0);
    const std::string frame{json().at("frame").as_string()};
    const std::string eid{json().at("eid").as_string()};
    EXPECT_EQ(json().at("size"), curve == "secp160r1" ? 29 : 41);

    EXPECT_EQ(fmdn({"decode", frame, "--json"}), 0);

    const auto decoded = json();
    EXPECT_EQ(decoded.at("flags"), 6);
    EXPECT_EQ(decoded.at("services").at(0).at("eid"), boost::json::string{eid});
    EXPECT_EQ(decoded.at("services").at(0).at("unwanted_tracking"), true);
  }
}

TEST_F(FmdnOffline, DecodeTakesServiceDataInEveryShape) {
  const std::string data = std::string{"40"} + kEid;
  for (const std::string& text :
       {data, "aafe" + data, "0x" + data, "18 16 aa fe " + data, "181 6aafe" + data + "0000"}) {
    in_.clear();
    in_.str(text + "\n");
    EXPECT_EQ(fmdn({"decode"}), 0) << text << err_.str();
    EXPECT_TRUE(contains(out_.str(), kEid)) << out_.str();
  }
}

TEST_F(FmdnOffline, DecodeShowsFastPair) {
  EXPECT_EQ(fmdn({"decode", "02010606162cfe123456"}), 0);
  EXPECT_TRUE(contains(out_.str(), "in pairing mode, model 123456")) << out_.str();

  EXPECT_EQ(fmdn({"decode", "2cfe00420102030421aabb33e47f64", "--json"}), 0) << out_.str();
  EXPECT_EQ(json().at("services").at(0).at("account_keys"), true);
  EXPECT_EQ(json().at("services").at(0).at("battery"), (boost::json::array{"100 % charging", "?", "100 %"}));
}

TEST_F(FmdnOffline, DecodeShowsDultAndWhatOthersSay) {
  EXPECT_EQ(fmdn({"decode", "0616b2fc0201aa"}), 0);
  EXPECT_TRUE(contains(out_.str(), "DULT")) << out_.str();
  EXPECT_TRUE(contains(out_.str(), "Google, near its owner, payload aa")) << out_.str();

  EXPECT_EQ(fmdn({"decode", "0316aafe"}), 0);
  EXPECT_TRUE(contains(out_.str(), "NOT VALID")) << out_.str();
}

TEST_F(FmdnOffline, DecodeRefusesWhatIsNoAdvert) {
  for (const char* text : {"00ff", "zz", "123", "ff0102", "aafe"}) {
    EXPECT_EQ(fmdn({"decode", text}), static_cast<int>(Errc::invalid_argument)) << text;
    EXPECT_TRUE(contains(err_.str(), "ADVERT")) << err_.str();
  }
}

TEST_F(FmdnOffline, WhatIsSealedForAnIdentifierItsOwnerOpens) {
  for (const std::string profile : {"spec80", "deployed64"}) {
    in_.clear();
    in_.str("48.137 11.575");
    ASSERT_EQ(fmdn({"seal", kEid, "--profile", profile}), 0) << err_.str();
    const auto report = file("report", out_.str());

    EXPECT_EQ(fmdn({"open", "--file", report, "--eik", eik_, "--clock", kClock, "--json"}), 0) << out_.str();

    EXPECT_EQ(json().at("message_base64"), boost::json::string{to_base64(as_bytes("48.137 11.575"))});
  }
}

TEST_F(FmdnOffline, OpenWritesTheMessageToTheFileWithJsonToo) {
  in_.str("48.137 11.575");
  ASSERT_EQ(fmdn({"seal", kEid}), 0) << err_.str();
  const auto report = file("report", out_.str());
  const auto message = file("message", "");

  EXPECT_EQ(fmdn({"open", "--file", report, "--eik", eik_, "--clock", kClock, "--json", "--output", message}), 0);

  std::ostringstream written;
  written << std::ifstream{message}.rdbuf();
  EXPECT_EQ(written.str(), "48.137 11.575");
  EXPECT_EQ(json().at("size"), 13);
  EXPECT_FALSE(json().as_object().contains("message_base64"));
}

TEST_F(FmdnOffline, ADamagedReportIsABadSignatureAndGivesNothingAway) {
  in_.str("48.137 11.575");
  ASSERT_EQ(fmdn({"seal", kEid}), 0);
  auto report = out_.str();
  const auto at = report.find("\"ciphertext\":\"") + 14;
  report[at] = report[at] == '0' ? '1' : '0';

  EXPECT_EQ(fmdn({"open", "--file", file("report", report), "--eik", eik_, "--clock", kClock}), 7);

  EXPECT_EQ(out_.str(), "");
}

TEST_F(FmdnOffline, TenOctetsAreNotEnoughToSealFor) {
  EXPECT_EQ(fmdn({"seal", std::string{kEid}.substr(0, 20)}), static_cast<int>(Errc::invalid_argument));

  EXPECT_TRUE(contains(err_.str(), "ten octets"));
}

TEST_F(FmdnOffline, AReportIsTakenOrRefusedByNameWhateverItHolds) {
  for (const char* text : {"", "x", "[]", "{}", R"({"urx":1})", R"({"urx":"00"})",
                           R"({"urx":"00000000000000000000","sx":"00","ciphertext":"","tag":""})"}) {
    EXPECT_EQ(fmdn({"open", "--file", file("report", text), "--eik", eik_, "--clock", "0"}),
              static_cast<int>(Errc::invalid_argument))
        << text;
    EXPECT_TRUE(contains(err_.str(), "the report")) << err_.str();
  }
}

TEST_F(FmdnOffline, ResolveNamesTheDeviceAndTheTime) {
  const std::uint32_t clock = static_cast<std::uint32_t>(std::stoul(kClock));
  make_keyring(clock + 7200);

  EXPECT_EQ(with_keyring({"resolve", std::string{kEid}.substr(0, 20), "--json"}), 0) << out_.str() << err_.str();

  const auto value = json();
  EXPECT_EQ(value.at("device"), "bag");
  EXPECT_EQ(value.at("eid"), kEid);
  const auto masked = static_cast<std::int64_t>(clock & ~1023u);
  const auto from = present().time_since_epoch().count() - 7200 - (clock - masked);
  EXPECT_NEAR(static_cast<double>(value.at("from").as_int64()), static_cast<double>(from), 5);
}

TEST_F(FmdnOffline, ResolveReadsTheFlagsOfAFrame) {
  make_keyring(static_cast<std::uint32_t>(std::stoul(kClock)));
  ASSERT_EQ(with_keyring({"frame", "--device", "bag", "--clock", kClock, "--battery", "critical"}), 0) << err_.str();
  const auto frame = out_.str();

  EXPECT_EQ(with_keyring({"resolve", frame, "--json"}), 0) << out_.str();

  EXPECT_EQ(json().at("battery"), "critical");
  EXPECT_EQ(json().at("unwanted_tracking"), false);
}

TEST_F(FmdnOffline, ResolveNamesTheBatteryAsFrameTakesIt) {
  make_keyring(static_cast<std::uint32_t>(std::stoul(kClock)));

  for (const std::string battery : {"unsupported", "normal", "low", "critical"}) {
    ASSERT_EQ(with_keyring({"frame", "--device", "bag", "--clock", kClock, "--battery", battery}), 0) << err_.str();
    ASSERT_EQ(with_keyring({"resolve", out_.str(), "--json"}), 0) << out_.str();

    EXPECT_EQ(json().at("battery").as_string(), battery);
  }
}

TEST_F(FmdnOffline, WhatIsNobodysIsNotFoundAndSaysWhatWasSearched) {
  make_keyring(0);

  EXPECT_EQ(with_keyring({"resolve", "00112233445566778899", "--window", "2048"}), static_cast<int>(Errc::not_found));

  EXPECT_TRUE(contains(err_.str(), "none of 1 identity keys had this identifier within 2048 s")) << err_.str();
  EXPECT_TRUE(contains(err_.str(), "--at"));
}

TEST_F(FmdnOffline, WhatElseToTryFollowsWhatWasGiven) {
  EXPECT_EQ(fmdn({"resolve", "00112233445566778899", "--eik", eik_, "--clock", "0", "--window", "2048"}),
            static_cast<int>(Errc::not_found));

  EXPECT_TRUE(contains(err_.str(), "Try the --clock")) << err_.str();
  EXPECT_FALSE(contains(err_.str(), "--at"));
}

TEST_F(FmdnOffline, ClockAndTimeExcludeEachOther) {
  make_keyring(50'000);

  for (const char* command : {"eid", "frame", "resolve", "open"}) {
    EXPECT_EQ(with_keyring({command, "--device", "bag", "--clock", kClock, "--at", "now"}), 2) << command;
    EXPECT_TRUE(contains(err_.str(), "--clock excludes --at")) << err_.str();
  }
  EXPECT_EQ(with_keyring({"eid", "--device", "bag", "--at", "now"}), 0) << err_.str();
}

TEST_F(FmdnOffline, DevicesAreListedWithoutTheirKeys) {
  make_keyring(77);

  EXPECT_EQ(with_keyring({"devices"}), 0) << err_.str();
  EXPECT_TRUE(contains(out_.str(), "bag   provisioned  no     -      secp160r1")) << out_.str();
  EXPECT_TRUE(contains(out_.str(), "keys  paired")) << out_.str();
  EXPECT_FALSE(contains(out_.str(), kEik));

  EXPECT_EQ(with_keyring({"devices", "--json"}), 0);
  EXPECT_EQ(json().at("devices").at(0).at("clock"), 77);
  EXPECT_FALSE(contains(out_.str(), kEik));
}

TEST_F(FmdnOffline, ForgetAsksBeforeAKeyIsLostAndThenItIsGone) {
  make_keyring(0);

  EXPECT_EQ(with_keyring({"forget", "bag"}), static_cast<int>(Errc::invalid_argument));
  EXPECT_TRUE(contains(err_.str(), "--yes"));
  EXPECT_EQ(with_keyring({"forget", "bag", "--yes"}), 0) << err_.str();

  EXPECT_EQ(with_keyring({"forget", "bag", "--yes"}), static_cast<int>(Errc::not_found));
  EXPECT_TRUE(contains(err_.str(), "holds no device 'bag'; it holds keys")) << err_.str();
}

TEST_F(FmdnOffline, ADeviceThatIsOnlyPairedSaysWhatIsMissing) {
  make_keyring(0);

  EXPECT_EQ(with_keyring({"eid", "--device", "keys"}), static_cast<int>(Errc::not_found));

  EXPECT_TRUE(contains(err_.str(), "signetctl fmdn provision keys")) << err_.str();
}

TEST_F(FmdnOffline, AnEmptyKeyringSaysHowToFillIt) {
  EXPECT_EQ(with_keyring({"devices"}), 0);

  EXPECT_TRUE(contains(out_.str(), "is empty; 'signetctl fmdn pair' adds a device")) << out_.str();
}

TEST_F(FmdnOffline, TheKeyringHasOneSecretOnlyAndItMustBeTheRightOne) {
  make_keyring(0);

  EXPECT_EQ(with_keyring({"--keyring-passphrase-file", ring_key_, "devices"}), 2);
  EXPECT_EQ(fmdn({"--keyring", ring_, "--keyring-key", private_file("other", std::string(32, 'x')), "devices"}),
            static_cast<int>(Errc::access_denied));
  EXPECT_EQ(fmdn({"--keyring", ring_, "--keyring-passphrase-file", private_file("phrase", "open sesame\n"), "devices"}),
            static_cast<int>(Errc::invalid_argument));
  EXPECT_TRUE(contains(err_.str(), "locked by a key file, not by a pass phrase")) << err_.str();
}

TEST_F(FmdnOffline, ASecretThatOthersCanReadIsRefused) {
  make_keyring(0);
  ::chmod(ring_key_.c_str(), 0644);

  EXPECT_EQ(with_keyring({"devices"}), static_cast<int>(Errc::config_invalid));

  EXPECT_TRUE(contains(err_.str(), "--keyring-key")) << err_.str();
}

TEST(FmdnMoment, IsWhatPeopleWrite) {
  const Moment now{seconds{1'795'256'430}};

  EXPECT_EQ(parse_moment("", "--at", now), now);
  EXPECT_EQ(parse_moment("now", "--at", now), now);
  EXPECT_EQ(parse_moment("-90", "--at", now), now - seconds{90});
  EXPECT_EQ(parse_moment("@5", "--at", now), Moment{seconds{5}});
  EXPECT_EQ(parse_moment("1970-01-02T00:00:01Z", "--at", now), Moment{seconds{86401}});
  EXPECT_EQ(parse_moment("1970-01-02 00:00:01", "--at", now), Moment{seconds{86401}});
  for (const char* bad : {"tomorrow", "1970-13-01T00:00:00Z", "12x", "@", "99999999999999999999"}) {
    EXPECT_THROW(parse_moment(bad, "--at", now), Failed) << bad;
  }
}

TEST(FmdnAdvert, TakesOrRefusesRandomOctets) {
  RandomOctets random{1};
  const std::string valid = "\x02\x01\x06\x06\x16\x2c\xfe\x12\x34\x56\x07\x16\xb2\xfc\x02\x01xx";
  int taken = 0;

  for (int i = 0; i < kRandomStrings; ++i) {
    const auto octets = i % 2 == 0 ? random.text(300) : random.damaged(valid);
    const auto advert = finder::parse_advert(as_bytes(octets));
    if (!advert) continue;
    ++taken;
    std::ostringstream out;
    print_advert(out, *advert);
    advert_to_json(*advert);
  }
  EXPECT_GT(taken, 100);
}

TEST(FmdnReport, TakesOrRefusesDamagedText) {
  RandomOctets random{1};
  const std::string valid =
      R"({"urx":"00112233445566778899","sx":"0011223344556677889900112233445566778899","ciphertext":"00","tag":"00"})";
  ASSERT_NO_THROW(parse_report(valid));

  for (int i = 0; i < kRandomStrings; ++i) {
    try {
      parse_report(random.damaged(valid, "{}[]\":,0"));
    } catch (const Failed& failed) {
      EXPECT_EQ(failed.error().code, Errc::invalid_argument);
    }
  }
}

}  // namespace
}  // namespace signet::ctl
