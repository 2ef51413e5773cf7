// A registered device, its chip in memory and its two CAs.
#pragma once

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <boost/json/value.hpp>

#include "base/base64.h"
#include "formatted_chip.h"
#include "identity/attestation.h"
#include "identity/ticket.h"
#include "jose/jose.h"
#include "tests/unit/crypto/certificates.h"

namespace signet::identity {

inline crypto::CertificateSpec ca_for(std::string_view policy, const std::string& name) {
  crypto::CertificateSpec spec = crypto::ca_spec(name);
  spec.policies = {std::string{policy}};
  return spec;
}

class TicketFixture : public testing::Test {
 protected:
  using Json = boost::json::value;

  static TicketClaims good_claims() {
    TicketClaims claims{.use = TicketUse::challenge,
                        .nonce = to_base64url(Bytes(32, 0x21)),
                        .audience = "https://registrar.example",
                        .issued_at = crypto::kNow,
                        .expires_at = crypto::kNow + std::chrono::seconds{300},
                        .id = to_base64url(Bytes(16, 0x22)),
                        .ueid = ueid_of(0x11),
                        .model_id = "model-1.a",
                        .sn = "SN_0001",
                        .app_id = "org.example.app",
                        .generation = 3,
                        .transport = "emmc",
                        .key_protection = "soft",
                        .kcv = rpmb_key_check(rpmb::Key{key_octets(0)}),
                        .confirmation = to_base64url(Bytes(32, 0x23)),
                        .ext = R"({"n": 0.10, "t":"é"})"};
    return claims;
  }

  crypto::CertificateSpec device_spec() const {
    crypto::CertificateSpec spec = crypto::leaf_spec();
    spec.common_name = to_base64url(claims_.ueid);
    spec.organizational_unit = std::to_string(claims_.generation);
    spec.policies = {std::string{kHardwarePolicy}};
    spec.extended_uses = {std::string{kSignsTickets}};
    return spec;
  }
  crypto::Certificate certificate(const crypto::CertificateSpec& spec) const { return ca_.issue(spec, key_).value(); }

  // ---- tickets ----

  std::string ticket() {
    auto made = make_ticket(claims_, key_, {&certificate_, 1}, &session_);
    EXPECT_TRUE(made) << to_string(made.error());
    return made.value_or("");
  }

  static boost::json::array frame_texts(BytesView frames) {
    boost::json::array texts;
    for (; !frames.empty(); frames = frames.subspan(rpmb::kFrameSize)) {
      texts.emplace_back(to_base64url(frames.first(rpmb::kFrameSize)));
    }
    return texts;
  }
  boost::json::object header() const {
    return {{"alg", "ES256"},
            {"typ", "eat+jwt"},
            {"x5c", boost::json::array{boost::json::string{to_base64(certificate_.der())}}}};
  }
  boost::json::object payload() const { return boost::json::parse(ticket_payload(claims_).value()).as_object(); }
  // Signed by the device's key, whatever it says; by hand, since sign_jws() would refuse some of it.
  std::string sign(std::string_view header, std::string_view payload) const {
    const std::string input = to_base64url(as_bytes(header)) + "." + to_base64url(as_bytes(payload));
    return input + "." + to_base64url(key_.sign(as_bytes(input)));
  }
  std::string sign(const boost::json::object& header, const boost::json::object& payload) const {
    return sign(boost::json::serialize(header), boost::json::serialize(payload));
  }

  // ---- verdicts ----

  TicketTrust trust() const {
    return {.anchors = anchors_, .revoked = lists_, .time = crypto::kNow, .audience = claims_.audience};
  }
  // "ok", or the reason.
  static std::string verdict(const Factor& factor) {
    return factor.status == Factor::Status::failed ? factor.reason : std::string{name(factor.status)} + factor.reason;
  }
  std::string signature_verdict(std::string_view compact, const TicketTrust& trust) const {
    auto parsed = parse_ticket(compact);
    if (!parsed) {
      EXPECT_EQ(parsed.error().code, Errc::ticket_invalid);
      return parsed.error().context;
    }
    return verdict(verify_signature_factor(*parsed, trust));
  }
  std::string signature_verdict(std::string_view compact) const { return signature_verdict(compact, trust()); }
  std::string rpmb_verdict(std::string_view compact) const {
    return verdict(verify_rpmb_factor(parse_ticket(compact).value(), mac_key_, claims_.kcv).factor);
  }

  TicketClaims claims_ = good_claims();
  crypto::P256PrivateKey key_ = crypto::P256PrivateKey::generate();
  crypto::Ca ca_{ca_for(kHardwarePolicy, "Hardware CA")};
  crypto::Ca emulated_ca_{ca_for(kEmulatedPolicy, "Emulated CA")};
  std::vector<crypto::Certificate> anchors_{ca_.certificate, emulated_ca_.certificate};
  std::vector<crypto::RevocationList> lists_{emulated_ca_.revoke({}).value(), ca_.revoke({}).value()};
  crypto::Certificate certificate_ = certificate(device_spec());

  rpmb::testing::FakeChip chip_{formatted_chip(claims_.ueid)};
  crypto::SystemRandom random_;
  crypto::HmacKey mac_key_{key_octets(0)};
  rpmb::Session session_{chip_, rpmb::Key{key_octets(0)}, random_};
};

}  // namespace signet::identity
