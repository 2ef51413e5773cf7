// Who may say what a ticket says: certificates, times, and the frames.
#include <cstring>

#include "ticket_fixture.h"

namespace signet::identity {
namespace {

namespace json = boost::json;
using std::chrono::seconds;

class TicketSignature : public TicketFixture {
 protected:
  // The verdict on a ticket of a device with that certificate.
  std::string verdict_of(const crypto::Certificate& certificate) {
    certificate_ = certificate;
    return signature_verdict(ticket());
  }
  std::string verdict_of(void (*change)(crypto::CertificateSpec&)) {
    crypto::CertificateSpec spec = device_spec();
    change(spec);
    return verdict_of(certificate(spec));
  }
  void make_emulated() {
    claims_.transport = "emulator";
    crypto::CertificateSpec spec = device_spec();
    spec.policies = {std::string{kEmulatedPolicy}};
    certificate_ = emulated_ca_.issue(spec, key_).value();
  }
};

using Spec = crypto::CertificateSpec;

TEST_F(TicketSignature, TheCertificateMustBeThisDevicesOfThisGenerationForTickets) {
  EXPECT_EQ(verdict_of([](Spec&) {}), "ok");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.common_name = to_base64url(ueid_of(0x12)); }),
            "certificate: is another device's");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.organizational_unit = "2"; }), "certificate: is of another generation");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.organizational_unit = "03"; }), "certificate: is of another generation");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.organizational_unit = ""; }), "certificate: is of another generation");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.extended_uses = {std::string{kSignsChallenges}}; }),
            "certificate: is not for tickets");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.extended_uses = {}; }), "certificate: is not for tickets");
}

TEST_F(TicketSignature, TheCertificateMustBeValid) {
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.not_after = crypto::kNow - seconds{61}; }), "certificate: expired");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.not_before = crypto::kNow + seconds{61}; }), "certificate: not yet valid");
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.not_after = crypto::kNow - seconds{60}; }), "ok");
}

TEST_F(TicketSignature, AnotherCasCertificateIsRefused) {
  crypto::Ca same_name{ca_for(kHardwarePolicy, "Hardware CA")};
  crypto::Ca other{ca_for(kHardwarePolicy, "Another CA")};

  EXPECT_EQ(verdict_of(other.issue(device_spec(), key_).value()), "certificate: issued by an unknown CA");
  EXPECT_EQ(verdict_of(same_name.issue(device_spec(), key_).value()), "certificate: the CA's signature does not fit");
  EXPECT_EQ(verdict_of(crypto::self_sign(device_spec(), key_).value()), "certificate: issued by an unknown CA");
}

TEST_F(TicketSignature, AnotherKeysSignatureIsRefused) {
  const std::string compact = ticket();
  key_ = crypto::P256PrivateKey::generate();

  EXPECT_EQ(signature_verdict(ticket()), "signature: does not fit");
  EXPECT_EQ(signature_verdict(compact), "ok");
}

TEST_F(TicketSignature, AnEmulatedChipHasItsOwnCa) {
  make_emulated();

  EXPECT_EQ(signature_verdict(ticket()), "ok");
}

TEST_F(TicketSignature, AnEmulatedChipIsNeverTakenForHardwareNorTheReverse) {
  constexpr const char* kWrong = "certificate: is for another kind of chip";

  claims_.transport = "emulator";  // hardware certificate, hardware CA
  EXPECT_EQ(signature_verdict(ticket()), kWrong);
  claims_.transport = "ufs";
  EXPECT_EQ(signature_verdict(ticket()), "ok");
  // the emulated CA issues for hardware
  EXPECT_EQ(verdict_of(emulated_ca_.issue(device_spec(), key_).value()), kWrong);
  // the certificate names both, or none
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.policies.emplace_back(kEmulatedPolicy); }), kWrong);
  EXPECT_EQ(verdict_of([](Spec& spec) { spec.policies = {}; }), kWrong);
  make_emulated();
  claims_.transport = "emmc";
  EXPECT_EQ(signature_verdict(ticket()), kWrong);
}

TEST_F(TicketSignature, ARevokedCertificateIsRefused) {
  const crypto::Revocation revoked[] = {{.serial = certificate_.serial(), .at = crypto::kNow}};
  const std::string compact = ticket();

  lists_ = {emulated_ca_.revoke(revoked).value(), ca_.revoke({}).value()};  // a number of another CA's
  EXPECT_EQ(signature_verdict(compact), "ok");
  lists_.push_back(ca_.revoke(revoked, crypto::kNow - seconds{3600}).value());  // an old list is enough
  EXPECT_EQ(signature_verdict(compact), "certificate: revoked");
  TicketTrust lenient = trust();
  lenient.need_revocation_list = false;
  EXPECT_EQ(signature_verdict(compact, lenient), "certificate: revoked");
}

TEST_F(TicketSignature, WithoutACurrentRevocationListNothingIsKnown) {
  constexpr const char* kUnknown = "certificate: revocation unknown";
  const std::string compact = ticket();

  lists_.clear();
  EXPECT_EQ(signature_verdict(compact), kUnknown);
  lists_ = {emulated_ca_.revoke({}).value()};
  EXPECT_EQ(signature_verdict(compact), kUnknown);
  lists_ = {ca_.revoke({}, crypto::kNow - seconds{61}).value()};
  EXPECT_EQ(signature_verdict(compact), kUnknown);
  lists_ = {ca_.revoke({}, crypto::kNow - seconds{60}).value()};
  EXPECT_EQ(signature_verdict(compact), "ok");
  lists_ = {crypto::Ca{ca_for(kHardwarePolicy, "Hardware CA")}.revoke({}).value()};  // a forged one
  EXPECT_EQ(signature_verdict(compact), kUnknown);

  lists_.clear();
  TicketTrust lenient = trust();
  lenient.need_revocation_list = false;
  EXPECT_EQ(signature_verdict(compact, lenient), "ok");
}

TEST_F(TicketSignature, TimesAreGiveOrTakeAMinute) {
  const std::string compact = ticket();
  auto at = [&](seconds offset) {
    TicketTrust then = trust();
    then.time = crypto::kNow + offset;
    return signature_verdict(compact, then);
  };

  EXPECT_EQ(at(seconds{-60}), "ok");
  EXPECT_EQ(at(seconds{-61}), "iat: is in the future");
  EXPECT_EQ(at(seconds{359}), "ok");
  EXPECT_EQ(at(seconds{360}), "exp: expired");
}

TEST_F(TicketSignature, AnotherAudienceIsRefused) {
  TicketTrust other = trust();
  other.audience = "https://registrar.example/";

  EXPECT_EQ(signature_verdict(ticket(), other), "aud: is for another audience");
}

// ---- frames ----

class TicketFrames : public TicketFixture {
 protected:
  static constexpr AttestationLabels kLabels{.data = "signet-ticket-v1 data", .counter = "signet-ticket-v1 counter"};

  std::string payload_text() const { return ticket_payload(claims_).value(); }
  rpmb::Nonce nonce(std::string_view label) const { return attestation_nonce(label, as_bytes(payload_text())); }
  Bytes frames() { return make_attestation(session_, kLabels, as_bytes(payload_text())).value(); }
  // What the chip answers to a read of `address` and a counter read, with nonces of the caller's choice.
  Bytes answers(const rpmb::Nonce& data, std::uint16_t address, const rpmb::Nonce& counter) {
    auto read = session_.attest_data(data, address, kAttestedBlocks).value();
    read.push_back(session_.attest_counter(counter).value());
    Bytes octets;
    for (std::size_t i = 0; i < read.size(); ++i) {
      std::fill_n(read[i].begin(), i < 3 ? rpmb::at::kData : rpmb::at::kKeyMac, std::uint8_t{0});
      append(octets, read[i]);
    }
    return octets;
  }
  std::string verdict_of(const Bytes& frames) {
    json::object with = header();
    with["sgt-rpmb"] = frame_texts(frames);
    return rpmb_verdict(sign(json::serialize(with), payload_text()));
  }
  // `to` with frame `index` taken from frame `at` of `from`.
  static Bytes spliced(Bytes to, std::size_t index, const Bytes& from, std::size_t at) {
    std::memcpy(to.data() + index * rpmb::kFrameSize, from.data() + at * rpmb::kFrameSize, rpmb::kFrameSize);
    return to;
  }
};

TEST_F(TicketFrames, AreAcceptedAsTheyAreMade) {
  EXPECT_EQ(verdict_of(frames()), "ok");
  EXPECT_EQ(verdict_of(answers(nonce(kLabels.data), 0, nonce(kLabels.counter))), "ok");
}

TEST_F(TicketFrames, OfAnotherNonceAreRefused) {
  Bytes good = frames();
  claims_.audience = "https://another.example";
  Bytes other = frames();

  EXPECT_EQ(verdict_of(good), "data: nonce_mismatch");
  EXPECT_EQ(verdict_of(spliced(other, 4, good, 4)), "counter: nonce_mismatch");
  EXPECT_EQ(verdict_of(answers(nonce(kLabels.counter), 0, nonce(kLabels.data))), "data: nonce_mismatch");
}

TEST_F(TicketFrames, OfEvidenceAreRefused) {
  const std::string b = payload_text();
  const AttestationLabels evidence{.data = "signet-evidence-v1 data", .counter = "signet-evidence-v1 counter"};

  EXPECT_EQ(verdict_of(make_attestation(session_, evidence, as_bytes(b)).value()), "data: nonce_mismatch");
}

TEST_F(TicketFrames, OfAnotherAddressAreRefused) {
  EXPECT_EQ(verdict_of(answers(nonce(kLabels.data), 4, nonce(kLabels.counter))), "data: address_mismatch");
}

TEST_F(TicketFrames, OfAnotherChipAreRefused) {
  rpmb::testing::FakeChip other{formatted_chip(claims_.ueid, key_octets(1))};
  rpmb::Session session{other, rpmb::Key{key_octets(1)}, random_};

  EXPECT_EQ(verdict_of(make_attestation(session, kLabels, as_bytes(payload_text())).value()), "data: mac_mismatch");
}

TEST_F(TicketFrames, OfAChipWithAnotherUeidAreRefused) {
  chip_.restore(formatted_chip(ueid_of(0x12)));
  EXPECT_EQ(verdict_of(frames()), "ueid");

  chip_.restore(rpmb::blank_chip(1, 2));
  chip_.program_key(key_octets(0));
  EXPECT_EQ(verdict_of(frames()), "anchor");
}

TEST_F(TicketFrames, OfAnotherRequestTypeAreRefused) {
  const Bytes good = frames();

  EXPECT_EQ(verdict_of(spliced(good, 3, good, 4)), "data: type_mismatch");
  EXPECT_EQ(verdict_of(spliced(good, 4, good, 3)), "counter: type_mismatch");
}

TEST_F(TicketFrames, WithOctetsThatNobodyVouchesForAreRefused) {
  Bytes good = frames();
  good[rpmb::at::kKeyMac] = 1;

  EXPECT_EQ(verdict_of(good), "padding");
}

TEST_F(TicketFrames, EveryOctetCounts) {
  Bytes good = frames();
  Ticket ticket = parse_ticket(make_ticket(claims_, key_, {&certificate_, 1}, &session_).value()).value();
  ticket.frames = good;
  ASSERT_EQ(verdict(verify_rpmb_factor(ticket, mac_key_, claims_.kcv).factor), "ok");
  for (std::size_t i = 0; i < good.size(); ++i) {
    ticket.frames[i] ^= 0x80;
    EXPECT_NE(verdict(verify_rpmb_factor(ticket, mac_key_, claims_.kcv).factor), "ok") << i;
    ticket.frames[i] ^= 0x80;
  }
}

TEST_F(TicketFrames, AnExpiredCounterIsNoFault) {
  rpmb::ChipState state = formatted_chip(claims_.ueid);
  state.registers.write_counter = 0xffffffff;
  chip_.restore(std::move(state));

  const Bytes expired = frames();

  EXPECT_EQ(expired[4 * rpmb::kFrameSize + rpmb::at::kResult + 1], 0x80);
  EXPECT_EQ(verdict_of(expired), "ok");
}

TEST_F(TicketFrames, AnotherCheckValueIsRefused) {
  Ticket made = parse_ticket(ticket()).value();
  CheckValue other = claims_.kcv;
  other[0] ^= 1;

  EXPECT_EQ(verdict(verify_rpmb_factor(made, mac_key_, other).factor), "kcv: is another key's");
}

}  // namespace
}  // namespace signet::identity
