// Tickets and encrypted keys against implementations that share nothing with ours: python3-jwcrypto and the openssl
// command.
#include <algorithm>

#include "tests/unit/crypto/openssl_command.h"
#include "ticket_fixture.h"

namespace signet::identity {
namespace {

constexpr const char* kScript = "/usr/bin/python3 " SIGNET_SOURCE_DIR "/tests/unit/identity/second_opinion.py ";

// A place for files, beside a device.
class SecondOpinion : public TicketFixture {
 protected:
  class Files : public crypto::OpensslCommand {
   public:
    void TestBody() override {}
    using OpensslCommand::directory_;
    using OpensslCommand::read_text;
    using OpensslCommand::run;
    using OpensslCommand::SetUp;
    using OpensslCommand::TearDown;
    using OpensslCommand::write;
  };

  void SetUp() override {
    files_.SetUp();
    crypto::CertificateSpec spec = device_spec();
    spec.octets_extensions = {{std::string{kIdentityDigest}, Bytes(32, 0xaa)}};
    certificate_ = certificate(spec);
  }
  void TearDown() override { files_.TearDown(); }
  void write(const char* name, std::string_view text) { files_.write(name, as_bytes(text)); }

  static bool has_jwcrypto() { return std::system("/usr/bin/python3 -c 'import jwcrypto' 2>/dev/null") == 0; }
  bool python(const std::string& arguments) {
    return std::system(("cd '" + files_.directory_ + "' && " + kScript + arguments + " >printed 2>errors").c_str()) ==
           0;
  }
  std::string printed() { return files_.read_text("printed"); }

  Files files_;
};

TEST_F(SecondOpinion, JwcryptoVerifiesATicketWithWhatIsInItAndTheCa) {
  if (!has_jwcrypto()) GTEST_SKIP() << "python3-jwcrypto is not installed";
  const std::string good = ticket();
  write("ticket", good);
  write("ca", ca_.certificate.pem());

  ASSERT_TRUE(python("ticket ticket ca")) << files_.read_text("errors");
  EXPECT_EQ(printed(), ticket_payload(claims_).value());

  std::string altered = good;
  altered[altered.size() - 10] ^= 1;
  write("ticket", altered);
  EXPECT_FALSE(python("ticket ticket ca"));
  write("ticket", good);
  write("ca", emulated_ca_.certificate.pem());
  EXPECT_FALSE(python("ticket ticket ca"));
}

TEST_F(SecondOpinion, OpensslVerifiesATicketWithWhatIsInItAndTheCa) {
  const std::string good = ticket();
  const Ticket parsed = parse_ticket(good).value();
  write("ca.pem", ca_.certificate.pem());
  write("device.pem", parsed.chain.front().pem());
  write("input", std::string_view{good}.substr(0, good.rfind('.')));
  files_.write("signature", crypto::es256_to_der(parsed.signature));

  const std::string at = std::to_string(crypto::kNow.time_since_epoch().count());
  EXPECT_TRUE(files_.run("verify -x509_strict -attime " + at + " -CAfile ca.pem device.pem")) << printed();
  ASSERT_TRUE(files_.run("x509 -in device.pem -noout -pubkey -out key.pem")) << printed();
  EXPECT_TRUE(files_.run("dgst -sha256 -verify key.pem -signature signature input")) << printed();
  write("input", std::string_view{good}.substr(1, good.rfind('.') - 1));
  EXPECT_FALSE(files_.run("dgst -sha256 -verify key.pem -signature signature input"));
}

TEST_F(SecondOpinion, JwcryptoDecryptsWhatWeEncrypt) {
  if (!has_jwcrypto()) GTEST_SKIP() << "python3-jwcrypto is not installed";
  ASSERT_TRUE(files_.run("ecparam -name prime256v1 -genkey -noout -out key.pem"));
  ASSERT_TRUE(files_.run("pkey -in key.pem -pubout -outform DER -out public.der"));

  for (int i = 0; i < 5; ++i) {  // with another ephemeral key each time
    write("jwe", jose::encrypt_jwe(as_bytes("a test, no key"), as_bytes(files_.read_text("public.der"))).value());

    ASSERT_TRUE(python("decrypt jwe key.pem")) << files_.read_text("errors");
    EXPECT_EQ(printed(), "a test, no key");
  }
}

}  // namespace
}  // namespace signet::identity
