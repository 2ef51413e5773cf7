// Registrations that are repeated, interrupted, late, or begun anew.
#include "base/base64.h"
#include "unit/activation/registration_fixture.h"

namespace signet::activation {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::seconds;

TEST_F(RegistrationTest, AReservationThatIsRepeatedGetsTheStoredChallenge) {
  const auto first = reserve(device_);
  ASSERT_TRUE(first);
  clock_.advance(hours{24});

  const auto again = reserve(device_.request(std::string(32, 'x'), *keys_, clock_.now()));

  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_EQ(again->challenge, first->challenge);
  EXPECT_EQ(again->expires_at, first->expires_at);
  EXPECT_TRUE(again->repeated);
}

TEST_F(RegistrationTest, AConfirmationThatIsRepeatedGetsTheStoredOctets) {
  const auto reservation = reserve(device_);
  const std::string proof = device_.proof(reservation->challenge, clock_.now());
  const auto first = confirm(device_.id_text(), proof);
  ASSERT_TRUE(first);
  clock_.advance(hours{48});

  const auto same = confirm(device_.id_text(), proof);
  const auto another = confirm(device_.id_text(), device_.proof(reservation->challenge, clock_.now()));

  ASSERT_TRUE(same) << to_string(same.error());
  ASSERT_TRUE(another) << to_string(another.error());
  EXPECT_EQ(same->chain, first->chain);
  EXPECT_EQ(another->chain, first->chain);
  EXPECT_EQ(another->generation, 1U);
  EXPECT_EQ(history(device_).certificates.size(), 1U);
}

TEST_F(RegistrationTest, AReservationThatIsRepeatedAfterItsConfirmationChangesNothing) {
  const std::string ticket = sn_ticket(ids_);
  const auto first = reserve(device_.request(ticket, *keys_, clock_.now()));
  const auto confirmed = confirm(device_, *first);
  ASSERT_TRUE(confirmed);

  const auto again = reserve(device_.request(ticket, *keys_, clock_.now()));

  ASSERT_TRUE(again);
  EXPECT_EQ(again->challenge, first->challenge);
  EXPECT_EQ(confirm(device_, *again)->chain, confirmed->chain);
}

TEST_F(RegistrationTest, AnEndThatWasMissedForWeeksIsStillToBeHad) {
  const auto first = reserve(device_);
  const auto confirmed = confirm(device_, *first);
  ASSERT_TRUE(confirmed);
  clock_.advance(hours{30 * 24});

  const auto again = reserve(device_.request(std::string(32, 'x'), *keys_, clock_.now()));

  ASSERT_TRUE(again) << to_string(again.error());
  const auto before = payload_of(first->challenge);
  const auto now = payload_of(again->challenge);
  EXPECT_EQ(now.at("nonce"), before.at("nonce"));
  EXPECT_EQ(now.at("iat").as_int64(), clock_.now().time_since_epoch().count());
  EXPECT_GT(now.at("exp").as_int64(), clock_.now().time_since_epoch().count());
  EXPECT_EQ(confirm(device_, *again)->chain, confirmed->chain);
  EXPECT_EQ(history(device_).certificates.size(), 1U);
}

TEST_F(RegistrationTest, AReservationOfTheFutureIsOfAClockThatWasWrong) {
  clock_.advance(hours{24});
  const auto ahead = reserve(device_);
  ASSERT_TRUE(ahead);
  clock_.set_back(hours{24});
  expect_error(confirm(device_, *ahead), Errc::not_found);

  const auto again = reserve(device_);

  ASSERT_TRUE(again) << to_string(again.error());
  EXPECT_TRUE(confirm(device_, *again));
}

TEST_F(RegistrationTest, ARegistrarThatWasRestoredGoesOnAboveTheDevicesGeneration) {
  device_.generation = 5;  // of which this registrar knows nothing any more

  const auto confirmation = enrol(device_);

  ASSERT_TRUE(confirmation) << to_string(confirmation.error());
  EXPECT_EQ(confirmation->generation, 6U);
  EXPECT_TRUE(bearer(device_).accepted);
}

TEST_F(RegistrationTest, AChipCannotBeGivenAnotherLabel) {
  must_enrol(device_);
  device_.begin();

  for (const char* transport : {"ufs", "emulator"}) {
    expect_error(reserve(device_, [&](json::object& payload) { payload["chip"].as_object()["transport"] = transport; }),
                 Errc::invalid_argument, "chip.transport");
  }
  expect_error(reserve(device_,
                       [](json::object& payload) {
                         payload["chip"].as_object()["cid_hash"] = json::string(to_base64url(Bytes(32, 1)));
                       }),
               Errc::invalid_argument, "chip.cid_hash");
  EXPECT_EQ(history(device_).device.generation, 1U);
}

TEST_F(RegistrationTest, AChipMayBeginAnewUnderAnotherSerialNumberUntilItIsConfirmed) {
  const auto first = reserve(device_);
  ASSERT_TRUE(first);
  device_.begin(other_ids_);  // the device has given the first one up

  ASSERT_TRUE(enrol(device_));

  expect_error(confirm(to_text(identity::RegistrationId{}), device_.proof(first->challenge, clock_.now())),
               Errc::not_found);
  EXPECT_EQ(history(device_).device.ids.sn, "sn-2");
}

TEST_F(RegistrationTest, ARepeatNeedsTheKeyThatWasRegistered) {
  const auto reservation = reserve(device_);
  ASSERT_TRUE(confirm(device_, *reservation));
  TestDevice thief{1, ids_};
  thief.id = device_.id;

  expect_error(confirm(thief, *reservation), Errc::ticket_invalid, "signature");
  expect_error(reserve(thief), Errc::already_exists, "id: ");
}

TEST_F(RegistrationTest, TheSameIdWithOtherIdsOrAnotherKeyOfTheChipIsRefused) {
  ASSERT_TRUE(reserve(device_));

  auto other = reserve(device_, [](json::object& payload) { payload["app_id"] = "other"; });
  auto key = reserve(device_, [](json::object& payload) {
    payload["chip"].as_object()["kcv"] = json::string(to_base64url(Bytes(8, 1)));
    payload["escrow"] = "none";
  });

  expect_error(other, Errc::already_exists, "id: ");
  expect_error(key, Errc::key_conflict, "kcv");
}

TEST_F(RegistrationTest, AReservationLastsSevenDays) {
  const auto reservation = reserve(device_);
  clock_.advance(hours{7 * 24} - seconds{1});
  EXPECT_TRUE(reserve(device_.request(std::string(32, 'x'), *keys_, clock_.now())));
  clock_.advance(seconds{1});

  expect_error(confirm(device_, *reservation), Errc::not_found, "expired");
  expect_error(reserve(device_.request(std::string(32, 'x'), *keys_, clock_.now())), Errc::sn_ticket_invalid);
}

TEST_F(RegistrationTest, AfterItHasExpiredTheSameRegistrationBeginsAnewWithAnotherSnTicket) {
  const auto first = reserve(device_);
  clock_.advance(hours{8 * 24});

  const auto second = reserve(device_);

  ASSERT_TRUE(second) << to_string(second.error());
  EXPECT_NE(second->challenge, first->challenge);
  expect_error(confirm(device_, *first), Errc::ticket_invalid, "eat_nonce");
  EXPECT_TRUE(confirm(device_, *second));
}

TEST_F(RegistrationTest, AnOperatorCancelsAReservationButNoRegistration) {
  const auto reservation = reserve(device_);

  ASSERT_TRUE(cancel(device_));

  expect_error(confirm(device_, *reservation), Errc::not_found);
  expect_error(cancel(device_), Errc::not_found);
  must_enrol(device_);
  expect_error(cancel(device_), Errc::already_exists);
}

TEST_F(RegistrationTest, CancellingIsForOperatorsOfTheModel) {
  ASSERT_TRUE(reserve(device_));
  const auto by = [&](const Actor& actor) {
    return await<void>([&](auto done) { registrar_->cancel(actor, device_.id_text(), done); });
  };

  expect_error(by(vendor_), Errc::access_denied);
  expect_error(by({.name = "o", .role = Role::operator_, .models = {"m2"}}), Errc::access_denied);
  expect_error(await<void>([&](auto done) { registrar_->cancel(operator_, "x", done); }), Errc::invalid_argument);
  EXPECT_TRUE(by({.name = "o", .role = Role::operator_, .models = {"m1"}}));
}

}  // namespace
}  // namespace signet::activation
