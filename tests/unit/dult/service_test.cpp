#include "dult/service.h"

#include <gtest/gtest.h>

#include "base/hex.h"
#include "tests/unit/random_octets.h"

namespace signet::dult {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr ConnectionId kPhone = 1;
constexpr ConnectionId kOther = 2;

struct FakeOwner final : IdentifierSource {
  std::optional<Identifier> known = Identifier{0xe1, 0xd0};
  int asked = 0;
  std::optional<Identifier> identifier() override {
    ++asked;
    return known;
  }
};

Product product() {
  return {.model_id = {0x12, 0x34, 0x56},
          .manufacturer = "Acme",
          .model = "Tag",
          .battery_type = BatteryType::rechargeable,
          .battery_level = BatteryLevel::low,
          .network_version = Version{1, 3, 0}};
}

class ServiceTest : public testing::Test {
 protected:
  ServiceTest() { service_.set_separated(true); }

  // "error 0x0d" or the indications, "1:03030000".
  std::string write(BytesView octets, ConnectionId from = kPhone, std::size_t offset = 0) {
    return write_to(service_, octets, from, offset);
  }
  std::string write(Opcode opcode, ConnectionId from = kPhone) { return write(message(opcode), from); }

  std::string write_to(Service& service, BytesView octets, ConnectionId from = kPhone, std::size_t offset = 0) {
    Outcome outcome = service.write(from, octets, offset, now_);
    last_ = outcome.effects;
    if (!outcome.error) return text(outcome.effects);
    const auto code = static_cast<std::uint8_t>(*outcome.error);
    return "error 0x" + to_hex({&code, 1}) + text(outcome.effects);
  }

  static std::string text(const Effects& effects) {
    std::string text;
    for (const Indication& indication : effects.indications) {
      text += (text.empty() ? "" : " ") + std::to_string(indication.to) + ":" + to_hex(indication.value);
    }
    return text;
  }

  // Writes Sound_Start and has the ringer begin.
  SoundId start_sound(ConnectionId from = kPhone) {
    EXPECT_EQ(write(Opcode::sound_start, from), "");
    EXPECT_TRUE(last_.start);
    const SoundId id = last_.start.value_or(0);
    EXPECT_EQ(text(service_.sound_started(id, now_)), std::to_string(from) + ":020300030000");
    return id;
  }

  FakeOwner owner_;
  Service service_{product(), owner_};
  Time now_{1000};
  Effects last_;
};

// ---- what ATT does not take ----

TEST_F(ServiceTest, AnythingButTwoOctetsIsAnInvalidAttributeLength) {
  for (std::size_t size : {0u, 1u, 3u, 4u, 20u, 512u}) {
    EXPECT_EQ(write(Bytes(size, 0x03)), "error 0x0d") << size;
    EXPECT_FALSE(last_.start) << size;
  }
}

TEST_F(ServiceTest, AnyOffsetIsInvalid) {
  EXPECT_EQ(write(message(Opcode::get_network_id), kPhone, 1), "error 0x07");
  EXPECT_EQ(write(message(Opcode::get_network_id), kPhone, 65535), "error 0x07");
}

TEST_F(ServiceTest, TheOffsetIsJudgedBeforeTheSize) { EXPECT_EQ(write(Bytes(3), kPhone, 1), "error 0x07"); }

TEST_F(ServiceTest, AttErrorsComeBeforeTheState) {
  service_.set_separated(false);

  EXPECT_EQ(write(Bytes(3)), "error 0x0d");
}

// ---- information ----

TEST_F(ServiceTest, EveryQuestionIsAnsweredInTheSeparatedState) {
  EXPECT_EQ(write(Opcode::get_product_data), "1:03080000000000123456");
  EXPECT_EQ(write(Opcode::get_manufacturer_name), "1:040841636d65");
  EXPECT_EQ(write(Opcode::get_model_name), "1:0508546167");
  EXPECT_EQ(write(Opcode::get_accessory_category), "1:06080100000000000000");
  EXPECT_EQ(write(Opcode::get_protocol_implementation_version), "1:070800000100");
  EXPECT_EQ(write(Opcode::get_accessory_capabilities), "1:080809000000");
  EXPECT_EQ(write(Opcode::get_network_id), "1:090802");
  EXPECT_EQ(write(Opcode::get_firmware_version), "1:0a0800000100");
  EXPECT_EQ(write(Opcode::get_battery_type), "1:0b0802");
  EXPECT_EQ(write(Opcode::get_battery_level), "1:0c0802");
  EXPECT_EQ(write(Opcode::get_network_version), "1:0d0800030100");
}

TEST_F(ServiceTest, OnlyTheConnectionThatAskedIsAnswered) {
  EXPECT_EQ(write(Opcode::get_network_id, kOther), "2:090802");
}

TEST_F(ServiceTest, TheBatteryLevelIsThatOfTheMoment) {
  service_.set_battery_level(BatteryLevel::critically_low);

  EXPECT_EQ(write(Opcode::get_battery_level), "1:0c0803");
}

TEST_F(ServiceTest, OptionalQuestionsThatAreNotSupportedAreInvalidCommands) {
  Service bare{{.manufacturer = "Acme", .model = "Tag"}, owner_};
  bare.set_separated(true);

  EXPECT_EQ(write_to(bare, message(Opcode::get_battery_type)), "1:02030b00ffff");
  EXPECT_EQ(write_to(bare, message(Opcode::get_battery_level)), "1:02030c00ffff");
  EXPECT_EQ(write_to(bare, message(Opcode::get_network_version)), "1:02030d00ffff");
}

TEST_F(ServiceTest, EveryOtherOpcodeIsAnInvalidCommand) {
  const auto known = [](std::uint32_t opcode) {
    return (opcode >= 0x0003 && opcode <= 0x000d) || opcode == 0x0300 || opcode == 0x0301;
  };
  for (std::uint32_t opcode = 0; opcode <= 0xffff; ++opcode) {
    if (known(opcode)) continue;
    const Bytes octets = message(static_cast<std::uint16_t>(opcode));
    ASSERT_EQ(write(octets), "1:0203" + to_hex(octets) + "ffff");
  }
}

TEST_F(ServiceTest, NearTheOwnerEveryOpcodeIsAnInvalidCommand) {
  ASSERT_TRUE(service_.open_identifier_window(now_));
  service_.set_separated(false);
  for (std::uint32_t opcode = 0; opcode <= 0xffff; ++opcode) {
    const Bytes octets = message(static_cast<std::uint16_t>(opcode));
    ASSERT_EQ(write(octets), "1:0203" + to_hex(octets) + "ffff");
    ASSERT_FALSE(last_.start);
  }
}

TEST_F(ServiceTest, AtFirstTheAccessoryIsNearItsOwner) {
  Service fresh{product(), owner_};

  EXPECT_FALSE(fresh.separated());
  EXPECT_EQ(write_to(fresh, message(Opcode::get_network_id)), "1:02030900ffff");
}

// ---- sound ----

TEST_F(ServiceTest, ASoundIsAnsweredWhenItReallyStarts) {
  EXPECT_EQ(write(Opcode::sound_start), "");
  ASSERT_TRUE(last_.start);
  EXPECT_FALSE(last_.stop);

  EXPECT_EQ(text(service_.sound_started(*last_.start, now_ + milliseconds{300})), "1:020300030000");
}

TEST_F(ServiceTest, ASoundThatTheRingerRefusesIsAnInvalidState) {
  EXPECT_EQ(write(Opcode::sound_start), "");

  EXPECT_EQ(text(service_.sound_refused(last_.start.value_or(0))), "1:020300030100");
}

TEST_F(ServiceTest, AStopIsAnsweredByTheCompletionAlone) {
  const SoundId id = start_sound();

  EXPECT_EQ(write(Opcode::sound_stop), "1:0303");
  EXPECT_EQ(last_.stop, id);
}

TEST_F(ServiceTest, WithoutASoundMakerSoundsAreInvalidCommands) {
  Product silent = product();
  silent.capabilities = kLookupByBle;
  Service service{silent, owner_};
  service.set_separated(true);

  EXPECT_EQ(write_to(service, message(Opcode::sound_start)), "1:02030003ffff");
  EXPECT_FALSE(last_.start);
  EXPECT_EQ(write_to(service, message(Opcode::sound_stop)), "1:02030103ffff");
}

TEST_F(ServiceTest, AWriteAfterTheEndOfASoundFindsItEnded) {
  const SoundId id = start_sound();
  now_ += kSoundDuration;

  EXPECT_EQ(write(Opcode::sound_stop), "1:0303 1:020301030100");
  EXPECT_EQ(last_.stop, id);
}

TEST_F(ServiceTest, AStartAfterTheEndOfASoundStopsTheOldAndStartsANewOne) {
  const SoundId id = start_sound();
  now_ += kSoundDuration;

  EXPECT_EQ(write(Opcode::sound_start, kOther), "1:0303");
  EXPECT_EQ(last_.stop, id);
  ASSERT_TRUE(last_.start);
  EXPECT_NE(*last_.start, id);
}

TEST_F(ServiceTest, AnAttErrorDoesNotHoldUpWhatIsDue) {
  start_sound();
  now_ += kSoundDuration;

  EXPECT_EQ(write(Bytes(3)), "error 0x0d1:0303");
}

TEST_F(ServiceTest, ASoundOutlivesTheSeparatedStateAndItsStarterIsTold) {
  start_sound();
  service_.set_separated(false);

  EXPECT_EQ(write(Opcode::sound_stop), "1:02030103ffff");
  EXPECT_EQ(text(service_.advance(now_ + kSoundDuration)), "1:0303");
}

TEST_F(ServiceTest, TheStarterThatReturnsAfterADisconnectMayNotStop) {
  start_sound();
  service_.disconnected(kPhone);

  EXPECT_EQ(write(Opcode::sound_stop), "1:020301030100");
}

TEST_F(ServiceTest, UnprovisioningEndsASound) {
  const SoundId id = start_sound();

  Effects effects = service_.unprovisioned();

  EXPECT_EQ(effects.stop, id);
  EXPECT_EQ(text(effects), "1:0303");
  EXPECT_FALSE(service_.separated());
}

TEST_F(ServiceTest, WhileTheMotionDetectorSoundsAStrangerMayNotStart) {
  Effects motion = service_.play_for_motion(now_);
  ASSERT_TRUE(motion.start);
  EXPECT_EQ(text(service_.sound_started(*motion.start, now_)), "");

  EXPECT_EQ(write(Opcode::sound_start), "1:020300030100");
  EXPECT_EQ(write(Opcode::sound_stop), "1:020301030100");
}

// ---- identifier ----

TEST_F(ServiceTest, WithoutTheUsersActionTheIdentifierIsAnInvalidCommand) {
  EXPECT_EQ(write(Opcode::get_identifier), "1:02030404ffff");
  EXPECT_EQ(owner_.asked, 0);
}

TEST_F(ServiceTest, TheIdentifierMayBeReadAgainAndAgainForFiveMinutes) {
  const std::string answer = "1:0504e1d000000000000000000000000000000000";
  ASSERT_TRUE(service_.open_identifier_window(now_));

  EXPECT_EQ(write(Opcode::get_identifier), answer);
  now_ += minutes{5} - milliseconds{1};
  EXPECT_EQ(write(Opcode::get_identifier), answer);
  EXPECT_TRUE(service_.identifier_window_open(now_));
  now_ += milliseconds{1};
  EXPECT_FALSE(service_.identifier_window_open(now_));
  EXPECT_EQ(write(Opcode::get_identifier), "1:02030404ffff");
}

TEST_F(ServiceTest, TheIdentifierFollowsTheRotation) {
  ASSERT_TRUE(service_.open_identifier_window(now_));
  owner_.known = Identifier{0x77};

  EXPECT_EQ(write(Opcode::get_identifier), "1:050477" + std::string(34, '0'));
}

TEST_F(ServiceTest, AnotherActionOfTheUserStartsTheFiveMinutesAnew) {
  ASSERT_TRUE(service_.open_identifier_window(now_));
  ASSERT_TRUE(service_.open_identifier_window(now_ + minutes{4}));

  EXPECT_TRUE(service_.identifier_window_open(now_ + minutes{8}));
  EXPECT_FALSE(service_.identifier_window_open(now_ + minutes{9}));
}

TEST_F(ServiceTest, TheWindowMayBeOpenedNearTheOwnerButIsOfUseOnlyInTheSeparatedState) {
  service_.set_separated(false);
  ASSERT_TRUE(service_.open_identifier_window(now_));

  EXPECT_EQ(write(Opcode::get_identifier), "1:02030404ffff");
  service_.set_separated(true);
  EXPECT_TRUE(write(Opcode::get_identifier).starts_with("1:0504"));
}

TEST_F(ServiceTest, UnprovisioningClosesTheWindow) {
  ASSERT_TRUE(service_.open_identifier_window(now_));

  service_.unprovisioned();
  service_.set_separated(true);

  EXPECT_FALSE(service_.identifier_window_open(now_));
  EXPECT_EQ(write(Opcode::get_identifier), "1:02030404ffff");
}

TEST_F(ServiceTest, TheUserMayCloseTheWindow) {
  ASSERT_TRUE(service_.open_identifier_window(now_));

  service_.close_identifier_window();

  EXPECT_EQ(write(Opcode::get_identifier), "1:02030404ffff");
  EXPECT_EQ(service_.deadline(), std::nullopt);
}

TEST_F(ServiceTest, WithoutAnOwnerThereIsNoWindow) {
  owner_.known.reset();

  auto opened = service_.open_identifier_window(now_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::not_found);
  EXPECT_EQ(opened.error().context, "identifier: the accessory has no owner");
  EXPECT_FALSE(service_.identifier_window_open(now_));
}

TEST_F(ServiceTest, AnOwnerWhoHasGoneUnnoticedLeavesNoIdentifier) {
  ASSERT_TRUE(service_.open_identifier_window(now_));
  owner_.known.reset();

  EXPECT_EQ(write(Opcode::get_identifier), "1:02030404ffff");
}

TEST_F(ServiceTest, WithoutLookupByBleThereIsNoIdentifier) {
  Product silent = product();
  silent.capabilities = kPlaysSound;
  Service service{silent, owner_};
  service.set_separated(true);

  auto opened = service.open_identifier_window(now_);

  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().code, Errc::unsupported);
  EXPECT_EQ(write_to(service, message(Opcode::get_identifier)), "1:02030404ffff");
}

// ---- time ----

TEST_F(ServiceTest, AnIdleServiceNeedsNoTimer) { EXPECT_EQ(service_.deadline(), std::nullopt); }

TEST_F(ServiceTest, TheDeadlineIsTheEarlierOfSoundAndWindow) {
  ASSERT_TRUE(service_.open_identifier_window(now_));
  EXPECT_EQ(service_.deadline(), now_ + minutes{5});
  start_sound();
  EXPECT_EQ(service_.deadline(), now_ + seconds{12});

  service_.advance(now_ + seconds{12});
  EXPECT_EQ(service_.deadline(), now_ + minutes{5});
  service_.advance(now_ + minutes{5});
  EXPECT_EQ(service_.deadline(), std::nullopt);
}

// ---- any octets, any order ----

TEST_F(ServiceTest, AnyOctetsAreAnsweredByOneIndicationOrOneErrorOrASound) {
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string octets = random.text(random.below(2) == 0 ? 2 : 70, random.below(2) == 0 ? "\x03\x04\x01" : "");
    Outcome outcome = service_.write(random.below(3), as_bytes(octets), random.below(20) == 0 ? 1 : 0, now_);

    const std::size_t answers =
        (outcome.error ? 1u : 0u) + outcome.effects.indications.size() + (outcome.effects.start ? 1u : 0u);
    EXPECT_EQ(answers, 1u) << to_hex(as_bytes(octets));
    if (outcome.effects.start) service_.sound_refused(*outcome.effects.start);
  }
}

}  // namespace
}  // namespace signet::dult
