#include "crypto/x509.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/hex.h"
#include "certificates.h"
#include "tests/unit/random_octets.h"

namespace signet::crypto {
namespace {

constexpr const char* kOne = "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740.1";
constexpr const char* kTwo = "1.2.840.113556.1.8000.2554.9247.62670.30550.17533.44643.14206824.2361740.2";

Bytes with_octet(Bytes octets, std::size_t at, std::uint8_t value) {
  octets[at] = value;
  return octets;
}

// Puts `to` in place of every occurrence of `from`, of the same length.
Bytes replaced(Bytes octets, std::string_view from_hex_text, std::string_view to_hex_text) {
  const Bytes from = from_hex(from_hex_text).value();
  const Bytes to = from_hex(to_hex_text).value();
  EXPECT_EQ(from.size(), to.size());
  int times = 0;
  for (auto at = octets.begin(); (at = std::search(at, octets.end(), from.begin(), from.end())) != octets.end();) {
    at = std::copy(to.begin(), to.end(), at);
    ++times;
  }
  EXPECT_GT(times, 0) << from_hex_text;
  return octets;
}

void expect_refused(BytesView der, const std::string& why) {
  auto certificate = Certificate::from_der(der);
  ASSERT_FALSE(certificate) << why;
  EXPECT_EQ(certificate.error().code, Errc::certificate_invalid);
  EXPECT_EQ(certificate.error().context, why);
}

// ---- certificates ----

TEST(X509, ACertificateSaysWhatItWasTold) {
  Ca ca;
  P256PrivateKey key = P256PrivateKey::generate();
  CertificateSpec spec = leaf_spec();
  spec.policies = {kOne};
  spec.extended_uses = {kTwo};
  spec.octets_extensions = {{"2.25.7", Bytes(32, 0xaa)}};

  Certificate certificate = ca.issue(spec, key).value();

  EXPECT_EQ(certificate.common_name(), "a leaf");
  EXPECT_EQ(certificate.organizational_unit(), "7");
  EXPECT_EQ(certificate.serial(), (Bytes{0x80, 2}));
  EXPECT_EQ(certificate.not_before(), spec.not_before);
  EXPECT_EQ(certificate.not_after(), spec.not_after);
  EXPECT_FALSE(certificate.is_ca());
  EXPECT_TRUE(certificate.has_policy(kOne));
  EXPECT_FALSE(certificate.has_policy(kTwo));
  EXPECT_TRUE(certificate.has_extended_use(kTwo));
  EXPECT_FALSE(certificate.has_extended_use(kOne));
  EXPECT_FALSE(certificate.has_policy("not an oid"));
  EXPECT_EQ(certificate.octets_extension("2.25.7"), Bytes(32, 0xaa));
  EXPECT_FALSE(certificate.octets_extension("2.25.8"));
  EXPECT_FALSE(certificate.octets_extension("2.5.29.15"));  // keyUsage: no OCTET STRING inside
  EXPECT_EQ(certificate.public_der(), key.public_der());
}

TEST(X509, ASelfSignedCaIsOne) {
  Ca ca;

  EXPECT_TRUE(ca.certificate.is_ca());
  EXPECT_EQ(ca.certificate.common_name(), "Test CA");
  EXPECT_EQ(ca.certificate.organizational_unit(), "");
}

TEST(X509, ACertificateComesBackFromDerAndPem) {
  Ca ca;
  Ca other;

  EXPECT_EQ(Certificate::from_der(ca.certificate.der()).value(), ca.certificate);
  auto both = Certificate::from_pem("a comment\n" + ca.certificate.pem() + other.certificate.pem());
  ASSERT_TRUE(both);
  ASSERT_EQ(both->size(), 2u);
  EXPECT_EQ((*both)[0], ca.certificate);
  EXPECT_EQ((*both)[1], other.certificate);
}

TEST(X509, PemWithoutACertificateOrWithMoreIsRefused) {
  std::string pem = Ca{}.certificate.pem();
  std::string damaged = pem;
  damaged[100] = '%';
  std::string key = "-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n";
  for (const std::string& text :
       {std::string{}, std::string{"text"}, damaged, pem + key, key, pem.substr(0, 200), pem + pem.substr(0, 200)}) {
    auto certificates = Certificate::from_pem(text);

    ASSERT_FALSE(certificates) << text;
    EXPECT_EQ(certificates.error().code, Errc::certificate_invalid);
  }
}

TEST(X509, VerifiesWhatTheKeySigned) {
  Ca ca;
  Es256Signature signature = ca.key.sign(as_bytes("text"));

  EXPECT_TRUE(ca.certificate.verify(as_bytes("text"), signature));
  EXPECT_FALSE(ca.certificate.verify(as_bytes("texT"), signature));
  EXPECT_FALSE(ca.certificate.verify(as_bytes("text"), Es256Signature{}));
  EXPECT_FALSE(Ca{}.certificate.verify(as_bytes("text"), signature));
}

TEST(X509, EveryFieldOfASpecIsChecked) {
  Ca ca;
  auto refused = [&ca](void (*change)(CertificateSpec&)) {
    CertificateSpec spec = leaf_spec();
    change(spec);
    auto certificate = ca.issue(spec, ca.key);
    EXPECT_FALSE(certificate);
    return certificate ? "" : std::string{name(certificate.error().code)} + ": " + certificate.error().context;
  };

  EXPECT_EQ(refused([](CertificateSpec& spec) { spec.common_name = std::string(65, 'x'); }),
            "invalid_argument: certificate: common_name: must be at most 64 characters of UTF-8");
  EXPECT_EQ(refused([](CertificateSpec& spec) { spec.organizational_unit = "\xff"; }),
            "invalid_argument: certificate: organizational_unit: must be at most 64 characters of UTF-8");
  EXPECT_EQ(refused([](CertificateSpec& spec) { spec.common_name = spec.organizational_unit = ""; }),
            "invalid_argument: certificate: subject: must not be empty");
  for (auto* serial :
       {+[](CertificateSpec& spec) { spec.serial = {}; }, +[](CertificateSpec& spec) { spec.serial = {0}; },
        +[](CertificateSpec& spec) { spec.serial = Bytes(21, 1); },
        +[](CertificateSpec& spec) { spec.serial = Bytes(20, 0x80); }}) {
    EXPECT_EQ(refused(serial), "invalid_argument: certificate: serial: must be positive and have at most 20 octets");
  }
  EXPECT_EQ(refused([](CertificateSpec& spec) { std::swap(spec.not_before, spec.not_after); }),
            "invalid_argument: certificate: validity: must end after it begins, before the year 10000");
  EXPECT_EQ(refused([](CertificateSpec& spec) { spec.not_after = UnixTime{std::chrono::seconds{300'000'000'000}}; }),
            "invalid_argument: certificate: validity: must end after it begins, before the year 10000");
  EXPECT_EQ(refused([](CertificateSpec& spec) { spec.policies = {"1.2.x"}; }),
            "invalid_argument: certificate: policies: 1.2.x is no object identifier");
  EXPECT_EQ(refused([](CertificateSpec& spec) { spec.extended_uses = {""}; }),
            "invalid_argument: certificate: extended_uses:  is no object identifier");
  EXPECT_EQ(refused([](CertificateSpec& spec) {
              spec.octets_extensions = {{"x", {}}};
            }),
            "invalid_argument: certificate: octets_extensions: x is no object identifier");
}

TEST(X509, OnlyACaIssuesAndOnlyWithItsKey) {
  Ca ca;
  P256PrivateKey key = P256PrivateKey::generate();
  Certificate leaf = ca.issue(leaf_spec(), key).value();

  EXPECT_EQ(issue_certificate(leaf_spec(), key.public_der(), leaf, key).error().context,
            "certificate: issuer: is not a CA");
  EXPECT_EQ(issue_certificate(leaf_spec(), key.public_der(), ca.certificate, key).error().context,
            "certificate: issuer: the key is not the certificate's");
  EXPECT_EQ(issue_certificate(leaf_spec(), Bytes(91), ca.certificate, ca.key).error().context,
            "certificate: public key: must be a P-256 key in DER");
}

TEST(X509, TimesBeyond2050AreKept) {
  CertificateSpec spec = ca_spec();
  spec.not_after = UnixTime{std::chrono::seconds{4'102'444'800}};  // 2100: no UTCTime any more

  EXPECT_EQ(Ca{spec}.certificate.not_after(), spec.not_after);
}

TEST(X509, WhatIsNotOneCertificateInDerIsRefused) {
  Bytes der = Ca{}.certificate.der();
  Bytes longer = der;
  longer.push_back(0);

  expect_refused({}, "is no X.509 certificate in DER");
  expect_refused(BytesView{der}.first(der.size() - 1), "is no X.509 certificate in DER");
  expect_refused(longer, "is no X.509 certificate in DER");
  expect_refused(Bytes(8193), "has more than 8192 octets");
}

TEST(X509, OtherAlgorithmsAreRefused) {
  Bytes der = Ca{}.certificate.der();

  // ecdsa-with-SHA256 -> ecdsa-with-SHA384; then in one of the two places only
  expect_refused(replaced(der, "06082a8648ce3d040302", "06082a8648ce3d040303"), "signature: must be ecdsa-with-SHA256");
  const Bytes algorithm = from_hex("06082a8648ce3d040302").value();
  const auto inner = std::search(der.begin(), der.end(), algorithm.begin(), algorithm.end()) - der.begin();
  expect_refused(with_octet(der, static_cast<std::size_t>(inner) + 9, 3), "signature: must be ecdsa-with-SHA256");
  // prime256v1 -> prime239v1
  expect_refused(replaced(der, "06082a8648ce3d030107", "06082a8648ce3d030106"),
                 "subjectPublicKeyInfo: must be a P-256 key");
}

TEST(X509, OtherVersionsAreRefused) {
  expect_refused(replaced(Ca{}.certificate.der(), "a003020102", "a003020101"), "version: must be 3");
}

TEST(X509, AnUnknownCriticalExtensionIsRefused) {
  // subjectKeyIdentifier is not critical; keyUsage, critical, becomes an unknown one
  expect_refused(replaced(Ca{}.certificate.der(), "0603551d0f0101ff", "0603551d7f0101ff"),
                 "extensions: a critical one is unknown");
}

TEST(X509, AnExtensionThatOccursTwiceIsRefused) {
  CertificateSpec spec = ca_spec();
  spec.octets_extensions = {{"2.25.7", Bytes{1}}, {"2.25.7", Bytes{2}}};

  auto certificate = self_sign(spec, P256PrivateKey::generate());

  ASSERT_FALSE(certificate);
  EXPECT_EQ(certificate.error().context, "extensions: one occurs twice");
}

TEST(X509, ASubjectWithTwoNamesIsRefused) {
  CertificateSpec spec = ca_spec("ab");
  spec.organization = "cd";
  // organizationName (2.5.4.10) becomes a second commonName (2.5.4.3), in subject and issuer
  expect_refused(replaced(Ca{spec}.certificate.der(), "060355040a", "0603550403"), "subject: has more than one CN");
}

void expect_certificate_or_refusal(BytesView der) {
  auto certificate = Certificate::from_der(der);
  if (certificate) {
    EXPECT_TRUE(std::ranges::equal(certificate->der(), der));
    EXPECT_FALSE(certificate->public_der().empty());
    (void)certificate->has_policy(kOne);
    (void)certificate->has_extended_use(kTwo);
    (void)certificate->octets_extension("2.25.7");
    return;
  }
  EXPECT_EQ(certificate.error().code, Errc::certificate_invalid);
  EXPECT_FALSE(certificate.error().context.empty());
}

TEST(X509, RandomAndDamagedCertificatesAreHandled) {
  RandomOctets random{1};
  Ca ca;
  CertificateSpec spec = leaf_spec();
  spec.policies = {kOne};
  spec.extended_uses = {kTwo};
  spec.octets_extensions = {{"2.25.7", Bytes(32, 0xaa)}};
  const std::string good{as_text(ca.issue(spec, ca.key).value().der())};
  const std::string pem = ca.certificate.pem();

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(Certificate::from_der(as_bytes(random.text(300))));
    expect_certificate_or_refusal(as_bytes(random.damaged(good)));
    EXPECT_FALSE(Certificate::from_pem(random.text(100)));
    if (i % 10 == 0) (void)Certificate::from_pem(random.damaged(pem));
  }
}

TEST(X509, NoDamagedCertificateIsTakenForIssued) {
  RandomOctets random{2};
  Ca ca;
  const Certificate good = ca.issue(leaf_spec(), ca.key).value();
  const std::string der{as_text(good.der())};
  int parsed = 0;

  for (int i = 0; i < kRandomStrings; ++i) {
    const std::string octets = random.damaged(der);
    auto certificate = Certificate::from_der(as_bytes(octets));
    if (!certificate || octets == der) continue;
    ++parsed;
    EXPECT_FALSE(verify_chain(*certificate, {&ca.certificate, 1}, kNow)) << to_hex(as_bytes(octets));
  }

  EXPECT_GT(parsed, 100);
}

TEST(X509, EveryBitOfACertificateCounts) {
  Ca ca;
  const Certificate good = ca.issue(leaf_spec(), ca.key).value();
  ASSERT_TRUE(verify_chain(good, {&ca.certificate, 1}, kNow));
  int parsed = 0;

  for (std::size_t bit = 0; bit < 8 * good.der().size(); ++bit) {
    const auto octet = static_cast<std::uint8_t>(good.der()[bit / 8] ^ 1U << bit % 8);
    const auto certificate = Certificate::from_der(with_octet(good.der(), bit / 8, octet));
    if (!certificate) continue;
    ++parsed;
    EXPECT_FALSE(verify_chain(*certificate, {&ca.certificate, 1}, kNow)) << bit;
  }

  EXPECT_GT(parsed, 1000);
}

// ---- requests ----

TEST(X509Request, ProvesPossessionOfItsKey) {
  P256PrivateKey key = P256PrivateKey::generate();

  Bytes request = make_certificate_request(key, "anything");

  EXPECT_EQ(verified_request_key(request).value(), key.public_der());
  EXPECT_EQ(verified_request_key(make_certificate_request(key, "")).value(), key.public_der());
  EXPECT_EQ(verified_request_key(make_certificate_request(key, std::string(65, 'x'))).value(), key.public_der());
}

TEST(X509Request, EveryOctetCounts) {
  Bytes request = make_certificate_request(P256PrivateKey::generate(), "anything");

  for (std::size_t i = 0; i < request.size(); ++i) {
    auto key = verified_request_key(with_octet(request, i, request[i] ^ 1));
    ASSERT_FALSE(key) << i;
    EXPECT_EQ(key.error().code, Errc::invalid_argument);
    EXPECT_TRUE(key.error().context.starts_with("certificate request: ")) << key.error().context;
  }
}

TEST(X509Request, RandomAndDamagedOnesAreRefused) {
  RandomOctets random{3};
  const std::string request{as_text(make_certificate_request(P256PrivateKey::generate(), "anything"))};

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(verified_request_key(as_bytes(random.text(300))));
    const std::string octets = random.damaged(request);
    EXPECT_EQ(verified_request_key(as_bytes(octets)).has_value(), octets == request);
  }
}

// ---- revocation lists ----

TEST(X509Revocation, AListHoldsWhatWasPutIn) {
  Ca ca;
  const Revocation revoked[] = {{.serial = {0x80, 2}, .at = kNow}, {.serial = {9}, .at = kNow}};

  RevocationList list = ca.revoke(revoked).value();

  EXPECT_TRUE(list.contains(Bytes{0x80, 2}));
  EXPECT_TRUE(list.contains(Bytes{9}));
  EXPECT_TRUE(list.contains(Bytes{0, 9}));
  EXPECT_FALSE(list.contains(Bytes{8}));
  EXPECT_FALSE(list.contains({}));
  EXPECT_EQ(list.this_update(), kNow - kYear);
  EXPECT_EQ(list.next_update(), kNow + kYear);
  EXPECT_TRUE(list.issued_by(ca.certificate));
  EXPECT_TRUE(list.issued_by(ca.certificate));  // from memory
  RevocationList same = RevocationList::from_der(list.der()).value();
  EXPECT_TRUE(same.contains(Bytes{9}));
  EXPECT_TRUE(same.issued_by(ca.certificate));
}

TEST(X509Revocation, AnEmptyListIsOne) {
  Ca ca;

  RevocationList list = ca.revoke({}).value();

  EXPECT_FALSE(list.contains(Bytes{1}));
  EXPECT_TRUE(RevocationList::from_der(list.der()).value().issued_by(ca.certificate));
}

TEST(X509Revocation, AnotherIssuerDidNotIssueIt) {
  Ca ca;
  RevocationList list = ca.revoke({}).value();

  EXPECT_FALSE(list.issued_by(Ca{ca_spec("Another")}.certificate));
  EXPECT_FALSE(list.issued_by(Ca{}.certificate));  // the same name with another key
  EXPECT_TRUE(list.issued_by(ca.certificate));
  EXPECT_FALSE(list.issued_by(Ca{}.certificate));  // nor after a yes
}

TEST(X509Revocation, WhatCannotBeInAListIsRefused) {
  Ca ca;
  P256PrivateKey other = P256PrivateKey::generate();
  const Revocation zero[] = {{.serial = {0}, .at = kNow}};

  EXPECT_EQ(ca.revoke(zero).error().code, Errc::invalid_argument);
  EXPECT_EQ(ca.revoke({}, kNow - 2 * kYear).error().context,
            "revocation list: next_update: must not be before this_update");
  EXPECT_EQ(RevocationList::make({}, 1, kNow, kNow, ca.certificate, other).error().context,
            "revocation list: issuer: must be a CA and its key");
}

TEST(X509Revocation, AListOfAnotherKindIsRefused) {
  Ca ca;
  const Bytes der = ca.revoke({}).value().der();
  auto refused = [](const Bytes& octets) {
    auto list = RevocationList::from_der(octets);
    EXPECT_FALSE(list);
    return list ? "" : list.error().context;
  };

  EXPECT_EQ(refused(replaced(der, "06082a8648ce3d040302", "06082a8648ce3d040303")),
            "revocation list: signature: must be ecdsa-with-SHA256");
  EXPECT_EQ(refused({}), "revocation list: is none in DER");
}

TEST(X509Revocation, RandomAndDamagedListsAreHandled) {
  RandomOctets random{4};
  Ca ca;
  const Revocation revoked[] = {{.serial = {0x80, 2}, .at = kNow}, {.serial = {9}, .at = kNow}};
  const std::string der{as_text(ca.revoke(revoked).value().der())};

  for (int i = 0; i < kRandomStrings; ++i) {
    EXPECT_FALSE(RevocationList::from_der(as_bytes(random.text(300))));
    const std::string octets = random.damaged(der);
    auto list = RevocationList::from_der(as_bytes(octets));
    if (!list) {
      EXPECT_EQ(list.error().code, Errc::certificate_invalid);
      continue;
    }
    EXPECT_EQ(list->issued_by(ca.certificate), octets == der);
    (void)list->contains(Bytes{9});
  }
}

// ---- chains ----

class X509Chain : public testing::Test {
 protected:
  [[nodiscard]] std::string verdict(const Certificate& leaf, std::vector<Certificate> anchors,
                                    UnixTime time = kNow) const {
    auto anchor = verify_chain(leaf, anchors, time);
    if (anchor) return "issued by " + anchor->common_name();
    EXPECT_EQ(anchor.error().code, Errc::certificate_invalid);
    return anchor.error().context;
  }

  Ca ca_;
  P256PrivateKey key_ = P256PrivateKey::generate();
  Certificate leaf_ = ca_.issue(leaf_spec(), key_).value();
};

TEST_F(X509Chain, FindsTheIssuerAmongTheAnchors) {
  EXPECT_EQ(verdict(leaf_, {Ca{ca_spec("Another")}.certificate, ca_.certificate}), "issued by Test CA");
  EXPECT_EQ(verdict(leaf_, {Ca{}.certificate, ca_.certificate}), "issued by Test CA");  // another of that name first
}

TEST_F(X509Chain, AnUnknownCaIsRefused) {
  EXPECT_EQ(verdict(leaf_, {}), "issued by an unknown CA");
  EXPECT_EQ(verdict(leaf_, {Ca{ca_spec("Another")}.certificate}), "issued by an unknown CA");
}

TEST_F(X509Chain, ACaOfThatNameWithAnotherKeyIsRefused) {
  EXPECT_EQ(verdict(leaf_, {Ca{}.certificate}), "the CA's signature does not fit");
}

TEST_F(X509Chain, AnAnchorThatIsNoCaIsRefused) {
  CertificateSpec spec = leaf_spec();
  spec.common_name = "Test CA";
  spec.organization = "Signet tests";
  spec.organizational_unit = "";
  Certificate impostor = self_sign(spec, ca_.key).value();  // the CA's name and key, without its right to issue

  EXPECT_EQ(verdict(leaf_, {impostor}), "not a CA");
}

TEST_F(X509Chain, ValidityIsGiveOrTakeAMinute) {
  using std::chrono::seconds;
  const std::vector<Certificate> anchors{ca_.certificate};

  EXPECT_EQ(verdict(leaf_, anchors, leaf_.not_after() + seconds{60}), "issued by Test CA");
  EXPECT_EQ(verdict(leaf_, anchors, leaf_.not_after() + seconds{61}), "expired");
  EXPECT_EQ(verdict(leaf_, anchors, leaf_.not_before() - seconds{60}), "issued by Test CA");
  EXPECT_EQ(verdict(leaf_, anchors, leaf_.not_before() - seconds{61}), "not yet valid");
}

TEST_F(X509Chain, TheCaMustBeValidToo) {
  CertificateSpec spec = leaf_spec();
  spec.not_before = kNow - 2 * kYear;
  spec.not_after = kNow + 2 * kYear;
  Certificate longer = ca_.issue(spec, key_).value();

  EXPECT_EQ(verdict(longer, {ca_.certificate}, kNow + kYear + kYear / 2), "the CA: expired");
  EXPECT_EQ(verdict(longer, {ca_.certificate}, kNow - kYear - kYear / 2), "the CA: not yet valid");
}

}  // namespace
}  // namespace signet::crypto
