// What knows a beacon again, and what that costs when the air is full of others.
#include "finder/likeness.h"

#include <gtest/gtest.h>

#include "../random_octets.h"
#include "base/endian.h"
#include "finder/advert.h"
#include "fmdn/frame.h"

namespace signet::finder {
namespace {

constexpr std::size_t kADay = 171;  // identifiers within 86400 s either way
constexpr std::size_t kBeforeServiceData = 7;
const Moment kNow{std::chrono::seconds{1'800'000'000}};
constexpr std::uint32_t kClock = 1024 * 1000;

fmdn::Eik key(std::uint8_t filling) {
  std::array<std::uint8_t, fmdn::kEikSize> octets;
  octets.fill(filling);
  return fmdn::Eik{octets};
}

keyring::Device bag() {
  return {.name = "bag", .eik = key(1), .clock = keyring::ClockReading{.beacon = kClock, .wall = kNow}};
}

bluez::Sighting frame_of(const fmdn::Eik& eik, std::uint32_t clock) {
  const Bytes frame = fmdn::frame(fmdn::identity_at(eik, clock, fmdn::Curve::secp160r1).value(), {});
  return {.service_data = {{kFmdnUuid, {frame.begin() + kBeforeServiceData, frame.end()}}}};
}

TEST(Portrait, KnowsTheBeaconWithinADayOfItsClock) {
  Portrait portrait{bag()};

  EXPECT_EQ(portrait.likeness(frame_of(key(1), kClock), kNow), Likeness::yes);
  EXPECT_EQ(portrait.likeness(frame_of(key(1), kClock + 86'400), kNow), Likeness::yes);
  EXPECT_EQ(portrait.likeness(frame_of(key(1), kClock - 86'400), kNow), Likeness::yes);
  EXPECT_EQ(portrait.likeness(frame_of(key(1), kClock + 88'100), kNow), Likeness::no);
  EXPECT_EQ(portrait.likeness(frame_of(key(2), kClock), kNow), Likeness::no);
}

TEST(Portrait, KnowsTheBeaconByTheKeyThatWasSentWithoutAnAnswer) {
  auto device = bag();
  device.next_eik = key(2);
  Portrait either{device};
  device.eik.reset();
  Portrait unconfirmed{device};

  EXPECT_EQ(either.likeness(frame_of(key(1), kClock), kNow), Likeness::yes);
  EXPECT_EQ(either.likeness(frame_of(key(2), kClock), kNow), Likeness::yes);
  EXPECT_EQ(unconfirmed.likeness(frame_of(key(2), kClock), kNow), Likeness::yes);
}

TEST(Portrait, KnowsTheBeaconWhenItsClockPassesItsEnd) {
  auto device = bag();
  device.clock->beacon = 5;
  Portrait portrait{device};

  EXPECT_EQ(portrait.likeness(frame_of(key(1), 0u - 2048), kNow), Likeness::yes);
}

TEST(Portrait, AThousandForeignFramesCostWhatOneDoes) {
  Portrait portrait{bag()};
  bluez::Sighting foreign = frame_of(key(9), 0);

  for (std::uint32_t i = 0; i < 1000; ++i) {
    store_be(foreign.service_data[kFmdnUuid], 1, i);  // anybody can make them up, each another one
    EXPECT_EQ(portrait.likeness(foreign, kNow), Likeness::no);
  }

  EXPECT_EQ(portrait.computed(), kADay);
  EXPECT_EQ(portrait.likeness(frame_of(key(1), kClock), kNow), Likeness::yes) << "among them all";
}

TEST(Portrait, AsTimePassesOnlyWhatIsNewIsComputed) {
  Portrait portrait{bag()};
  portrait.prepare(kNow);

  const Moment later = kNow + std::chrono::seconds{fmdn::kPeriod};
  EXPECT_EQ(portrait.likeness(frame_of(key(1), kClock + 86'400 + fmdn::kPeriod), later), Likeness::yes);

  EXPECT_EQ(portrait.computed(), kADay + 1);
}

TEST(Portrait, WithoutAClockNothingIsComputed) {
  auto device = bag();
  device.clock.reset();
  device.address = "00:AA:01:00:00:00";
  Portrait portrait{device};
  auto seen = frame_of(key(1), kClock);

  EXPECT_EQ(portrait.likeness(seen, kNow), Likeness::no);
  seen.address = device.address;
  EXPECT_EQ(portrait.likeness(seen, kNow), Likeness::maybe);

  EXPECT_EQ(portrait.computed(), 0u);
}

TEST(Portrait, TakesAnyOctetsForAFrame) {
  Portrait portrait{bag()};
  RandomOctets random{7};
  const auto octets = [&] {
    const std::string text = random.text(40);
    return Bytes{text.begin(), text.end()};
  };

  for (int i = 0; i < kRandomStrings; ++i) {
    const bluez::Sighting seen{.service_data = {{kFmdnUuid, octets()}, {kFastPairUuid, octets()}}};
    EXPECT_EQ(portrait.likeness(seen, kNow), Likeness::no);
  }
}

}  // namespace
}  // namespace signet::finder
