// signetctl ticket decode and verify: offline, with a CA of the test.
#include "base/base64.h"
#include "command_line.h"
#include "identity/ids.h"
#include "identity/ticket.h"
#include "signetctl/pem.h"
#include "tests/unit/crypto/certificates.h"

namespace signet::ctl {
namespace {

constexpr const char* kAudience = "https://service.example";

bool contains(const std::string& text, std::string_view part) { return text.find(part) != std::string::npos; }

crypto::UnixTime now() { return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now()); }

crypto::CertificateSpec at_present(crypto::CertificateSpec spec) {
  spec.not_before = now() - std::chrono::hours{1};
  spec.not_after = now() + std::chrono::hours{1};
  spec.policies = {std::string{identity::kHardwarePolicy}};
  return spec;
}

class TicketCommands : public CommandLine {
 protected:
  std::string ticket(std::chrono::seconds from = std::chrono::seconds{0}) {
    identity::TicketClaims claims;
    claims.nonce = to_base64url(Bytes(32, 7));
    claims.audience = kAudience;
    claims.issued_at = now() + from;
    claims.expires_at = now() + from + std::chrono::minutes{10};
    claims.id = to_base64url(Bytes(16, 1));
    claims.ueid = identity::Ueid{1, 2, 3};
    claims.model_id = "model";
    claims.sn = "SN1";
    claims.app_id = "app";
    claims.generation = 1;
    claims.transport = "emmc";
    claims.key_protection = "soft";
    auto spec = at_present(crypto::leaf_spec());
    spec.common_name = to_base64url(claims.ueid);
    spec.organizational_unit = "1";
    spec.extended_uses = {std::string{identity::kSignsTickets}};
    spec.serial = {9};
    const std::vector<crypto::Certificate> chain{ca_.issue(spec, key_).value()};
    return identity::make_ticket(claims, key_, chain, nullptr).value();
  }
  int verify(std::vector<std::string> more) {
    more.insert(more.begin(), {"ticket", "verify", "--ca", ca_file_});
    return run(std::move(more));
  }
  std::string crl(std::vector<crypto::Revocation> revoked) {
    const auto list = crypto::RevocationList::make(revoked, 1, now() - std::chrono::hours{1},
                                                   now() + std::chrono::hours{1}, ca_.certificate, ca_.key);
    return file("crl", as_text(list.value().der()));
  }

  crypto::Ca ca_{at_present(crypto::ca_spec())};
  crypto::P256PrivateKey key_ = crypto::P256PrivateKey::generate();
  std::string ca_file_ = file("ca.pem", ca_.certificate.pem());
  std::string ticket_file_ = file("ticket", ticket() + "\n");
};

TEST_F(TicketCommands, DecodeShowsClaimsAndSaysThatNothingWasVerified) {
  EXPECT_EQ(run({"ticket", "decode", "--file", ticket_file_}), 0) << err_.str();
  EXPECT_TRUE(contains(out_.str(), "SN1"));
  EXPECT_TRUE(contains(out_.str(), "1 certificates"));
  EXPECT_TRUE(contains(out_.str(), "Nothing of this was verified."));

  in_.str(ticket());
  EXPECT_EQ(run({"ticket", "decode", "--json"}), 0);
  EXPECT_EQ(json().at("verified"), false);
  EXPECT_EQ(json().at("claims").at("aud"), kAudience);
}

TEST_F(TicketCommands, DecodeRefusesWhatIsNoTicket) {
  in_.str("hello");

  EXPECT_EQ(run({"ticket", "decode"}), static_cast<int>(Errc::ticket_invalid));
}

TEST_F(TicketCommands, VerifyChecksTheSignatureAndSaysWhatItDidNotCheck) {
  EXPECT_EQ(verify({"--file", ticket_file_}), 0) << out_.str() << err_.str();

  EXPECT_TRUE(contains(out_.str(), "rpmb        not checked: only the registrar knows the chip's key")) << out_.str();
  EXPECT_TRUE(contains(out_.str(), "not checked: no --audience"));
  EXPECT_TRUE(contains(out_.str(), "not checked: no --crl"));
}

TEST_F(TicketCommands, VerifyInJsonHasTheFactors) {
  EXPECT_EQ(verify({"--file", ticket_file_, "--audience", kAudience, "--crl", crl({}), "--json"}), 0) << out_.str();

  EXPECT_EQ(json().at("factors").at("signature").at("status"), "ok");
  EXPECT_EQ(json().at("factors").at("rpmb").at("status"), "not_checked");
  EXPECT_EQ(json().at("audience_checked"), true);
  EXPECT_EQ(json().at("revocation_checked"), true);
}

TEST_F(TicketCommands, VerifyFailsWithTheReason) {
  const int invalid = static_cast<int>(Errc::ticket_invalid);

  EXPECT_EQ(verify({"--file", ticket_file_, "--audience", "https://other.example"}), invalid);
  EXPECT_TRUE(contains(out_.str(), "aud: is for another audience"));
  EXPECT_EQ(verify({"--file", file("old", ticket(-std::chrono::hours{1}))}), invalid);
  EXPECT_TRUE(contains(out_.str(), "exp: expired"));
  EXPECT_EQ(verify({"--file", ticket_file_, "--crl", crl({{.serial = {9}, .at = now()}})}), invalid);
  EXPECT_TRUE(contains(out_.str(), "revoked"));
}

TEST_F(TicketCommands, VerifyTakesSeveralRevocationListsInDerOrPem) {
  const crypto::Ca other{at_present(crypto::ca_spec("Other CA"))};
  const auto list = crypto::RevocationList::make({}, 1, now() - std::chrono::hours{1}, now() + std::chrono::hours{1},
                                                 other.certificate, other.key);
  const auto pem = file("other", to_pem("X509 CRL", list.value().der()));

  EXPECT_EQ(verify({"--file", ticket_file_, "--crl", pem}), static_cast<int>(Errc::ticket_invalid))
      << "no list of the CA in question";
  EXPECT_EQ(verify({"--file", ticket_file_, "--crl", pem, "--crl", crl({})}), 0) << out_.str();
}

TEST_F(TicketCommands, VerifyNamesTheFileThatIsNoCertificate) {
  EXPECT_EQ(run({"ticket", "verify", "--ca", ticket_file_}), static_cast<int>(Errc::certificate_invalid));
  EXPECT_TRUE(contains(err_.str(), "--ca " + ticket_file_));

  EXPECT_EQ(verify({"--crl", ticket_file_}), static_cast<int>(Errc::certificate_invalid));
  EXPECT_TRUE(contains(err_.str(), "--crl " + ticket_file_));
}

}  // namespace
}  // namespace signet::ctl
