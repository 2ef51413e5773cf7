// Certificates, requests and revocation lists against the openssl command.
#include <gmock/gmock.h>

#include "certificates.h"
#include "openssl_command.h"

namespace signet::crypto {
namespace {

using ::testing::HasSubstr;

constexpr const char* kPolicy = "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740.1";
constexpr const char* kUse = "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740.4";

class X509AgainstOpenssl : public OpensslCommand {
 protected:
  void write_pem(const char* name, const Certificate& certificate) { write(name, as_bytes(certificate.pem())); }
  bool verifies(const std::string& options) {
    return run("verify -x509_strict -attime " + std::to_string(kNow.time_since_epoch().count()) + " -CAfile ca.pem " +
               options + " leaf.pem");
  }

  Ca ca_;
  P256PrivateKey key_ = P256PrivateKey::generate();
};

TEST_F(X509AgainstOpenssl, TakesWhatWeIssue) {
  CertificateSpec spec = leaf_spec();
  spec.policies = {kPolicy};
  spec.extended_uses = {kUse};
  spec.octets_extensions = {{"2.25.7", Bytes(32, 0xaa)}};
  write_pem("ca.pem", ca_.certificate);
  write_pem("leaf.pem", ca_.issue(spec, key_).value());

  ASSERT_TRUE(verifies("")) << read_text("printed");
  ASSERT_TRUE(run("x509 -in leaf.pem -noout -text"));
  for (const std::string part :
       {"Version: 3", "ecdsa-with-SHA256", "CN = a leaf", "OU = 7", "Digital Signature", "CA:FALSE",
        "Policy: 1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740.1",
        "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740.4", "NIST CURVE: P-256"}) {
    EXPECT_THAT(read_text("printed"), HasSubstr(part));
  }
}

TEST_F(X509AgainstOpenssl, HonoursOurRevocationList) {
  write_pem("ca.pem", ca_.certificate);
  write_pem("leaf.pem", ca_.issue(leaf_spec(), key_).value());
  const Revocation other[] = {{.serial = {0x77}, .at = kNow}};
  const Revocation revoked[] = {{.serial = leaf_spec().serial, .at = kNow}};

  write("list.der", ca_.revoke(other).value().der());
  ASSERT_TRUE(run("crl -inform DER -in list.der -out list.pem"));
  EXPECT_TRUE(verifies("-crl_check -CRLfile list.pem")) << read_text("printed");

  write("list.der", ca_.revoke(revoked).value().der());
  ASSERT_TRUE(run("crl -inform DER -in list.der -out list.pem"));
  EXPECT_FALSE(verifies("-crl_check -CRLfile list.pem"));
  EXPECT_THAT(read_text("printed"), HasSubstr("certificate revoked"));
}

TEST_F(X509AgainstOpenssl, VerifiesOurRequest) {
  write("request.der", make_certificate_request(key_, "a name"));

  ASSERT_TRUE(run("req -inform DER -in request.der -noout -verify -subject")) << read_text("printed");
  EXPECT_THAT(read_text("printed"), HasSubstr("CN = a name"));
}

TEST_F(X509AgainstOpenssl, MakesRequestsAndCertificatesThatWeTake) {
  ASSERT_TRUE(run("ecparam -name prime256v1 -genkey -noout -out private.pem"));
  ASSERT_TRUE(run("pkey -in private.pem -pubout -outform DER -out public.der"));
  ASSERT_TRUE(run("req -new -key private.pem -subj /CN=request -sha256 -outform DER -out request.der"));
  ASSERT_TRUE(run("req -x509 -key private.pem -subj /CN=root -sha256 -days 1 -set_serial 5 -out root.pem"));

  EXPECT_EQ(verified_request_key(read("request.der")).value(), read("public.der"));
  auto root = Certificate::from_pem(read_text("root.pem"));
  ASSERT_TRUE(root) << root.error().context;
  EXPECT_EQ(root->front().common_name(), "root");
  EXPECT_EQ(root->front().serial(), Bytes{5});
  EXPECT_TRUE(root->front().is_ca());
  EXPECT_TRUE(
      verify_chain(root->front(), *root, std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now())));
}

TEST_F(X509AgainstOpenssl, OtherKeysAndDigestsAreRefused) {
  const std::pair<const char*, const char*> kinds[] = {
      {"rsa:2048", "signature: must be ecdsa-with-SHA256"},
      {"ec -pkeyopt ec_paramgen_curve:P-384", "subjectPublicKeyInfo: must be a P-256 key"},
      {"ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit",
       "subjectPublicKeyInfo: must be a P-256 key"},
      {"ed25519", "signature: must be ecdsa-with-SHA256"},
      {"ec -pkeyopt ec_paramgen_curve:P-256 -sha384", "signature: must be ecdsa-with-SHA256"},
  };
  for (const auto& [kind, reason] : kinds) {
    ASSERT_TRUE(run(std::string{"req -x509 -newkey "} + kind + " -nodes -keyout k.pem -subj /CN=x -days 1 -out c.pem"))
        << read_text("printed");

    auto certificate = Certificate::from_pem(read_text("c.pem"));

    ASSERT_FALSE(certificate) << kind;
    EXPECT_EQ(certificate.error().context, reason) << kind;
    ASSERT_TRUE(run("req -new -key k.pem -subj /CN=x -outform DER -out r.der")) << read_text("printed");
    if (!std::string_view{kind}.ends_with("-sha384")) {
      EXPECT_FALSE(verified_request_key(read("r.der"))) << kind;
    }
  }
}

}  // namespace
}  // namespace signet::crypto
