// Reserve, confirm, refresh: the good ways, and those that the policy knows.
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <mutex>
#include <set>
#include <thread>

#include "base/base64.h"
#include "jose/jose.h"
#include "unit/activation/registration_fixture.h"

namespace signet::activation {
namespace {

namespace json = boost::json;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

// ---- the good way ----

TEST_F(RegistrationTest, TheChallengeIsThatOfTheContract) {
  const auto reservation = reserve(device_);
  ASSERT_TRUE(reservation) << to_string(reservation.error());
  const auto jws = jose::parse_jws(reservation->challenge).value();
  const auto header = json::parse(jws.header).as_object();
  const auto payload = json::parse(jws.payload).as_object();
  const auto certificate =
      crypto::Certificate::from_der(from_base64(header.at("x5c").as_array().at(0).as_string()).value()).value();

  const auto text = [](const json::object& object, const char* member) {
    return std::string{object.at(member).as_string()};
  };

  EXPECT_EQ(text(header, "typ"), "sgt-challenge+jwt");
  EXPECT_TRUE(jose::verify_jws(reservation->challenge, certificate.public_der()).value());
  EXPECT_TRUE(crypto::verify_chain(certificate, keys_->anchors(ChipKind::hardware), clock_.now()));
  EXPECT_EQ(text(payload, "profile"), "tag:signet,2026:challenge-1");
  EXPECT_EQ(text(payload, "id"), device_.id_text());
  EXPECT_EQ(text(payload, "ueid"), to_text(device_.ueid()));
  EXPECT_EQ(text(payload, "nonce").size(), 43U);
  EXPECT_EQ(text(payload, "aud"), kBaseUrl);
  EXPECT_EQ(payload.at("iat").as_int64(), clock_.now().time_since_epoch().count());
  EXPECT_EQ(payload.at("exp").as_int64(), (clock_.now() + hours{7 * 24}).time_since_epoch().count());
  EXPECT_EQ(reservation->expires_at, clock_.now() + hours{7 * 24});
  EXPECT_EQ(reservation->id, device_.id_text());
  EXPECT_FALSE(reservation->repeated);
}

TEST_F(RegistrationTest, TheCertificateIsThatOfTheContract) {
  const auto confirmation = enrol(device_);
  ASSERT_TRUE(confirmation) << to_string(confirmation.error());
  ASSERT_EQ(confirmation->chain.size(), 1U);
  const auto& certificate = *device_.certificate;
  const auto digest = identity::identity_digest(device_.id, device_.ids);

  EXPECT_EQ(confirmation->generation, 1U);
  EXPECT_EQ(certificate.common_name(), to_text(device_.ueid()));
  EXPECT_EQ(certificate.organizational_unit(), "1");
  EXPECT_EQ(certificate.public_der(), device_.pending_key().public_der());
  EXPECT_TRUE(certificate.has_policy(identity::kHardwarePolicy));
  EXPECT_TRUE(certificate.has_extended_use(identity::kSignsTickets));
  EXPECT_FALSE(certificate.is_ca());
  EXPECT_EQ(certificate.octets_extension(identity::kIdentityDigest), Bytes(digest.begin(), digest.end()));
  EXPECT_TRUE(crypto::verify_chain(certificate, keys_->anchors(ChipKind::hardware), clock_.now()));
  EXPECT_EQ(certificate.not_after(), clock_.now() + hours{10 * 365 * 24});
}

TEST_F(RegistrationTest, TheDeviceIsOnRecord) {
  must_enrol(device_);

  const DeviceHistory found = history(device_);

  EXPECT_EQ(found.device.ids, ids_);
  EXPECT_EQ(found.device.chip.transport, "emmc");
  EXPECT_EQ(found.device.chip.kcv, device_.kcv());
  EXPECT_TRUE(found.device.escrowed);
  EXPECT_EQ(found.device.generation, 1U);
  EXPECT_EQ(found.device.blocked, "");
  ASSERT_EQ(found.certificates.size(), 1U);
  EXPECT_EQ(found.certificates.front().der, device_.certificate->der());
  ASSERT_EQ(found.counters.size(), 1U);
  EXPECT_EQ(found.counters.front().counter, device_.counter());
  ASSERT_EQ(found.entries.size(), 2U);
  EXPECT_EQ(found.entries[0].action, "reserve");
  EXPECT_EQ(found.entries[1].action, "confirm");
}

TEST_F(RegistrationTest, WithoutEscrowIsTakenWithoutAProofOfTheChip) {
  device_.escrow = false;
  device_.frames = false;

  must_enrol(device_);

  EXPECT_FALSE(history(device_).device.escrowed);
  EXPECT_TRUE(history(device_).counters.empty());
}

// ---- sn tickets ----

TEST_F(RegistrationTest, AnSnTicketThatIsUnknownExpiredForeignOrUsedIsRefused) {
  expect_error(reserve(device_.request(std::string(32, 'x'), *keys_, clock_.now())), Errc::sn_ticket_invalid);

  const std::string foreign = sn_ticket(other_ids_);
  expect_error(reserve(device_.request(foreign, *keys_, clock_.now())), Errc::sn_ticket_invalid, "another model");
  const std::string of_other_model = sn_ticket({.model_id = "m2", .sn = ids_.sn, .app_id = ids_.app_id});
  expect_error(reserve(device_.request(of_other_model, *keys_, clock_.now())), Errc::sn_ticket_invalid,
               "another model");
  TestDevice owner{3, other_ids_};
  EXPECT_TRUE(reserve(owner.request(foreign, *keys_, clock_.now()))) << "a foreign sn ticket is not spent";

  const std::string expired = sn_ticket(ids_);
  clock_.advance(minutes{5});
  expect_error(reserve(device_.request(expired, *keys_, clock_.now())), Errc::sn_ticket_invalid, "expired");

  const std::string used = sn_ticket(ids_);
  ASSERT_TRUE(reserve(device_.request(used, *keys_, clock_.now())));
  device_.begin();
  expect_error(reserve(device_.request(used, *keys_, clock_.now())), Errc::sn_ticket_invalid, "used");
}

// ---- the proof ----

TEST_F(RegistrationTest, AProofThatIsOtherInAnyClaimIsRefusedAndTheNextGoodOneIsTaken) {
  const auto reservation = reserve(device_);
  ASSERT_TRUE(reservation);
  const auto refused = [&](const TestDevice::ChangeClaims& change, const std::string& words) {
    expect_error(confirm(device_, *reservation, change), Errc::ticket_invalid, words);
  };
  using Claims = identity::TicketClaims;

  refused([](Claims& c) { c.use = identity::TicketUse::bearer; }, "sgt_use");
  refused([](Claims& c) { c.nonce = to_base64url(Bytes(32, 1)); }, "eat_nonce");
  refused([](Claims& c) { c.audience = "https://other.example"; }, "aud");
  refused([](Claims& c) { c.ueid[5] ^= 1; }, "ueid");
  refused([](Claims& c) { c.model_id = "m2"; }, "hwmodel");
  refused([](Claims& c) { c.sn = "sn-2"; }, "sgt_sn");
  refused([](Claims& c) { c.sn.reset(); }, "sgt_sn");
  refused([](Claims& c) { c.app_id = "other"; }, "sgt_app");
  refused([](Claims& c) { c.transport = "ufs"; }, "sgt_chip.transport");
  refused([](Claims& c) { c.key_protection = "tee"; }, "sgt_chip.key_protection");
  refused([](Claims& c) { c.kcv[0] ^= 1; }, "sgt_chip.kcv");
  expect_error(confirm(device_.id_text(), "no ticket"), Errc::ticket_invalid, "ticket: ");
  expect_error(confirm("short", device_.proof(reservation->challenge, clock_.now())), Errc::invalid_argument, "id: ");

  EXPECT_EQ(device_count(), 0U);
  EXPECT_TRUE(confirm(device_, *reservation));
}

TEST_F(RegistrationTest, WithEscrowAProofWithoutFramesOrOfAnotherChipIsRefused) {
  const auto reservation = reserve(device_);
  device_.frames = false;
  expect_error(confirm(device_, *reservation), Errc::ticket_invalid, "sgt-rpmb");

  TestDevice other{2, ids_};
  expect_error(confirm(device_, *reservation, [&](identity::TicketClaims& claims) { claims.ueid = other.ueid(); }),
               Errc::ticket_invalid, "ueid");
}

TEST_F(RegistrationTest, AProofWithTheCertificateOfBeforeIsRefused) {
  must_enrol(device_);
  device_.begin();
  const auto reservation = reserve(device_);
  const auto nonce_of = std::string{payload_of(reservation->challenge).at("nonce").as_string()};

  const std::string ticket = device_.ticket(identity::TicketUse::challenge, nonce_of, kBaseUrl, clock_.now());

  expect_error(confirm(device_.id_text(), ticket), Errc::ticket_invalid, "x5c");
}

TEST_F(RegistrationTest, AClockThatIsADayOffIsNamed) {
  const auto reservation = reserve(device_);
  const auto at = [&](UnixTime time) {
    return confirm(device_.id_text(), device_.proof(reservation->challenge, time));
  };

  expect_error(at(clock_.now() - hours{24}), Errc::clock_skew, "86400");
  expect_error(at(clock_.now() + hours{24}), Errc::clock_skew, "86400");
  EXPECT_TRUE(at(clock_.now() - seconds{60}));
}

TEST_F(RegistrationTest, AProofThatComesTooLateIsExpiredAndIsMadeAnew) {
  const auto reservation = reserve(device_);
  const std::string proof = device_.proof(reservation->challenge, clock_.now());
  clock_.advance(hours{2});

  expect_error(confirm(device_.id_text(), proof), Errc::ticket_invalid, "expired");
  EXPECT_TRUE(confirm(device_, *reservation));
}

// ---- refresh ----

TEST_F(RegistrationTest, ARefreshRaisesTheGenerationAndRevokesTheOldCertificateWhenItIsConfirmed) {
  must_enrol(device_);
  device_.begin();
  const auto reservation = reserve(device_);
  ASSERT_TRUE(reservation) << to_string(reservation.error());
  EXPECT_FALSE(history(device_).certificates.front().revoked_at);

  const auto confirmation = confirm(device_, *reservation);

  ASSERT_TRUE(confirmation) << to_string(confirmation.error());
  EXPECT_EQ(confirmation->generation, 2U);
  const auto certificates = history(device_).certificates;
  ASSERT_EQ(certificates.size(), 2U);
  EXPECT_EQ(certificates[0].revoked_at, clock_.now());
  EXPECT_FALSE(certificates[1].revoked_at);
  EXPECT_EQ(device_count(), 1U);
}

TEST_F(RegistrationTest, ARefreshMayChangeTheApplication) {
  must_enrol(device_);
  device_.begin({.model_id = "m1", .sn = "sn-1", .app_id = "another"});

  must_enrol(device_);

  EXPECT_EQ(history(device_).device.ids.app_id, "another");
}

TEST_F(RegistrationTest, ARefreshWithoutEscrowStillHasToProveTheChip) {
  must_enrol(device_);
  device_.begin();
  device_.escrow = false;
  const auto reservation = reserve(device_);
  device_.frames = false;

  expect_error(confirm(device_, *reservation), Errc::ticket_invalid, "sgt-rpmb");
  device_.frames = true;
  EXPECT_TRUE(confirm(device_, *reservation));
  EXPECT_TRUE(history(device_).device.escrowed);
}

TEST_F(RegistrationTest, AKnownChipWithAnotherKeyIsAKeyConflict) {
  must_enrol(device_);
  device_.begin();

  auto reservation = reserve(device_, [](json::object& payload) {
    payload["chip"].as_object()["kcv"] = json::string(to_base64url(Bytes(8, 1)));
    payload["escrow"] = "none";
  });

  expect_error(reservation, Errc::key_conflict, "kcv");
}

// ---- two at once ----

TEST_F(RegistrationTest, AChipThatBeginsAnewReplacesItsReservation) {
  const auto first = reserve(device_);
  const auto old_id = device_.id;
  TestDevice before = device_.clone();
  device_.begin();
  const auto second = reserve(device_);
  ASSERT_TRUE(second) << to_string(second.error());

  before.id = old_id;
  expect_error(confirm(before, *first), Errc::not_found, "replaced");
  EXPECT_TRUE(confirm(device_, *second));
}

TEST_F(RegistrationTest, OfTwoChipsWithOneSerialNumberAtOnceOneIsRegistered) {
  TestDevice other{2, ids_};
  const auto first = reserve(device_);
  ASSERT_TRUE(first);

  expect_refused(reserve(other), Reason::serial_on_two_chips);

  EXPECT_TRUE(confirm(device_, *first));
  EXPECT_EQ(device_count(), 1U);
}

TEST_F(RegistrationTest, ManyRequestsOfOneRegistrationAtOnceGetOneAnswer) {
  const std::string request = device_.request(sn_ticket(ids_), *keys_, clock_.now());
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::string> challenges;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto reservation = reserve(request);
      const std::lock_guard lock{mutex};
      challenges.insert(reservation ? reservation->challenge : to_string(reservation.error()));
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(challenges.size(), 1U);
}

TEST_F(RegistrationTest, ManyConfirmationsOfOneRegistrationAtOnceGetOneCertificate) {
  const auto reservation = reserve(device_);
  const std::string proof = device_.proof(reservation->challenge, clock_.now());
  std::vector<std::thread> threads;
  std::mutex mutex;
  std::set<std::string> certificates;  // g++ 12 warns of sets of vectors
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] {
      const auto confirmation = confirm(device_.id_text(), proof);
      const std::lock_guard lock{mutex};
      certificates.emplace(confirmation ? as_text(confirmation->chain.front()) : "");
    });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(certificates.size(), 1U);
  EXPECT_FALSE(certificates.contains(""));
  EXPECT_EQ(history(device_).certificates.size(), 1U);
}

// ---- policy ----

TEST_F(RegistrationTest, ASerialNumberOfAnotherChipIsRefusedAndOnRecord) {
  must_enrol(device_);
  TestDevice other{2, ids_};

  const auto reservation = reserve(other);

  expect_refused(reservation, Reason::serial_on_two_chips);
  EXPECT_EQ(reservation.error().code, Errc::blocked);
  EXPECT_EQ(on_record(Reason::serial_on_two_chips), 1);
  EXPECT_EQ(device_count(), 1U);
}

TEST_F(RegistrationTest, ASerialNumberOfAnotherChipIsLetThroughWhenSoConfiguredAndOnRecord) {
  allow(Reason::serial_on_two_chips);
  must_enrol(device_);
  TestDevice other{2, ids_};

  must_enrol(other);

  EXPECT_EQ(on_record(Reason::serial_on_two_chips), 2) << "at reserve and at confirm";
  EXPECT_EQ(device_count(), 2U);
}

TEST_F(RegistrationTest, TheSerialNumberOfAChipThatAnOperatorHasBlockedIsFree) {
  must_enrol(device_);
  ASSERT_TRUE(block(device_));
  TestDevice replacement{2, ids_};

  must_enrol(replacement);

  EXPECT_EQ(on_record(Reason::serial_on_two_chips), 0);
}

TEST_F(RegistrationTest, OtherIdsOnARegisteredChipAreAnIdentityMismatch) {
  must_enrol(device_);
  device_.begin(other_ids_);

  const auto reservation = reserve(device_);

  expect_refused(reservation, Reason::chip_with_other_serial);
  EXPECT_EQ(reservation.error().code, Errc::identity_mismatch);
  EXPECT_EQ(on_record(Reason::chip_with_other_serial), 1);
  EXPECT_EQ(history(device_).device.ids, ids_);
}

TEST_F(RegistrationTest, OtherIdsOnARegisteredChipAreLetThroughWhenSoConfiguredAndOnRecord) {
  allow(Reason::chip_with_other_serial);
  must_enrol(device_);
  device_.begin(other_ids_);

  must_enrol(device_);

  EXPECT_EQ(history(device_).device.ids, other_ids_);
  EXPECT_EQ(history(device_).device.generation, 2U);
  EXPECT_EQ(on_record(Reason::chip_with_other_serial), 2);
}

TEST_F(RegistrationTest, AChipWithTheCidOfAnotherUnderAnotherSerialIsFound) {
  must_enrol(device_);
  TestDevice other{2, other_ids_};
  const std::string cid = to_base64url(history(device_).device.chip.cid_hash);

  auto reservation =
      reserve(other, [&](json::object& payload) { payload["chip"].as_object()["cid_hash"] = json::string(cid); });

  expect_refused(reservation, Reason::chip_with_other_serial);
}

TEST_F(RegistrationTest, AnEmulatedChipIsRefusedAndOnRecord) {
  TestDevice emulated{3, ids_, "emulator"};

  expect_refused(reserve(emulated), Reason::emulated_chip);

  EXPECT_EQ(on_record(Reason::emulated_chip), 1);
}

TEST_F(RegistrationTest, AnEmulatedChipThatIsAllowedGetsACertificateOfTheOtherCa) {
  config_.policy.allow_emulated = true;
  start();
  TestDevice emulated{3, ids_, "emulator"};

  must_enrol(emulated);

  EXPECT_TRUE(emulated.certificate->has_policy(identity::kEmulatedPolicy));
  EXPECT_FALSE(emulated.certificate->has_policy(identity::kHardwarePolicy));
  EXPECT_TRUE(crypto::verify_chain(*emulated.certificate, keys_->anchors(ChipKind::emulated), clock_.now()));
  EXPECT_FALSE(crypto::verify_chain(*emulated.certificate, keys_->anchors(ChipKind::hardware), clock_.now()));
}

TEST_F(RegistrationTest, ABlockedDeviceIsNotRefreshed) {
  must_enrol(device_);
  device_.begin();
  const auto before = reserve(device_);
  ASSERT_TRUE(before);
  ASSERT_TRUE(block(device_));

  expect_refused(confirm(device_, *before), Reason::blocked_by_operator);
  device_.begin();
  expect_refused(reserve(device_), Reason::blocked_by_operator);
  EXPECT_EQ(history(device_).device.generation, 1U);
}

TEST_F(RegistrationTest, ACopyThatHasFallenBehindIsFoundAtItsRefresh) {
  must_enrol(device_);
  TestDevice copy = device_.clone();
  device_.write_to_chip(3);
  EXPECT_TRUE(challenge(device_).accepted);
  copy.begin();
  const auto reservation = reserve(copy);

  const auto confirmation = confirm(copy, *reservation);

  expect_refused(confirmation, Reason::counter_backwards);
  EXPECT_EQ(history(device_).device.blocked, "counter_backwards");
  EXPECT_EQ(history(device_).device.generation, 1U);
}

TEST_F(RegistrationTest, TheSnTicketOfARefusedReservationIsStillGood) {
  must_enrol(device_);
  TestDevice other{2, ids_};
  const std::string ticket = sn_ticket(ids_);
  expect_refused(reserve(other.request(ticket, *keys_, clock_.now())), Reason::serial_on_two_chips);

  device_.begin();

  EXPECT_TRUE(reserve(device_.request(ticket, *keys_, clock_.now())));
}

}  // namespace
}  // namespace signet::activation
