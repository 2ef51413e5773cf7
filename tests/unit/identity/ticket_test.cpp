// Making tickets, taking them apart, and the rules for what they say.
#include "identity/ticket.h"

#include "tests/unit/random_octets.h"
#include "ticket_fixture.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

using TicketTest = TicketFixture;

TEST_F(TicketTest, AGoodOneIsAcceptedAndSaysWhatItWasTold) {
  const std::string compact = ticket();

  EXPECT_EQ(signature_verdict(compact), "ok");
  RpmbFactor rpmb = verify_rpmb_factor(parse_ticket(compact).value(), mac_key_, claims_.kcv);
  EXPECT_EQ(verdict(rpmb.factor), "ok");
  EXPECT_EQ(rpmb.write_counter, 7u);
  EXPECT_EQ(rpmb.store_id.front(), 0x5d);

  TicketClaims claims = parse_ticket(compact).value().claims;
  EXPECT_EQ(claims.use, TicketUse::challenge);
  EXPECT_EQ(claims.nonce, claims_.nonce);
  EXPECT_EQ(claims.audience, claims_.audience);
  EXPECT_EQ(claims.issued_at, claims_.issued_at);
  EXPECT_EQ(claims.expires_at, claims_.expires_at);
  EXPECT_EQ(claims.id, claims_.id);
  EXPECT_EQ(claims.ueid, claims_.ueid);
  EXPECT_EQ(claims.model_id, claims_.model_id);
  EXPECT_EQ(claims.sn, claims_.sn);
  EXPECT_EQ(claims.app_id, claims_.app_id);
  EXPECT_EQ(claims.generation, claims_.generation);
  EXPECT_EQ(claims.transport, claims_.transport);
  EXPECT_EQ(claims.key_protection, claims_.key_protection);
  EXPECT_EQ(claims.kcv, claims_.kcv);
  EXPECT_EQ(claims.confirmation, claims_.confirmation);
  EXPECT_EQ(claims.ext, R"({"n": 0.10, "t":"é"})");  // octet for octet
}

TEST_F(TicketTest, WhatIsOptionalMayBeAbsent) {
  claims_.sn.reset();
  claims_.confirmation.reset();
  claims_.ext.clear();
  claims_.use = TicketUse::bearer;
  const std::string compact = ticket();

  TicketClaims claims = parse_ticket(compact).value().claims;

  EXPECT_EQ(signature_verdict(compact), "ok");
  EXPECT_EQ(claims.use, TicketUse::bearer);
  EXPECT_FALSE(claims.sn);
  EXPECT_FALSE(claims.confirmation);
  EXPECT_EQ(claims.ext, "");
}

TEST_F(TicketTest, CostsTwoReadsAndNoWrite) {
  ticket();

  EXPECT_EQ(chip_.counts().reads, 2U);
  EXPECT_EQ(chip_.counts().writes, 0U);
}

TEST_F(TicketTest, IsFarBelowItsLimit) {
  claims_.ext = R"({"x":")" + std::string(kMaxTicketExt - 8, 'x') + "\"}";
  claims_.audience = std::string(kMaxAudience, 'a');

  EXPECT_LT(ticket().size(), kMaxTicket / 2);
}

TEST_F(TicketTest, WithoutAChipItHasNoFrames) {
  const std::string compact = make_ticket(claims_, key_, {&certificate_, 1}, nullptr).value();

  EXPECT_TRUE(parse_ticket(compact).value().frames.empty());
  EXPECT_EQ(signature_verdict(compact), "ok");
  EXPECT_EQ(rpmb_verdict(compact), "not_checkedthe ticket has no frames");
}

TEST_F(TicketTest, ForARegistrationItHasNoCertificate) {
  Ticket made = parse_ticket(make_ticket(claims_, key_, {}, &session_).value()).value();
  const Bytes key = key_.public_der();
  const std::string_view audience = claims_.audience;

  EXPECT_TRUE(made.chain.empty());
  EXPECT_EQ(verdict(verify_signature_factor(made, key, crypto::kNow, audience)), "ok");
  EXPECT_EQ(verdict(verify_signature_factor(made, key, crypto::kNow, "another")), "aud: is for another audience");
  EXPECT_EQ(verdict(verify_signature_factor(made, key, crypto::kNow + std::chrono::hours{1}, audience)),
            "exp: expired");
  EXPECT_EQ(
      verdict(verify_signature_factor(made, crypto::P256PrivateKey::generate().public_der(), crypto::kNow, audience)),
      "signature: does not fit");
  EXPECT_EQ(verdict(verify_signature_factor(made, Bytes(91), crypto::kNow, audience)), "signature: does not fit");
  EXPECT_EQ(verdict(verify_signature_factor(made, trust())), "certificate: there is none");
}

TEST_F(TicketTest, MoreThanOneCertificateIsNotPutIn) {
  const crypto::Certificate two[] = {certificate_, ca_.certificate};

  EXPECT_EQ(make_ticket(claims_, key_, two, nullptr).error().context,
            "x5c: must be one certificate, without those above it");
}

TEST_F(TicketTest, AChipThatFailsMakesNoTicket) {
  chip_.set_absent(Errc::no_chip);

  EXPECT_EQ(make_ticket(claims_, key_, {&certificate_, 1}, &session_).error().code, Errc::no_chip);
}

// ---- claims ----

TEST_F(TicketTest, ClaimsThatBreakARuleMakeNoTicketAndDoNotReachTheChip) {
  auto refusal = [this](void (*change)(TicketClaims&)) {
    TicketClaims claims = claims_;
    change(claims);
    auto made = make_ticket(claims, key_, {&certificate_, 1}, &session_);
    EXPECT_FALSE(made);
    if (made) return std::string{"taken"};
    EXPECT_EQ(made.error().code, Errc::invalid_argument);
    return made.error().context;
  };
  using C = TicketClaims;

  EXPECT_EQ(refusal([](C& c) { c.nonce = to_base64url(Bytes(15)); }),
            "eat_nonce: must be base64url of 16 to 64 octets");
  EXPECT_EQ(refusal([](C& c) { c.audience = ""; }), "aud: must be 1 to 256 printable ASCII characters");
  EXPECT_EQ(refusal([](C& c) { c.audience = "a\xff"; }), "is not JSON: syntax error");
  EXPECT_EQ(refusal([](C& c) { c.audience = "a\nb"; }), "aud: must be 1 to 256 printable ASCII characters");
  EXPECT_EQ(refusal([](C& c) { c.expires_at = c.issued_at; }), "exp: must be later than iat");
  EXPECT_EQ(refusal([](C& c) { c.expires_at = c.issued_at + std::chrono::seconds{3601}; }),
            "exp: must be at most 3600 s after iat");
  EXPECT_EQ(refusal([](C& c) { c.issued_at = crypto::UnixTime{std::chrono::seconds{-1}}; }),
            "iat: must be a whole number from 0 to 253402300799");
  EXPECT_EQ(refusal([](C& c) { c.id = "x"; }), "jti: must be base64url of 16 octets");
  EXPECT_EQ(refusal([](C& c) { c.ueid.front() = 2; }), "ueid: must begin with the octet 0x01");
  EXPECT_EQ(refusal([](C& c) { c.model_id = "a b"; }),
            "hwmodel: octet 0x20 at position 2 is none of A-Z a-z 0-9 _ - .");
  EXPECT_EQ(refusal([](C& c) { c.sn = "a.b"; }), "sgt_sn: '.' at position 2 is none of A-Z a-z 0-9 _ -");
  EXPECT_EQ(refusal([](C& c) { c.app_id = ""; }), "sgt_app: has 0 characters, must have 1 to 64");
  EXPECT_EQ(refusal([](C& c) { c.transport = "nvme"; }), "sgt_chip.transport: must be one of emmc, ufs, emulator");
  EXPECT_EQ(refusal([](C& c) { c.key_protection = ""; }), "sgt_chip.key_protection: must be one of soft, tpm2, tee");
  EXPECT_EQ(refusal([](C& c) { c.confirmation = "x"; }), "cnf.jkt: must be base64url of 32 octets");
  EXPECT_EQ(refusal([](C& c) { c.ext = "[]"; }), "ext: is not an object");
  EXPECT_EQ(refusal([](C& c) { c.ext = R"({"a":1,"a":2})"; }), R"(ext: has the member "a" twice)");
  EXPECT_EQ(refusal([](C& c) { c.ext = R"({},"aud":"x")"; }), "ext: is not JSON: extra data");
  EXPECT_EQ(refusal([](C& c) { c.ext = R"({"x":")" + std::string(kMaxTicketExt - 7, 'x') + "\"}"; }),
            "ext: must have at most 1024 octets");
  EXPECT_EQ(chip_.counts().reads, 0u);
}

struct BadClaim {
  const char* claim;
  const char* value;  // JSON; null: without it
  const char* reason;
};

TEST_F(TicketTest, EveryClaimOfATicketIsChecked) {
  const BadClaim all[] = {
      {"eat_profile", nullptr, "eat_profile: is missing"},
      {"eat_profile", R"("tag:signet,2026:ticket-2")", "eat_profile: must be tag:signet,2026:ticket-1"},
      {"eat_profile", "1", "eat_profile: must be a string"},
      {"eat_nonce", nullptr, "eat_nonce: is missing"},
      {"eat_nonce", R"("AAAAAAAAAAAAAAAAAAAA")", "eat_nonce: must be base64url of 16 to 64 octets"},
      {"eat_nonce", R"("AAAAAAAAAAAAAAAAAAAAAB")", "eat_nonce: must be base64url of 16 to 64 octets"},
      {"eat_nonce", R"(["AAAAAAAAAAAAAAAAAAAAAA"])", "eat_nonce: must be a string"},
      {"sgt_use", R"("anything")", "sgt_use: must be one of challenge, bearer"},
      {"aud", R"(["https://registrar.example"])", "aud: must be a string"},
      {"aud", R"("é")", "aud: must be 1 to 256 printable ASCII characters"},
      {"iat", R"("1900000000")", "iat: must be a whole number from 0 to 253402300799"},
      {"iat", "1900000000.5", "iat: must be a whole number from 0 to 253402300799"},
      {"iat", "1.9e9", "iat: must be a whole number from 0 to 253402300799"},
      {"iat", "-1", "iat: must be a whole number from 0 to 253402300799"},
      {"exp", nullptr, "exp: is missing"},
      {"exp", "18446744073709551615", "exp: must be a whole number from 0 to 253402300799"},
      {"exp", "1900000000", "exp: must be later than iat"},
      {"exp", "1900003601", "exp: must be at most 3600 s after iat"},
      {"jti", R"("AAAAAAAAAAAAAAAAAAAAAB")", "jti: must be base64url of 16 octets"},
      {"ueid", R"("AQ")", "ueid: must be base64url of 33 octets"},
      {"hwmodel", R"("")", "hwmodel: has 0 characters, must have 1 to 64"},
      {"sgt_sn", "null", "sgt_sn: must be a string"},
      {"sgt_sn", R"("a/b")", "sgt_sn: '/' at position 2 is none of A-Z a-z 0-9 _ -"},
      {"sgt_app", nullptr, "sgt_app: is missing"},
      {"sgt_gen", "4294967296", "sgt_gen: must be a whole number from 0 to 4294967295"},
      {"sgt_chip", "[]", "sgt_chip: must be an object"},
      {"sgt_chip", "{}", "sgt_chip.transport: is missing"},
      {"cnf", "{}", "cnf.jkt: is missing"},
      {"cnf", R"("x")", "cnf: must be an object"},
      {"ext", "[]", "ext: must be an object"},
  };
  for (const auto& [claim, value, reason] : all) {
    json::object claims = payload();
    claims.erase(claim);
    if (value != nullptr) claims[claim] = json::parse(value);

    EXPECT_EQ(signature_verdict(sign(header(), claims)), std::string{"payload: "} + reason) << claim;
  }
}

TEST_F(TicketTest, AnExtAboveItsLimitIsRefusedHoweverItIsWritten) {
  const std::string head = R"({"ext":{)";
  claims_.ext.clear();
  const std::string without = json::serialize(payload()).substr(1);
  auto with = [&](std::size_t blanks) {
    return sign(json::serialize(header()), head + std::string(blanks, ' ') + "}," + without);
  };

  EXPECT_EQ(signature_verdict(with(kMaxTicketExt - 2)), "ok");
  EXPECT_EQ(signature_verdict(with(kMaxTicketExt - 1)), "payload: ext: must have at most 1024 octets");
}

TEST_F(TicketTest, UnknownClaimsArePassedOver) {
  json::object claims = payload();
  claims["sgt_new"] = {{"a", 1}};

  EXPECT_EQ(signature_verdict(sign(header(), claims)), "ok");
}

TEST_F(TicketTest, AClaimThatOccursTwiceIsRefused) {
  std::string twice = json::serialize(payload());
  twice.insert(1, R"("sgt_gen":3,)");

  EXPECT_EQ(signature_verdict(sign(json::serialize(header()), twice)), R"(payload: has the member "sgt_gen" twice)");
}

TEST_F(TicketTest, APayloadThatIsNoObjectIsRefused) {
  EXPECT_EQ(signature_verdict(sign(json::serialize(header()), "[]")), "payload: is not an object");
  EXPECT_TRUE(signature_verdict(sign(json::serialize(header()), "")).starts_with("payload: is not JSON: "));
}

// ---- header ----

TEST_F(TicketTest, TheHeaderIsChecked) {
  auto with = [this](const char* name, const char* value) {
    json::object changed = header();
    changed.erase(name);
    if (value != nullptr) changed[name] = json::parse(value);
    return signature_verdict(sign(changed, payload()));
  };

  EXPECT_EQ(with("alg", R"("none")"), "header: alg: must be ES256");
  EXPECT_EQ(with("alg", R"("HS256")"), "header: alg: must be ES256");
  EXPECT_EQ(with("crit", R"(["exp"])"), "header: crit: must not be there");
  EXPECT_EQ(with("typ", nullptr), "header: typ: must be eat+jwt");
  EXPECT_EQ(with("typ", R"("JWT")"), "header: typ: must be eat+jwt");
  EXPECT_EQ(with("x5c", nullptr), "certificate: there is none");
  EXPECT_EQ(with("x5c", "[]"), "header: x5c: must be an array of 1 string");
  EXPECT_EQ(with("x5c", R"(["AA==","AA=="])"), "header: x5c: must be an array of 1 string");
  EXPECT_EQ(with("x5c", "[1]"), "header: x5c: must be an array of 1 string");
  EXPECT_EQ(with("x5c", R"("AA==")"), "header: x5c: must be an array of 1 string");
  EXPECT_EQ(with("x5c", R"(["AB=="])"), "header: x5c: must be canonical base64");
  EXPECT_EQ(with("x5c", R"(["AA"])"), "header: x5c: must be canonical base64");
  EXPECT_EQ(with("x5c", R"(["AA=="])"), "header: x5c: is no X.509 certificate in DER");
  EXPECT_EQ(with("sgt-rpmb", "[]"), "header: sgt-rpmb: must be an array of 5 strings");
  EXPECT_EQ(with("sgt-rpmb", "{}"), "header: sgt-rpmb: must be an array of 5 strings");
  EXPECT_EQ(with("sgt-rpmb", R"(["AA","AA","AA","AA","AA"])"),
            "header: sgt-rpmb: must be canonical base64url of 512 octets each");
  EXPECT_EQ(with("kid", "[1,2]"), "ok");  // unknown, and not critical
}

TEST_F(TicketTest, ATicketAboveTheLimitIsRefused) {
  json::object changed = header();
  changed["kid"] = std::string(kMaxTicket, 'x');

  EXPECT_EQ(signature_verdict(sign(changed, payload())), "has more than 32768 octets");
}

// ---- every octet ----

TEST_F(TicketTest, NoAlteredCharacterIsAccepted) {
  constexpr std::string_view kDigits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
  const std::string good = ticket();
  ASSERT_EQ(signature_verdict(good), "ok");
  std::size_t altered = 0;

  for (std::size_t i = 0; i < good.size(); ++i) {
    const auto at = kDigits.find(good[i]);
    for (std::size_t step : {1u, 2u, 21u}) {  // 1 and 2: of the last digits, spare bits
      std::string other = good;
      other[i] = at == std::string_view::npos ? kDigits[step] : kDigits[(at ^ step) % kDigits.size()];
      ++altered;
      EXPECT_NE(signature_verdict(other), "ok") << "character " << i << " became " << other[i];
    }
  }

  EXPECT_GT(altered, 15'000u);
}

TEST_F(TicketTest, NoCharacterMayBeAddedOrTakenAway) {
  const std::string good = ticket();
  for (std::size_t i = 0; i <= good.size(); i += i % 64 == 0 ? 1 : 63) {
    std::string longer = good;
    longer.insert(i, 1, 'A');
    EXPECT_NE(signature_verdict(longer), "ok") << i;
    if (i == good.size()) continue;
    std::string shorter = good;
    shorter.erase(i, 1);
    EXPECT_NE(signature_verdict(shorter), "ok") << i;
  }
}

TEST_F(TicketTest, RandomAndDamagedTicketsAreHandled) {
  RandomOctets random{1};
  const std::string good = ticket();
  const std::string good_payload = json::serialize(payload());
  const std::string good_header = json::serialize(header());

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(parse_ticket(random.text(100)));
    EXPECT_FALSE(parse_ticket(random.text(100, "ABCabc019-_..")));
    if (i % 10 != 0) continue;  // the rest costs a signature each
    const std::string damaged = random.damaged(good, "ABCabc019-_.");
    EXPECT_EQ(signature_verdict(damaged) == "ok", damaged == good);
    const auto claims = parse_ticket(sign(good_header, random.damaged(good_payload, R"({}[]",:019ae.\)")));
    EXPECT_TRUE(claims || claims.error().code == Errc::ticket_invalid);
    const auto parsed = parse_ticket(sign(random.damaged(good_header, R"({}[]",:019ae.\)"), good_payload));
    EXPECT_TRUE(parsed || parsed.error().code == Errc::ticket_invalid);
  }
}

}  // namespace
}  // namespace signet::identity
