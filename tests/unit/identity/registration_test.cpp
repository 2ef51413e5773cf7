#include "identity/registration.h"

#include <gmock/gmock.h>

#include "rpmb/response.h"
#include "unit/identity/store_fixture.h"
#include "unit/identity/test_registrar.h"
#include "unit/random_octets.h"

namespace signet::identity {
namespace {

using ::testing::HasSubstr;
using testing::kNow;
using testing::kUrl;
using ::testing::Not;
using testing::TestRegistrar;
namespace json = boost::json;

class FakeClock final : public Clock {
 public:
  std::chrono::steady_clock::time_point monotonic() const override { return {}; }
  std::chrono::system_clock::time_point wall() const override { return now; }
  crypto::UnixTime now = kNow;
};

// The root secret and chip of every device here.
RootSecret test_root() {
  RootSecret root;
  for (auto& octet : root.writable()) octet = 0x42;
  return root;
}
MaskedCid test_cid() { return mask(rpmb::testing::FakeChip{}.facts().cid); }

class RegistrationTest : public StoreFixture {
 protected:
  RegistrationTest() : StoreFixture{rpmb_key(test_root(), test_cid()), ueid(test_root(), test_cid())} {}

  Registration device() {
    return Registration{{.store = *store_,
                         .session = session_,
                         .root = root_,
                         .cid = cid_,
                         .transport = transport_,
                         .key_protection = "soft"},
                        trust_,
                        random_,
                        clock_};
  }
  std::string begin() { return device().begin(ids_, sn_ticket_).value().value(); }
  TestRegistrar::Request begun() { return TestRegistrar::open(begin()); }
  void complete(std::uint32_t generation = 1) {
    const auto request = begun();
    ASSERT_TRUE(device().complete({registrar_.issue(registrar_.specify(request, generation), request)}));
    ++sn_ticket_[0];  // each registration has its own
  }
  static std::string problem(const Result<std::string>& result) { return result ? "" : to_string(result.error()); }
  static std::string problem(const Result<std::optional<std::string>>& result) {
    return result ? "" : to_string(result.error());
  }
  static std::string problem(const Result<void>& result) { return result ? "" : to_string(result.error()); }
  static std::string problem(const Result<MadeTicket>& result) { return result ? "" : to_string(result.error()); }

  static constexpr std::string_view kSnTicket = "AbcdefghijklmnopqrstuvwxyZ012345";
  const RootSecret root_ = test_root();
  const MaskedCid cid_ = test_cid();
  TestRegistrar registrar_;
  RegistrarTrust trust_ = registrar_.trust();
  FakeClock clock_;
  Ids ids_{.model_id = "M1", .sn = "SN-0001-2345", .app_id = "wx1"};
  std::string transport_ = "emmc";
  std::string sn_ticket_{kSnTicket};
};

// --- begin

TEST_F(RegistrationTest, TheRequestSaysWhatTheContractSays) {
  const auto request = begun();

  const auto& said = request.payload;
  EXPECT_EQ(said.at("profile").as_string(), "tag:signet,2026:registration-1");
  EXPECT_EQ(said.at("model_id").as_string(), "M1");
  EXPECT_EQ(said.at("sn").as_string(), "SN-0001-2345");
  EXPECT_EQ(said.at("app_id").as_string(), "wx1");
  EXPECT_EQ(said.at("sn_ticket").as_string(), sn_ticket_);
  EXPECT_EQ(said.at("aud").as_string(), kUrl);
  EXPECT_EQ(said.at("ueid").as_string(), to_base64url(ueid(root_, cid_)));
  EXPECT_EQ(said.at("chip").at("transport").as_string(), "emmc");
  EXPECT_EQ(said.at("chip").at("kcv").as_string(), to_base64url(rpmb_key_check(rpmb_key(root_, cid_))));
  EXPECT_EQ(said.at("chip").at("cid_hash").as_string(), to_base64url(cid_hash(cid_)));
}

TEST_F(RegistrationTest, TheChipsKeyGoesToTheRegistrarAlone) {
  const auto request = begin();
  const auto key = rpmb_key(root_, cid_);

  const auto opened = TestRegistrar::open(request);
  EXPECT_EQ(as_text(registrar_.open_escrow(opened)), R"({"rpmb_key":")" + to_base64url(key.view()) + R"(","ueid":")" +
                                                         to_base64url(ueid(root_, cid_)) + R"("})");
  EXPECT_THAT(jose::parse_jws(request)->payload, Not(HasSubstr(to_base64url(key.view()))));
}

TEST_F(RegistrationTest, WithoutAnEscrowKeyTheChipsKeyStaysHere) {
  trust_.escrow_public_der.clear();

  EXPECT_EQ(begun().payload.at("escrow").as_string(), "none");
}

TEST_F(RegistrationTest, ARepeatIsTheSameRegistrationAndCostsNoWrite) {
  const auto first = begun();
  const auto writes = session_.stats().writes;
  mount();  // as after a crash

  const auto second = begun();

  EXPECT_EQ(second.payload.at("id"), first.payload.at("id"));
  EXPECT_EQ(second.public_der, first.public_der);
  EXPECT_EQ(session_.stats().writes, writes);
}

TEST_F(RegistrationTest, AnotherSnTicketGoesOnWithTheSameRegistration) {
  const auto first = begun();
  ++sn_ticket_[0];  // the first has expired

  const auto second = begun();

  EXPECT_EQ(second.payload.at("id"), first.payload.at("id"));
  EXPECT_EQ(second.public_der, first.public_der);
  EXPECT_EQ(second.payload.at("sn_ticket").as_string(), sn_ticket_);
}

TEST_F(RegistrationTest, WhoMissedTheEndMayRepeatTheWhole) {
  const auto spent = sn_ticket_;
  complete();
  const auto writes = session_.stats().writes;
  mount();

  EXPECT_FALSE(device().begin(ids_, spent).value());  // nothing is left to do

  EXPECT_EQ(session_.stats().writes, writes);
  EXPECT_TRUE(device().begin(ids_, sn_ticket_).value());  // another sn ticket: a refresh
}

TEST_F(RegistrationTest, OtherIdsWaitForTheRegistrationUnderWay) {
  begin();

  const auto other = device().begin({.model_id = "M1", .sn = "other", .app_id = "wx1"}, kSnTicket);

  EXPECT_THAT(problem(other), HasSubstr("registration_pending"));
  EXPECT_THAT(problem(other), HasSubstr("SN...45"));
  EXPECT_THAT(problem(other), Not(HasSubstr(ids_.sn)));
}

TEST_F(RegistrationTest, OtherIdsOnARegisteredDeviceAreRefusedByField) {
  complete();

  for (const auto& [ids, field] : std::vector<std::pair<Ids, std::string>>{{{"M2", ids_.sn, "wx1"}, "field model_id"},
                                                                           {{"M1", "other", "wx1"}, "field sn"},
                                                                           {{"M1", ids_.sn, "wx2"}, "field app_id"}}) {
    const auto refused = device().begin(ids, kSnTicket);
    EXPECT_THAT(problem(refused), HasSubstr("identity_mismatch"));
    EXPECT_THAT(problem(refused), HasSubstr(field));
  }
}

TEST_F(RegistrationTest, BadIdsAreRefusedByNameBeforeAnythingIsWritten) {
  const std::string long_sn(129, '1');
  for (const auto& [ids, field] : std::vector<std::pair<Ids, std::string>>{{{"", "1", "a"}, "model_id"},
                                                                           {{"M", "", "a"}, "sn"},
                                                                           {{"M", "1*", "a"}, "sn"},
                                                                           {{"M", long_sn, "a"}, "sn"},
                                                                           {{"M", "1", ""}, "app_id"},
                                                                           {{"M\n", "1", "a"}, "model_id"}}) {
    EXPECT_THAT(problem(device().begin(ids, kSnTicket)), HasSubstr("invalid_argument"));
    EXPECT_THAT(problem(device().begin(ids, kSnTicket)), HasSubstr(field));
  }
  EXPECT_TRUE(device().begin({"M", std::string(128, '1'), "a"}, kSnTicket));
  EXPECT_THAT(problem(device().begin(ids_, "short")), HasSubstr("sn_ticket"));
}

// --- prove

TEST_F(RegistrationTest, TheProofIsATicketOfTheNewKeyWithTheChipsAnswers) {
  const auto request = begun();

  const auto proof = device().prove(registrar_.sign(registrar_.challenge_for(request)));

  ASSERT_TRUE(proof) << problem(proof);
  const auto ticket = parse_ticket(**proof).value();
  EXPECT_EQ(verify_signature_factor(ticket, request.public_der, kNow, kUrl).status, Factor::Status::ok);
  const auto key = rpmb_key(root_, cid_);
  EXPECT_EQ(verify_rpmb_factor(ticket, crypto::HmacKey{key.view()}, rpmb_key_check(key)).factor.status,
            Factor::Status::ok);
  EXPECT_EQ(ticket.claims.nonce, to_base64url(Bytes(32, 0x5a)));
  EXPECT_EQ(ticket.claims.sn, ids_.sn);
  EXPECT_TRUE(ticket.chain.empty());
}

TEST_F(RegistrationTest, AFalseRegistrarGetsNothing) {
  const auto challenge = registrar_.challenge_for(begun());
  const TestRegistrar other;

  EXPECT_THAT(problem(device().prove(other.sign(challenge))), HasSubstr("registrar_untrusted"));
  // Certificates of the right CA that are not a registrar's, or of the CA of emulated chips.
  const auto device_certificate =
      registrar_.make_signer(registrar_.hardware_, registrar_.hardware_key_, std::string{kSignsTickets});
  EXPECT_THAT(problem(device().prove(TestRegistrar::sign_as(device_certificate, registrar_.signer_key_, challenge))),
              HasSubstr("not one of a registrar"));
  const auto emulated =
      registrar_.make_signer(registrar_.emulated_, registrar_.emulated_key_, std::string{kSignsChallenges});
  EXPECT_THAT(problem(device().prove(TestRegistrar::sign_as(emulated, registrar_.signer_key_, challenge))),
              HasSubstr("registrar_untrusted"));
  EXPECT_THAT(problem(device().prove(TestRegistrar::sign_as(registrar_.signer_, other.signer_key_, challenge))),
              HasSubstr("signature does not fit"));
}

TEST_F(RegistrationTest, AChallengeForSomethingElseIsRefused) {
  const auto request = begun();
  const auto good = registrar_.challenge_for(request);
  const auto changed = [&](const char* member, const json::value& value) {
    auto challenge = good;
    challenge[member] = value;
    return problem(device().prove(registrar_.sign(challenge)));
  };

  EXPECT_THAT(changed("id", json::string{to_base64url(Bytes(16, 1))}), HasSubstr("another registration"));
  EXPECT_THAT(changed("ueid", "AQ"), HasSubstr("another registration"));
  EXPECT_THAT(changed("aud", "https://other"), HasSubstr("registrar_untrusted"));
  EXPECT_THAT(changed("profile", "tag:signet,2026:release-1"), HasSubstr("profile"));
  EXPECT_THAT(changed("nonce", 7), HasSubstr("nonce"));
  EXPECT_THAT(changed("nonce", "AAAA"), HasSubstr("nonce"));
  EXPECT_THAT(changed("iat", "now"), HasSubstr("iat"));
  EXPECT_THAT(problem(device().prove(registrar_.sign(good, "sgt-release+jwt"))), HasSubstr("typ"));
}

TEST_F(RegistrationTest, AClockThatIsADayBehindOrAWeekAheadIsNamed) {
  const auto challenge = registrar_.sign(registrar_.challenge_for(begun()));

  clock_.now = kNow - std::chrono::days{1};
  EXPECT_THAT(problem(device().prove(challenge)), HasSubstr("clock_skew"));
  clock_.now = kNow + std::chrono::days{8};
  EXPECT_THAT(problem(device().prove(challenge)), HasSubstr("clock_skew"));
  clock_.now = kNow + std::chrono::days{6};
  EXPECT_TRUE(device().prove(challenge));
}

TEST_F(RegistrationTest, WhoComesSecondWithTheSameRegistrationIsToldThatItIsDone) {
  const auto request = begun();
  const auto challenge = registrar_.sign(registrar_.challenge_for(request));
  ASSERT_TRUE(device().complete({registrar_.issue(registrar_.specify(request, 1), request)}));

  const auto proof = device().prove(challenge);

  ASSERT_TRUE(proof) << problem(proof);
  EXPECT_FALSE(*proof);
}

TEST_F(RegistrationTest, ARegistrarWhoseCertificateHasExpiredCommandsNobody) {
  const TestRegistrar old{kNow - std::chrono::days{20 * 365}};
  trust_ = old.trust();
  auto challenge = old.challenge_for(begun());
  EXPECT_THAT(problem(device().prove(old.sign(challenge))), HasSubstr("clock_skew"));

  challenge["exp"] = (kNow + std::chrono::days{1}).time_since_epoch().count();  // it says so itself

  EXPECT_THAT(problem(device().prove(old.sign(challenge))), HasSubstr("registrar_untrusted"));
}

TEST_F(RegistrationTest, TheRequestSaysWhichGenerationTheDeviceHas) {
  EXPECT_EQ(begun().payload.at("generation").as_int64(), 0);
  complete(4);

  EXPECT_EQ(begun().payload.at("generation").as_int64(), 4);
}

TEST_F(RegistrationTest, WithoutARegistrationThereIsNothingToProve) {
  const auto challenge = registrar_.sign(registrar_.challenge_for(begun()));
  ASSERT_TRUE(DeviceRecords{*store_}.cancel());

  EXPECT_THAT(problem(device().prove(challenge)), HasSubstr("not_found"));
}

TEST_F(RegistrationTest, RandomAndDamagedMessagesAreRefused) {
  const auto good = registrar_.sign(registrar_.challenge_for(begun()));
  RandomOctets random{1};
  for (int i = 0; i < kRandomStrings; ++i) {
    ASSERT_FALSE(device().prove(random.text(200, "ABCabc019-_.=")));
    const auto damaged = random.damaged(good);
    if (damaged != good) {
      ASSERT_FALSE(device().prove(damaged)) << damaged;
    }
  }
}

// --- complete

TEST_F(RegistrationTest, ACertificateThatFitsMakesTheIdentity) {
  complete();

  const auto identity = DeviceRecords{*store_}.identity().value();
  ASSERT_TRUE(identity);
  EXPECT_EQ(identity->ids, ids_);
  EXPECT_EQ(identity->registrar, kUrl);
  EXPECT_EQ(generation(*identity), 1U);
  EXPECT_FALSE(DeviceRecords{*store_}.pending().value());
}

TEST_F(RegistrationTest, CompletingTwiceIsCompletingOnce) {
  const auto request = begun();
  const auto certificate = registrar_.issue(registrar_.specify(request, 1), request);
  ASSERT_TRUE(device().complete({certificate}));
  const auto writes = session_.stats().writes;
  mount();

  EXPECT_TRUE(device().complete({certificate}));
  EXPECT_EQ(session_.stats().writes, writes);
}

TEST_F(RegistrationTest, ACertificateThatDoesNotFitIsRefusedWithTheReason) {
  const auto request = begun();
  const auto refused = [&](const std::function<void(crypto::CertificateSpec&)>& change) {
    auto spec = registrar_.specify(request, 1);
    change(spec);
    return problem(device().complete({registrar_.issue(spec, request)}));
  };

  EXPECT_THAT(refused([](auto& spec) { spec.common_name = "AQ"; }), HasSubstr("another device"));
  EXPECT_THAT(refused([](auto& spec) { spec.octets_extensions[0].second[0] ^= 1; }), HasSubstr("other ids"));
  EXPECT_THAT(refused([](auto& spec) { spec.octets_extensions.clear(); }), HasSubstr("other ids"));
  EXPECT_THAT(refused([](auto& spec) { spec.extended_uses = {std::string{kSignsChallenges}}; }),
              HasSubstr("not one of a device"));
  EXPECT_THAT(refused([](auto& spec) { spec.policies = {std::string{kEmulatedPolicy}}; }), HasSubstr("hardware"));
  EXPECT_THAT(refused([](auto& spec) { spec.organizational_unit = "first"; }), HasSubstr("generation"));
  EXPECT_THAT(refused([](auto& spec) { spec.not_after = kNow - std::chrono::hours{1}; }), HasSubstr("expired"));
  auto other = request;
  other.public_der = crypto::P256PrivateKey::generate().public_der();
  EXPECT_THAT(problem(device().complete({registrar_.issue(registrar_.specify(request, 1), other)})),
              HasSubstr("another key"));
  EXPECT_THAT(problem(device().complete({TestRegistrar{}.issue(registrar_.specify(request, 1), request)})),
              HasSubstr("certificate_invalid"));
  EXPECT_THAT(problem(device().complete({})), HasSubstr("certificate_invalid"));
  EXPECT_THAT(problem(device().complete({Bytes{0x30, 0x00}})), HasSubstr("certificate_invalid"));
  EXPECT_FALSE(DeviceRecords{*store_}.identity().value());
}

TEST_F(RegistrationTest, AnEmulatedChipTakesACertificateOfItsOwnCaOnly) {
  transport_ = "emulator";
  auto request = begun();
  ASSERT_TRUE(device().complete({registrar_.issue(registrar_.specify(request, 1), request)}));

  ++sn_ticket_[0];
  transport_ = "emmc";  // now it claims to be hardware, with the registrar fooled the other way round
  request = begun();
  request.payload["chip"].as_object()["transport"] = "emulator";
  EXPECT_THAT(problem(device().complete({registrar_.issue(registrar_.specify(request, 2), request)})),
              HasSubstr("hardware"));
}

TEST_F(RegistrationTest, ARefreshChangesTheKeyAndCountsTheGenerationUp) {
  complete(1);
  const auto first = DeviceRecords{*store_}.device_key()->public_der();
  auto request = begun();
  EXPECT_THAT(problem(device().complete({registrar_.issue(registrar_.specify(request, 1), request)})),
              HasSubstr("generation 1"));
  EXPECT_EQ(DeviceRecords{*store_}.device_key()->public_der(), first);  // in use until the new one is confirmed

  complete(2);

  EXPECT_NE(DeviceRecords{*store_}.device_key()->public_der(), first);
  EXPECT_EQ(generation(**DeviceRecords{*store_}.identity()), 2U);
}

// --- release

TEST_F(RegistrationTest, ASignedReleaseOfThisGenerationFreesTheDevice) {
  const auto request = begun();
  ASSERT_TRUE(device().complete({registrar_.issue(registrar_.specify(request, 1), request)}));
  const auto release = [&](std::uint32_t generation) {
    return registrar_.sign(registrar_.release_for(request, generation), "sgt-release+jwt");
  };
  EXPECT_THAT(problem(device().release(release(2))), HasSubstr("another identity"));
  EXPECT_THAT(problem(device().release(TestRegistrar{}.sign(registrar_.release_for(request, 1), "sgt-release+jwt"))),
              HasSubstr("registrar_untrusted"));

  EXPECT_TRUE(device().release(release(1)));

  EXPECT_THAT(problem(device().ticket({.audience = "a"})), HasSubstr("not_registered"));
  EXPECT_TRUE(device().begin({"M2", "other", "wx2"}, kSnTicket));
}

// --- tickets

TEST_F(RegistrationTest, ATicketVerifiesInBothFactors) {
  complete(3);

  const auto made =
      device().ticket({.audience = "https://app.test", .nonce = to_base64url(Bytes(16, 9)), .ext = R"({"x":1})"});

  ASSERT_TRUE(made) << problem(made);
  const auto ticket = parse_ticket(made->text).value();
  EXPECT_EQ(verify_signature_factor(ticket, {.anchors = trust_.anchors,
                                             .revoked = {},
                                             .need_revocation_list = false,
                                             .time = kNow,
                                             .audience = "https://app.test"})
                .reason,
            "");
  const auto key = rpmb_key(root_, cid_);
  EXPECT_EQ(verify_rpmb_factor(ticket, crypto::HmacKey{key.view()}, rpmb_key_check(key)).factor.reason, "");
  EXPECT_EQ(ticket.claims.use, TicketUse::challenge);
  EXPECT_EQ(ticket.claims.generation, 3U);
  EXPECT_EQ(ticket.claims.model_id, "M1");
  EXPECT_FALSE(ticket.claims.sn);
  EXPECT_EQ(ticket.claims.expires_at, kNow + std::chrono::seconds{300});
  EXPECT_EQ(made->expires_at, ticket.claims.expires_at);
}

TEST_F(RegistrationTest, ABearerTicketHasANonceOfItsOwnAndLivesAnHour) {
  complete();

  const auto ticket = parse_ticket(device().ticket({.audience = "a", .with_sn = true})->text).value();

  EXPECT_EQ(ticket.claims.use, TicketUse::bearer);
  EXPECT_EQ(from_base64url(ticket.claims.nonce)->size(), 32U);
  EXPECT_EQ(ticket.claims.expires_at, kNow + std::chrono::seconds{3600});
  EXPECT_EQ(ticket.claims.sn, ids_.sn);
  EXPECT_NE(parse_ticket(device().ticket({.audience = "a"})->text)->claims.nonce, ticket.claims.nonce);
}

TEST_F(RegistrationTest, WithoutEscrowTicketsHaveTheSignatureFactorOnly) {
  trust_.escrow_public_der.clear();
  complete();

  EXPECT_TRUE(parse_ticket(device().ticket({.audience = "a"})->text)->frames.empty());
}

TEST_F(RegistrationTest, TicketsNeedAnIdentityOfThisRegistrar) {
  EXPECT_THAT(problem(device().ticket({.audience = "a"})), HasSubstr("not_registered"));
  complete();
  EXPECT_THAT(problem(device().ticket({.audience = "a", .model_id = "M2"})), HasSubstr("identity_mismatch"));
  EXPECT_THAT(problem(device().ticket({.audience = ""})), HasSubstr("invalid_argument"));
  EXPECT_THAT(problem(device().ticket({.audience = "a", .nonce = "AA=="})), HasSubstr("invalid_argument"));
  EXPECT_THAT(problem(device().ticket({.audience = "a", .ext = "[1]"})), HasSubstr("invalid_argument"));
  trust_.url = "https://other.test";
  EXPECT_THAT(problem(device().ticket({.audience = "a"})), HasSubstr("not_registered"));
}

TEST_F(RegistrationTest, AKeyThatIsNotTheCertificatesIsNamed) {
  complete();
  const auto other = crypto::P256PrivateKey::generate().scalar();
  ASSERT_TRUE(store_->apply(std::vector<rpmb::Change>{
      {{rpmb::ObjectKind::system, "signet", "device-key"}, Bytes{other.view().begin(), other.view().end()}}}));

  EXPECT_THAT(problem(device().ticket({.audience = "a"})), HasSubstr("certificate_invalid"));
}

}  // namespace
}  // namespace signet::identity
