// What a ticket is worth: every factor, and each way in which it fails.
#include <atomic>
#include <thread>

#include "activation/sqlite/backup.h"
#include "base/base64.h"
#include "unit/activation/registrar_fixture.h"
#include "unit/random_octets.h"

namespace signet::activation {
namespace {

using identity::Factor;
using identity::TicketClaims;
using identity::TicketUse;
using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class VerifyTest : public RegistrarFixture {
 protected:
  VerifyTest() { must_enrol(device_); }

  static void expect_accepted(const Verdict& verdict) {
    EXPECT_TRUE(verdict.accepted) << verdict.signature.reason << " / " << verdict.rpmb.reason << " / "
                                  << verdict.policy.reason;
    EXPECT_EQ(verdict.signature.status, Factor::Status::ok);
    EXPECT_EQ(verdict.policy.status, Factor::Status::ok);
    EXPECT_TRUE(verdict.device);
  }
  // The signature factor failed for a reason with these words, and nothing else was looked at.
  static void expect_unsigned(const Verdict& verdict, const std::string& words) {
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(verdict.signature.status, Factor::Status::failed);
    EXPECT_NE(verdict.signature.reason.find(words), std::string::npos) << verdict.signature.reason;
    EXPECT_EQ(verdict.rpmb.status, Factor::Status::not_checked);
    EXPECT_EQ(verdict.policy.status, Factor::Status::not_checked);
    EXPECT_FALSE(verdict.device);
  }
  static void expect_policy(const Verdict& verdict, Reason reason) {
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(verdict.signature.status, Factor::Status::ok) << verdict.signature.reason;
    EXPECT_EQ(verdict.policy.status, Factor::Status::failed);
    EXPECT_EQ(verdict.policy.reason, name(reason));
  }
  void allow(Reason reason) {
    config_.policy.blocking.erase(reason);
    start();
  }
  Result<Device> operate(void (Registrar::*operation)(const Actor&, const std::string&, Done<Device>)) {
    return await<Device>([&](auto done) { (*registrar_.*operation)(operator_, to_text(device_.ueid()), done); });
  }
  Result<Device> block() {
    return await<Device>([&](auto done) { registrar_->block(operator_, to_text(device_.ueid()), "stolen", done); });
  }

  TestDevice device_{1, {.model_id = "m1", .sn = "sn-1", .app_id = "app"}};
};

TEST_F(VerifyTest, AChallengeTicketIsAcceptedInAllFactors) {
  const Verdict verdict = challenge(device_);

  expect_accepted(verdict);
  EXPECT_EQ(verdict.rpmb.status, Factor::Status::ok) << verdict.rpmb.reason;
  EXPECT_EQ(verdict.device->ueid, to_text(device_.ueid()));
  EXPECT_EQ(verdict.device->model_id, "m1");
  EXPECT_EQ(verdict.device->sn, "sn-1");
  EXPECT_EQ(verdict.device->app_id, "app");
  EXPECT_EQ(verdict.device->generation, 1U);
  EXPECT_EQ(verdict.device->transport, "emmc");
  EXPECT_EQ(verdict.device->key_protection, "soft");
  EXPECT_EQ(verdict.device->write_counter, device_.counter());
}

TEST_F(VerifyTest, ABearerTicketIsAcceptedAgainAndAgainUntilItExpires) {
  const std::string ticket = device_.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now());
  const auto writes = store_->commits().units;

  expect_accepted(verify(ticket));
  expect_accepted(verify(ticket));
  EXPECT_EQ(store_->commits().units, writes) << "an accepted bearer ticket writes nothing";
  clock_.advance(minutes{10} + seconds{60});

  expect_unsigned(verify(ticket), "expired");
}

TEST_F(VerifyTest, ATicketThatDoesNotNameItsSerialNumberTellsNone) {
  const Verdict verdict = challenge(device_, [](TicketClaims& claims) { claims.sn.reset(); });

  expect_accepted(verdict);
  EXPECT_FALSE(verdict.device->sn);
}

TEST_F(VerifyTest, WithoutEscrowTheChipIsNotCheckedAndTheReasonSaysSo) {
  TestDevice other{2, {.model_id = "m1", .sn = "sn-2", .app_id = "app"}};
  other.escrow = false;
  must_enrol(other);

  const Verdict verdict = challenge(other);

  expect_accepted(verdict);
  EXPECT_EQ(verdict.rpmb.status, Factor::Status::not_checked);
  EXPECT_NE(verdict.rpmb.reason.find("no escrow"), std::string::npos);
}

TEST_F(VerifyTest, ADeviceWhoseKeyIsEscrowedHasToShowItsChip) {
  device_.frames = false;

  for (const Verdict& verdict : {challenge(device_), bearer(device_)}) {
    EXPECT_FALSE(verdict.accepted);
    EXPECT_EQ(verdict.signature.status, Factor::Status::ok);
    EXPECT_EQ(verdict.rpmb.status, Factor::Status::failed);
    EXPECT_EQ(verdict.rpmb.reason, "no frames");
  }
}

// ---- nonces ----

TEST_F(VerifyTest, ANonceIsGoodForOneTicketAndFiveMinutesAndOneAudience) {
  const std::string spent = nonce();
  const std::string ticket = device_.ticket(TicketUse::challenge, spent, kAudience, clock_.now());
  expect_accepted(verify(ticket));
  expect_unsigned(verify(ticket), "nonce: spent");
  expect_unsigned(verify(device_.ticket(TicketUse::challenge, spent, kAudience, clock_.now())), "nonce: spent");

  const std::string foreign = nonce("https://other.example");
  expect_unsigned(verify(device_.ticket(TicketUse::challenge, foreign, kAudience, clock_.now())), "another audience");

  const std::string own = to_base64url(Bytes(32, 1));
  expect_unsigned(verify(device_.ticket(TicketUse::challenge, own, kAudience, clock_.now())), "not issued here");

  const std::string late = nonce();
  clock_.advance(minutes{5});
  expect_unsigned(verify(device_.ticket(TicketUse::challenge, late, kAudience, clock_.now())), "nonce: expired");
}

TEST_F(VerifyTest, ATicketThatIsNotSignedRightDoesNotSpendTheNonce) {
  const std::string fresh = nonce();
  std::string ticket = device_.ticket(TicketUse::challenge, fresh, kAudience, clock_.now());
  std::string damaged = ticket;
  damaged[damaged.size() - 10] = damaged[damaged.size() - 10] == 'A' ? 'B' : 'A';

  expect_unsigned(verify(damaged), "signature");
  expect_accepted(verify(ticket));
}

TEST_F(VerifyTest, OfManyVerificationsOfOneTicketAtOnceOneAccepts) {
  const std::string ticket = device_.ticket(TicketUse::challenge, nonce(), kAudience, clock_.now());
  std::atomic<int> accepted = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 8; ++i) {
    threads.emplace_back([&] { accepted += verify(ticket).accepted ? 1 : 0; });
  }
  for (auto& thread : threads) thread.join();

  EXPECT_EQ(accepted, 1);
}

TEST_F(VerifyTest, ANonceOfARegistrationIsNoneOfAVerifier) {
  device_.begin();
  const auto reservation = reserve(device_);
  const std::string nonce_of{payload_of(reservation->challenge).at("nonce").as_string()};

  expect_unsigned(verify(device_.ticket(TicketUse::challenge, nonce_of, kAudience, clock_.now())), "not issued here");
}

TEST_F(VerifyTest, NoncesAreForVerifiersAndKeepTheirRules) {
  const auto issue = [&](const Actor& actor, const std::string& audience) {
    return await<Nonce>([&](auto done) { registrar_->issue_nonce(actor, audience, done); });
  };
  const auto good = issue(verifier_, kAudience);
  ASSERT_TRUE(good);
  EXPECT_EQ(good->nonce.size(), 43U);
  EXPECT_EQ(good->expires_at, clock_.now() + minutes{5});

  EXPECT_EQ(issue(vendor_, kAudience).error().code, Errc::access_denied);
  EXPECT_EQ(issue(verifier_, "").error().code, Errc::invalid_argument);
  EXPECT_EQ(issue(verifier_, std::string(257, 'a')).error().code, Errc::invalid_argument);
  EXPECT_EQ(issue(verifier_, "a\nb").error().code, Errc::invalid_argument);
}

// ---- claims ----

TEST_F(VerifyTest, ATicketForAnotherAudienceOrOfAnotherTimeIsNotSigned) {
  const std::string other =
      device_.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", "https://other.example", clock_.now());
  expect_unsigned(verify(other), "aud");
  for (const auto off : {-hours{24}, hours{24}}) {
    expect_unsigned(verify(device_.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now() + off)),
                    off < hours{0} ? "expired" : "future");
  }
}

TEST_F(VerifyTest, WhatADeviceSaysOfItselfMustBeWhatIsOnRecord) {
  const auto refused = [&](const TestDevice::ChangeClaims& change, const std::string& words) {
    expect_unsigned(bearer(device_, change), words);
  };

  refused([](TicketClaims& c) { c.ueid[7] ^= 1; }, "certificate");
  refused([](TicketClaims& c) { c.model_id = "m2"; }, "hwmodel");
  refused([](TicketClaims& c) { c.sn = "sn-2"; }, "sgt_sn");
  refused([](TicketClaims& c) { c.app_id = "other"; }, "sgt_app");
  refused([](TicketClaims& c) { c.generation = 2; }, "generation");
  refused([](TicketClaims& c) { c.transport = "ufs"; }, "sgt_chip.transport");
  refused([](TicketClaims& c) { c.transport = "emulator"; }, "CA");
  refused([](TicketClaims& c) { c.key_protection = "tee"; }, "sgt_chip.key_protection");
  refused([](TicketClaims& c) { c.kcv[0] ^= 1; }, "sgt_chip.kcv");
}

TEST_F(VerifyTest, AVerifierOfOtherModelsLearnsNothing) {
  const std::string ticket = device_.ticket(TicketUse::challenge, nonce(), kAudience, clock_.now());
  const Actor other{.name = "other", .role = Role::verifier, .models = {"m2"}};

  const auto refused = await<Verdict>([&](auto done) { registrar_->verify(other, ticket, kAudience, done); });

  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::access_denied);
  expect_accepted(verify(ticket));  // the nonce is not spent
}

TEST_F(VerifyTest, ATicketOfAnotherRegistrarIsNotSigned) {
  identity::TemporaryDirectory elsewhere;
  auto store = sqlite::Store::open({.path = elsewhere.path("other.db"), .create = true}).value();
  ASSERT_TRUE(make_keys(*store, test_master_key(), {.organization = "Signet"}, clock_.now(), random_));
  const KeyRing keys = KeyRing::load(*store, test_master_key()).value();
  Registrar other{*store, keys, config_, clock_, random_};

  const auto verdict = await<Verdict>([&](auto done) {
    other.verify(verifier_, device_.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now()),
                 kAudience, done);
  });

  ASSERT_TRUE(verdict);
  expect_unsigned(*verdict, "CA");
}

TEST_F(VerifyTest, ACertificateThatTheStoreDoesNotKnowIsRefused) {
  const std::string before = directory_.path("before.db");
  TestDevice late{4, {.model_id = "m1", .sn = "sn-4", .app_id = "app"}};
  ASSERT_TRUE(sqlite::back_up(path(), before));
  must_enrol(late);
  auto store = sqlite::Store::open({.path = before}).value();  // as after a disaster
  Registrar restored{*store, *keys_, config_, clock_, random_};

  const auto verdict = await<Verdict>([&](auto done) {
    restored.verify(verifier_, late.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now()),
                    kAudience, done);
  });

  ASSERT_TRUE(verdict);
  expect_unsigned(*verdict, "certificate: not known here");
}

TEST_F(VerifyTest, AnOlderGenerationIsStale) {
  TestDevice before = device_.clone();
  device_.begin();
  must_enrol(device_);

  expect_unsigned(challenge(before), "stale_generation");
  expect_unsigned(bearer(before), "stale_generation");
  expect_accepted(challenge(device_));
}

TEST_F(VerifyTest, ADeviceOfARotatedCaIsStillAccepted) {
  ASSERT_TRUE(rotate_key(*store_, test_master_key(), KeyPurpose::hardware_ca, {.organization = "Signet"}, clock_.now(),
                         clock_.now(), random_));
  start();

  expect_accepted(challenge(device_));
}

TEST_F(VerifyTest, VerifyingIsForVerifiers) {
  for (const Actor& actor : {vendor_, operator_}) {
    const auto verdict = await<Verdict>([&](auto done) { registrar_->verify(actor, "x", kAudience, done); });
    ASSERT_FALSE(verdict);
    EXPECT_EQ(verdict.error().code, Errc::access_denied);
  }
  const auto verdict = await<Verdict>([&](auto done) { registrar_->verify(verifier_, "x", "", done); });
  ASSERT_FALSE(verdict);
  EXPECT_EQ(verdict.error().code, Errc::invalid_argument);
}

TEST_F(VerifyTest, WhateverTheOctetsThereIsAVerdict) {
  RandomOctets random{3};
  const std::string valid = device_.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now());
  int accepted = 0;
  for (int i = 0; i < 2000; ++i) {
    const std::string text = i % 2 == 0 ? random.text(200) : random.damaged(valid, "AZaz09-_.");
    accepted += text != valid && verify(text).accepted ? 1 : 0;
  }
  EXPECT_EQ(accepted, 0);
}

// ---- the chip ----

TEST_F(VerifyTest, AnotherChipUnderTheDevicesKeyFailsTheRpmbFactor) {
  TestDevice other{2, {.model_id = "m1", .sn = "sn-2", .app_id = "app"}};
  must_enrol(other);
  TestDevice thief = other.clone();  // the chip of one, identity and key of the other
  thief.certificate = device_.certificate;
  thief.use_key_of(device_);

  const Verdict verdict = challenge(thief, [&](TicketClaims& claims) {
    claims.ueid = device_.ueid();
    claims.sn = "sn-1";
    claims.kcv = device_.kcv();
  });

  EXPECT_FALSE(verdict.accepted);
  EXPECT_EQ(verdict.signature.status, Factor::Status::ok) << verdict.signature.reason;
  EXPECT_EQ(verdict.rpmb.status, Factor::Status::failed);
}

TEST_F(VerifyTest, AnEqualOrHigherCounterIsNormal) {
  expect_accepted(challenge(device_));
  expect_accepted(challenge(device_));
  device_.write_to_chip(3);
  expect_accepted(challenge(device_));

  const auto counters = history(device_).counters;
  ASSERT_EQ(counters.size(), 2U) << "the first of each value";
  EXPECT_EQ(counters.back().counter, device_.counter());
}

TEST_F(VerifyTest, ACopyOfTheChipIsFoundOnceTheyHaveDiverged) {
  TestDevice copy = device_.clone();
  expect_accepted(challenge(device_));
  expect_accepted(challenge(copy));  // a copy that has not been written to cannot be told
  device_.write_to_chip();
  expect_accepted(challenge(device_));

  expect_policy(challenge(copy), Reason::counter_backwards);

  EXPECT_EQ(on_record(Reason::counter_backwards), 1);
  EXPECT_EQ(history(device_).device.blocked, "counter_backwards");
  const Verdict original = challenge(device_);
  EXPECT_FALSE(original.accepted) << "nobody can tell which of the two is the copy";
  EXPECT_EQ(on_record(Reason::counter_interleaved), 1);
}

TEST_F(VerifyTest, CopiesThatAreLetThroughAreOnRecordAllTheSame) {
  allow(Reason::counter_backwards);
  allow(Reason::counter_interleaved);
  TestDevice copy = device_.clone();
  device_.write_to_chip(5);
  expect_accepted(challenge(device_));

  expect_accepted(challenge(copy));
  expect_accepted(challenge(device_));

  EXPECT_EQ(on_record(Reason::counter_backwards), 1);
  EXPECT_EQ(on_record(Reason::counter_interleaved), 1);
  EXPECT_EQ(history(device_).device.blocked, "");
}

TEST_F(VerifyTest, ALowerCounterUnderANonceThatWasOpenAtTheSameTimeIsNormal) {
  const std::string one = nonce();
  const std::string two = nonce();
  const std::string early = device_.ticket(TicketUse::challenge, two, kAudience, clock_.now());
  device_.write_to_chip();
  const std::string late = device_.ticket(TicketUse::challenge, one, kAudience, clock_.now());

  expect_accepted(verify(late));
  expect_accepted(verify(early));
}

TEST_F(VerifyTest, ACopyIsFoundThoughTheRegistrarsClockWasSetBack) {
  TestDevice copy = device_.clone();
  device_.write_to_chip();
  expect_accepted(challenge(device_));
  clock_.set_back(minutes{30});

  expect_policy(challenge(copy), Reason::counter_backwards);
}

TEST_F(VerifyTest, ABearerTicketOfBeforeIsNormalButOneOfAfterwardsIsFound) {
  TestDevice copy = device_.clone();
  const std::string before = device_.ticket(TicketUse::bearer, "AAAAAAAAAAAAAAAAAAAAAA", kAudience, clock_.now());
  device_.write_to_chip();
  expect_accepted(challenge(device_));
  clock_.advance(minutes{2});

  expect_accepted(verify(before));
  expect_policy(bearer(copy), Reason::counter_backwards);
}

// ---- policy ----

TEST_F(VerifyTest, ABlockedDeviceIsRefusedUntilItIsUnblocked) {
  ASSERT_TRUE(block());
  expect_policy(challenge(device_), Reason::blocked_by_operator);
  expect_policy(bearer(device_), Reason::blocked_by_operator);

  ASSERT_TRUE(operate(&Registrar::unblock));

  expect_accepted(challenge(device_));
  expect_accepted(bearer(device_));
}

TEST_F(VerifyTest, UnblockingForgetsTheCountersThatWereSeen) {
  TestDevice copy = device_.clone();
  device_.write_to_chip(10);
  expect_accepted(challenge(device_));
  expect_policy(challenge(copy), Reason::counter_backwards);

  ASSERT_TRUE(operate(&Registrar::unblock));

  expect_accepted(challenge(copy));
}

TEST_F(VerifyTest, EmulatedChipsAreRefusedOnceTheyAreNoLongerAllowed) {
  config_.policy.allow_emulated = true;
  start();
  TestDevice emulated{3, {.model_id = "m1", .sn = "sn-3", .app_id = "app"}, "emulator"};
  must_enrol(emulated);
  expect_accepted(challenge(emulated));

  config_.policy.allow_emulated = false;
  start();

  expect_policy(challenge(emulated), Reason::emulated_chip);
}

}  // namespace
}  // namespace signet::activation
