// signetctl fmdn over the air, with a tag that lives in this process: what a person types, and what comes of it.
#include <sys/stat.h>

#include "base/hex.h"
#include "command_line.h"
#include "fake_tag.h"
#include "fmdn/frame.h"
#include "signetctl/fmdn/radio.h"
#include "signetctl/pem.h"

namespace signet::ctl {
namespace {

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

constexpr int kDenied = static_cast<int>(Errc::access_denied);
constexpr int kTimeout = static_cast<int>(Errc::timeout);
constexpr int kAccountKeyWrite = 2;  // the second thing that pairing with a tag writes
constexpr int kKeyWrite = 3;         // the third that provisioning does

class FmdnAir : public CommandLine {
 protected:
  explicit FmdnAir(bool locator_tag = true) : tag_{locator_tag} {
    ::chmod(key_.c_str(), 0600);
    before_ = central_opener();
    central_opener() = [this](const std::string& adapter) -> Result<std::unique_ptr<bluez::Central>> {
      adapter_ = adapter;
      return std::unique_ptr<bluez::Central>{std::make_unique<FakeCentral>(tag_, in_range_)};
    };
  }
  ~FmdnAir() override { central_opener() = before_; }

  int fmdn(std::vector<std::string> arguments) {
    arguments.insert(arguments.begin(), {"fmdn", "--keyring", ring_, "--keyring-key", key_});
    return run(std::move(arguments));
  }
  int pair() { return fmdn({"pair", "bag", "--antispoofing-key", public_key_}); }
  // Of the next operation, to what it writes as the `nth`, which takes effect all the same.
  void lose_answer(int nth) {
    tag_.before_write = [this, nth, writes = 0]() mutable { tag_.lose_answers = ++writes == nth; };
  }
  void pair_and_provision() {
    ASSERT_EQ(pair(), 0) << err_.str();
    ASSERT_EQ(fmdn({"provision", "bag"}), 0) << err_.str();
  }
  boost::json::value device() {
    EXPECT_EQ(fmdn({"devices", "--json"}), 0) << out_.str();
    const auto devices = json().at("devices").as_array();
    return devices.empty() ? boost::json::value{} : devices.at(0);
  }

  FakeTag tag_;
  bool in_range_ = true;
  std::string adapter_;
  finder::OpenCentral before_;
  std::string ring_ = directory_ / "ring";
  std::string key_ = file("ring.key", std::string(32, 'k'));
  std::string public_key_ = file("model.pem", to_pem("PUBLIC KEY", tag_.public_key()));
};

TEST_F(FmdnAir, PairGivesTheDeviceAnAccountKeyAndKeepsIt) {
  EXPECT_EQ(pair(), 0) << err_.str();

  EXPECT_EQ(tag_.keys.size(), 1u);
  EXPECT_EQ(tag_.keys.owner(), 0u);
  EXPECT_TRUE(contains(out_.str(), "model 123456; it is 'bag'")) << out_.str();
  const auto kept = device();
  EXPECT_EQ(kept.at("state"), "paired");
  EXPECT_EQ(kept.at("owner"), true);
  EXPECT_EQ(kept.at("model_id"), "123456");
  EXPECT_EQ(kept.at("address"), FakeTag::kAddress);
}

class FmdnAirOrdinary : public FmdnAir {
 protected:
  FmdnAirOrdinary() : FmdnAir{false} {}
};

TEST_F(FmdnAirOrdinary, PairBondsBeforeItGivesAnythingAway) {
  EXPECT_EQ(pair(), 0) << err_.str();

  EXPECT_TRUE(tag_.bonded);
  EXPECT_EQ(tag_.keys.size(), 1u);
}

TEST_F(FmdnAirOrdinary, PairGivesNothingAwayToSomebodyInBetween) {
  tag_.somebody_between = true;

  EXPECT_EQ(pair(), static_cast<int>(Errc::bad_signature));

  EXPECT_TRUE(contains(err_.str(), "come between")) << err_.str();
  EXPECT_FALSE(tag_.bonded);
  EXPECT_TRUE(tag_.keys.empty());
  EXPECT_TRUE(device().is_null());
}

TEST_F(FmdnAir, PairFindsTheKeyOfTheModelBesideTheKeyring) {
  EXPECT_EQ(fmdn({"pair", "bag"}), static_cast<int>(Errc::not_found));
  EXPECT_TRUE(contains(err_.str(), "models/123456.pem")) << err_.str();
  std::filesystem::create_directory(directory_ / "models");
  std::filesystem::copy(public_key_, directory_ / "models" / "123456.pem");

  EXPECT_EQ(fmdn({"pair", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, PairTakesTheKeyAsPointInDigitsToo) {
  const auto point = crypto::public_point(tag_.public_key()).value();

  EXPECT_EQ(fmdn({"pair", "bag", "--antispoofing-key", file("point", to_hex(point) + "\n")}), 0) << err_.str();
}

TEST_F(FmdnAir, PairWithTheKeyOfAnotherModelGivesNothingAway) {
  const auto other = file("other.pem", to_pem("PUBLIC KEY", crypto::P256PrivateKey::generate().public_der()));

  EXPECT_EQ(fmdn({"pair", "bag", "--antispoofing-key", other}), static_cast<int>(Errc::bad_signature));

  EXPECT_TRUE(contains(err_.str(), "the anti-spoofing key is not that of its model")) << err_.str();
  EXPECT_TRUE(tag_.keys.empty());
  EXPECT_TRUE(device().is_null());
}

TEST_F(FmdnAir, PairSaysWhatToDoWhenNothingIsInPairingMode) {
  tag_.pairing_mode = false;

  EXPECT_EQ(pair(), static_cast<int>(Errc::timeout));
  EXPECT_TRUE(contains(err_.str(), "pairing mode")) << err_.str();
  EXPECT_EQ(fmdn({"pair", "bag", "--model", "12345", "--antispoofing-key", public_key_}), 3);
  EXPECT_EQ(fmdn({"pair", "bag", "--address", "00:AA", "--antispoofing-key", public_key_}), 3);
}

TEST_F(FmdnAir, PairWithAnotherModelOrAddressIsNotDone) {
  EXPECT_EQ(fmdn({"pair", "bag", "--model", "654321", "--antispoofing-key", public_key_}), 13);
  EXPECT_EQ(fmdn({"pair", "bag", "--address", "00:AA:01:00:00:01", "--antispoofing-key", public_key_}), 13);

  EXPECT_TRUE(tag_.keys.empty());
}

TEST_F(FmdnAir, PairKeepsNothingWhenTheRequestIsNotAnswered) {
  tag_.lose_answers = true;

  EXPECT_NE(pair(), 0);

  EXPECT_TRUE(device().is_null()) << "the request was not answered: nothing was given";
}

TEST_F(FmdnAir, PairingAgainAfterALostAnswerFindsTheOwnersKeyInTheDevice) {
  lose_answer(kAccountKeyWrite);
  ASSERT_EQ(pair(), kTimeout) << err_.str();
  ASSERT_EQ(tag_.keys.size(), 1u) << "it has taken effect";
  const SecretBytes<16> given = tag_.keys.keys()[0].clone();
  tag_.pairing_mode = true;

  EXPECT_EQ(pair(), 0) << err_.str();

  EXPECT_EQ(device().at("owner"), true);
  EXPECT_TRUE(std::ranges::equal(tag_.keys.owner_key()->view(), given.view()));
  EXPECT_EQ(fmdn({"provision", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, PairingAgainAfterALostAnswerIsNoGuestOfItsOwnDevice) {
  tag_.keys = fastpair::AccountKeys{};  // with room for guests
  lose_answer(kAccountKeyWrite);
  ASSERT_EQ(pair(), kTimeout) << err_.str();
  tag_.pairing_mode = true;

  EXPECT_EQ(pair(), 0) << err_.str();

  EXPECT_EQ(tag_.keys.size(), 1u);
  EXPECT_EQ(device().at("owner"), true);
}

TEST_F(FmdnAir, PairingAgainAfterALostAnswerToTheStateEndsAsTheOwner) {
  lose_answer(kAccountKeyWrite + 1);
  ASSERT_EQ(pair(), kTimeout) << err_.str();
  ASSERT_EQ(device().at("owner"), false);
  tag_.pairing_mode = true;

  EXPECT_EQ(pair(), 0) << err_.str();

  EXPECT_EQ(device().at("owner"), true);
}

TEST_F(FmdnAir, PairLeavesTheKeyThatItHasWhenTheDeviceDoesNotAnswerForIt) {
  ASSERT_EQ(pair(), 0) << err_.str();
  tag_.pairing_mode = true;
  lose_answer(kAccountKeyWrite);  // the question whether it knows the key

  EXPECT_EQ(pair(), kTimeout);

  EXPECT_EQ(fmdn({"provision", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, ADeviceThatWasResetIsPairedAnewUnderItsName) {
  ASSERT_EQ(pair(), 0) << err_.str();
  tag_.keys.clear();
  tag_.pairing_mode = true;

  EXPECT_EQ(pair(), 0) << err_.str();

  EXPECT_EQ(device().at("owner"), true);
  EXPECT_EQ(fmdn({"provision", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, PairLeavesTheKeyOfAnotherDeviceWhenThisOneRefuses) {
  ASSERT_EQ(pair(), 0) << err_.str();
  auto ours = tag_.keys.clone();
  tag_.keys.clear();
  ASSERT_TRUE(tag_.keys.add(fastpair::AccountKey{std::array<std::uint8_t, 16>{4, 9}}));  // another tag, of another's
  tag_.pairing_mode = true;
  ASSERT_EQ(pair(), kDenied) << err_.str();

  tag_.keys = std::move(ours);

  EXPECT_EQ(fmdn({"provision", "bag", "--address", FakeTag::kAddress}), 0) << err_.str();
}

TEST_F(FmdnAir, TheNameOfABeaconIsNotTakenTwice) {
  pair_and_provision();

  EXPECT_EQ(pair(), static_cast<int>(Errc::already_exists));

  EXPECT_TRUE(contains(err_.str(), "fmdn forget bag")) << err_.str();
}

TEST_F(FmdnAir, ProvisionMakesItABeaconThatTheKeyringFindsAgain) {
  pair_and_provision();
  EXPECT_TRUE(tag_.provisioned());
  EXPECT_EQ(device().at("state"), "provisioned");
  EXPECT_EQ(device().at("clock"), 50'000);
  tag_.address = "11:22:33:44:55:66";  // as beacons do every quarter of an hour
  tag_.clock += 3000;

  EXPECT_EQ(fmdn({"params", "bag", "--json"}), 0) << out_.str();

  const auto value = json();
  EXPECT_EQ(value.at("clock"), 53'000);
  EXPECT_NEAR(static_cast<double>(value.at("clock_offset").as_int64()), 3000, 5);
  EXPECT_EQ(value.at("calibrated_power"), -20);
  EXPECT_EQ(value.at("ring_components"), (boost::json::array{"right", "left", "case"}));
  EXPECT_EQ(device().at("address"), "11:22:33:44:55:66");
  EXPECT_EQ(device().at("clock"), 53'000);
}

TEST_F(FmdnAir, WhatTheBeaconAdvertisesResolvesToItsName) {
  pair_and_provision();
  const auto seen = tag_.sighting().service_data.at(0xfeaa);

  EXPECT_EQ(fmdn({"resolve", to_hex(seen), "--json"}), 0) << out_.str();

  EXPECT_EQ(json().at("device"), "bag");
  EXPECT_EQ(json().at("unwanted_tracking"), false);
}

TEST_F(FmdnAir, ProvisionTakesAGivenKeyAndReplacesOnlyWhenTold) {
  pair_and_provision();
  const auto eik = file("eik", std::string(64, '7'));

  EXPECT_EQ(fmdn({"provision", "bag", "--eik", eik}), 3);
  EXPECT_TRUE(contains(err_.str(), "--yes")) << err_.str();
  EXPECT_EQ(fmdn({"provision", "bag", "--eik", eik, "--yes"}), 0) << err_.str();

  EXPECT_EQ(to_hex(tag_.actions.eik()->view()), std::string(64, '7'));
  EXPECT_EQ(fmdn({"ring", "bag"}), 0) << "with the new key: " << err_.str();
}

TEST_F(FmdnAir, AKeyThatWasSentWithoutAnAnswerIsNotLost) {
  pair_and_provision();
  const auto eik = file("eik", std::string(64, '7'));
  tag_.lose_answers = false;
  ASSERT_EQ(fmdn({"state", "bag"}), 0);
  // Everything up to the key itself is answered.
  int writes = 0;
  tag_.before_write = [&] { tag_.lose_answers = ++writes == 3; };
  ASSERT_EQ(fmdn({"provision", "bag", "--eik", eik, "--yes"}), 13) << err_.str();
  ASSERT_EQ(to_hex(tag_.actions.eik()->view()), std::string(64, '7')) << "it has taken effect";
  tag_.before_write = {};
  tag_.lose_answers = false;

  EXPECT_EQ(fmdn({"provision", "bag", "--address", FakeTag::kAddress, "--yes"}), 0) << err_.str();

  EXPECT_EQ(fmdn({"ring", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, AFirstKeyThatWasSentWithoutAnAnswerIsFoundOutAbout) {
  ASSERT_EQ(pair(), 0) << err_.str();
  lose_answer(kKeyWrite);
  ASSERT_EQ(fmdn({"provision", "bag"}), kTimeout) << err_.str();
  ASSERT_TRUE(tag_.provisioned()) << "it has taken effect";
  const fmdn::Eik sent = tag_.actions.eik()->clone();
  tag_.address = "11:22:33:44:55:66";
  tag_.clock += 3000;
  const auto seen = to_hex(tag_.sighting().service_data.at(0xfeaa));
  EXPECT_EQ(device().at("state"), "unconfirmed");
  EXPECT_EQ(fmdn({"resolve", seen, "--window", "8000"}), 0) << err_.str();
  EXPECT_EQ(fmdn({"resolve", seen, "--device", "bag", "--window", "8000"}), 0) << err_.str();
  EXPECT_EQ(fmdn({"ring", "bag"}), static_cast<int>(Errc::not_found));
  EXPECT_TRUE(contains(err_.str(), "fmdn provision bag' again")) << err_.str();
  EXPECT_EQ(fmdn({"forget", "bag"}), 3) << "it asks: there is no other copy of the key";
  EXPECT_EQ(pair(), static_cast<int>(Errc::already_exists));

  EXPECT_EQ(fmdn({"provision", "bag"}), 0) << err_.str();

  EXPECT_TRUE(std::ranges::equal(tag_.actions.eik()->view(), sent.view())) << "it keeps its key";
  EXPECT_EQ(device().at("state"), "provisioned");
  EXPECT_EQ(device().at("address"), "11:22:33:44:55:66");
  EXPECT_EQ(fmdn({"ring", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, AnotherKeyIsNotTakenForTheOneThatWasSentWithoutAnAnswer) {
  ASSERT_EQ(pair(), 0) << err_.str();
  lose_answer(kKeyWrite);
  ASSERT_EQ(fmdn({"provision", "bag"}), kTimeout) << err_.str();
  const auto eik = file("eik", std::string(64, '7'));

  EXPECT_EQ(fmdn({"provision", "bag", "--eik", eik}), 3) << "it has a key that would be replaced";
  EXPECT_EQ(device().at("state"), "provisioned") << "what was found out is kept";
  EXPECT_EQ(fmdn({"provision", "bag", "--eik", eik, "--yes"}), 0) << err_.str();

  EXPECT_EQ(to_hex(tag_.actions.eik()->view()), std::string(64, '7'));
}

TEST_F(FmdnAir, AKeyThatNeverArrivedIsSentAnew) {
  ASSERT_EQ(pair(), 0) << err_.str();
  lose_answer(kKeyWrite);
  ASSERT_EQ(fmdn({"provision", "bag"}), kTimeout) << err_.str();
  tag_.actions.factory_reset();  // as if it had not

  EXPECT_EQ(fmdn({"provision", "bag"}), 0) << err_.str();

  EXPECT_EQ(device().at("state"), "provisioned");
  EXPECT_EQ(fmdn({"ring", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, ADeviceWithAKeyThatIsNotOursIsLeftAsItIs) {
  ASSERT_EQ(pair(), 0);
  const std::array<std::uint8_t, fmdn::kEikSize> foreign{9, 9, 9};
  tag_.actions.restore(fmdn::Eik{foreign});

  EXPECT_EQ(fmdn({"provision", "bag", "--address", FakeTag::kAddress, "--yes"}),
            static_cast<int>(Errc::already_exists));

  EXPECT_TRUE(contains(err_.str(), "its recovery key ('signetctl fmdn recover bag')")) << err_.str();
  EXPECT_TRUE(std::ranges::equal(tag_.actions.eik()->view(), foreign));
  EXPECT_EQ(device().at("state"), "paired");
}

TEST_F(FmdnAir, StateSaysWhoOwnsItAndWhetherItRings) {
  ASSERT_EQ(pair(), 0);
  EXPECT_EQ(fmdn({"state", "bag", "--json"}), 0) << out_.str();
  EXPECT_EQ(json().at("provisioned"), false);
  EXPECT_EQ(json().at("owner"), true);
  ASSERT_EQ(fmdn({"provision", "bag"}), 0);
  ASSERT_EQ(fmdn({"ring", "bag", "--components", "left,case", "--seconds", "60"}), 0) << err_.str();

  EXPECT_EQ(fmdn({"state", "bag", "--json"}), 0) << out_.str();

  EXPECT_EQ(json().at("provisioned"), true);
  EXPECT_EQ(json().at("ringing"), (boost::json::array{"left", "case"}));
  EXPECT_EQ(json().at("ring_seconds_left"), 60.0);
}

TEST_F(FmdnAir, RingWaitsForTheEndAndSaysWhy) {
  pair_and_provision();

  EXPECT_EQ(fmdn({"ring", "bag", "--seconds", "5", "--volume", "high", "--wait"}), 0) << err_.str();

  EXPECT_EQ(out_.str(), "started; right, left, case for 5.0 s\nstopped: its time was over; silent\n");
}

TEST_F(FmdnAir, StopEndsTheRinging) {
  pair_and_provision();
  ASSERT_EQ(fmdn({"ring", "bag"}), 0);
  ASSERT_TRUE(tag_.ring.sound());

  EXPECT_EQ(fmdn({"stop", "bag", "--json"}), 0) << out_.str();

  EXPECT_EQ(json().at("name"), "bag");
  EXPECT_EQ(json().at("state"), "requested");
  EXPECT_FALSE(tag_.ring.sound());
}

TEST_F(FmdnAir, WhatTheDeviceCannotDoIsSaidWithItsErrorAndWhatToDo) {
  pair_and_provision();
  tag_.consent = false;

  EXPECT_EQ(fmdn({"recover", "bag"}), kDenied);
  EXPECT_TRUE(contains(err_.str(), "0x82 no user consent: press the accessory's button")) << err_.str();

  tag_.keys.clear();
  EXPECT_EQ(fmdn({"params", "bag"}), kDenied);
  EXPECT_TRUE(contains(err_.str(), "reading the parameters was refused: 0x80 unauthenticated")) << err_.str();
}

TEST_F(FmdnAir, RecoverBringsTheKeyBackWithConsent) {
  pair_and_provision();
  const auto recovery = file("recovery", to_hex(fmdn::recovery_key(*tag_.actions.eik()).view()));
  tag_.consent = true;

  EXPECT_EQ(fmdn({"recover", "bag"}), 0) << err_.str();
  EXPECT_EQ(fmdn({"recover", "bag", "--recovery-key", recovery}), 0) << err_.str();
  EXPECT_EQ(fmdn({"recover", "bag", "--recovery-key", file("wrong", std::string(16, '0'))}), kDenied);

  EXPECT_EQ(fmdn({"ring", "bag"}), 0) << err_.str();
}

TEST_F(FmdnAir, ProtectionTurnsOnAndOffAndCanLetAnybodyRing) {
  pair_and_provision();

  EXPECT_EQ(fmdn({"utp", "on", "bag", "--skip-ring-auth"}), 0) << err_.str();
  EXPECT_TRUE(tag_.actions.unwanted_tracking().skips_ringing_authentication());
  EXPECT_EQ(fmdn({"utp", "off", "bag", "--json"}), 0) << err_.str();
  EXPECT_EQ(json().at("name"), "bag");

  EXPECT_FALSE(tag_.actions.unwanted_tracking().active());
  EXPECT_EQ(fmdn({"utp", "off", "bag", "--skip-ring-auth"}), 2);
  EXPECT_EQ(fmdn({"utp", "maybe", "bag"}), 2);
}

TEST_F(FmdnAir, UnprovisionAsksAndTakesTheKeyAway) {
  pair_and_provision();

  EXPECT_EQ(fmdn({"unprovision", "bag"}), 3);
  EXPECT_TRUE(tag_.provisioned());
  EXPECT_EQ(fmdn({"unprovision", "bag", "--yes"}), 0) << err_.str();

  EXPECT_FALSE(tag_.provisioned());
  EXPECT_EQ(device().at("state"), "paired");
}

TEST_F(FmdnAir, AForgedAnswerIsNotBelieved) {
  pair_and_provision();
  tag_.forge_answers = true;

  EXPECT_EQ(fmdn({"state", "bag"}), static_cast<int>(Errc::bad_signature));
  EXPECT_TRUE(contains(err_.str(), "authentication does not fit")) << err_.str();
  EXPECT_EQ(fmdn({"params", "bag"}), static_cast<int>(Errc::bad_signature));

  EXPECT_EQ(device().at("clock"), 50'000) << "nothing of it was used";
}

TEST_F(FmdnAir, ADeviceThatIsNotThereIsSaidToBeThat) {
  pair_and_provision();
  in_range_ = false;

  EXPECT_EQ(fmdn({"ring", "bag"}), static_cast<int>(Errc::timeout));
  EXPECT_TRUE(contains(err_.str(), "'bag' was not seen in time")) << err_.str();
  EXPECT_EQ(fmdn({"ring", "car"}), static_cast<int>(Errc::not_found));
  EXPECT_TRUE(contains(err_.str(), "no device 'car'; it holds bag")) << err_.str();
}

TEST_F(FmdnAir, AnOccupiedDeviceSaysThatAnotherClientMayHoldIt) {
  pair_and_provision();
  tag_.refuse_reads = true;

  EXPECT_EQ(fmdn({"state", "bag"}), static_cast<int>(Errc::io));

  EXPECT_TRUE(contains(err_.str(), "another client may hold the accessory")) << err_.str();
}

TEST_F(FmdnAir, ScanDecodesAndNamesWhatIsMine) {
  EXPECT_EQ(fmdn({"scan", "--json", "--adapter", "hci1"}), 0) << err_.str();
  EXPECT_EQ(adapter_, "hci1");
  EXPECT_EQ(json().at("address"), FakeTag::kAddress);
  EXPECT_EQ(json().at("name"), "Tag?");
  EXPECT_EQ(json().at("services").at(0).at("service"), "Fast Pair");
  pair_and_provision();

  EXPECT_EQ(fmdn({"scan", "--mine"}), 0) << err_.str();

  EXPECT_TRUE(contains(out_.str(), "bag")) << out_.str();
  EXPECT_TRUE(contains(out_.str(), "EID ")) << out_.str();
}

TEST_F(FmdnAir, AStrangerLearnsTheIdentifierInTheWindowOnly) {
  pair_and_provision();
  ASSERT_EQ(fmdn({"utp", "on", "bag"}), 0);
  EXPECT_EQ(fmdn({"identify", "--address", FakeTag::kAddress}), kDenied);
  EXPECT_TRUE(contains(err_.str(), "within 5 minutes after the button")) << err_.str();
  ASSERT_TRUE(tag_.dult.open_identifier_window(fmdn::Instant{1'000'000}));

  EXPECT_EQ(fmdn({"identify", "--address", FakeTag::kAddress, "--json"}), 0) << out_.str();

  EXPECT_EQ(json().at("identifier"), boost::json::string{to_hex(tag_.identifier().value())});
  EXPECT_EQ(json().at("network"), "Google");
  EXPECT_FALSE(contains(std::string{json().at("model").as_string()}, "\x1b"));
}

TEST_F(FmdnAir, AStrangerHasItSoundAwayFromItsOwnerOnly) {
  pair_and_provision();
  EXPECT_EQ(fmdn({"sound", "--address", FakeTag::kAddress}), kDenied);
  ASSERT_EQ(fmdn({"utp", "on", "bag"}), 0);

  EXPECT_EQ(fmdn({"sound", "--address", FakeTag::kAddress}), 0) << err_.str();
  EXPECT_EQ(out_.str(), "The sound is over: completed.\n");
  EXPECT_EQ(fmdn({"sound", "--address", FakeTag::kAddress, "--stop-after", "3"}), 0) << err_.str();

  EXPECT_EQ(out_.str(), "The sound is over: stopped.\n");
}

}  // namespace
}  // namespace signet::ctl
