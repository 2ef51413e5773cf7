#include "test_certificates.h"

#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include <stdexcept>

namespace signet::testing {
namespace {

TestKey new_key() {
  TestKey key{EVP_EC_gen("P-256")};
  if (!key) throw std::runtime_error{"EVP_EC_gen"};
  return key;
}

void extend(X509* certificate, X509* issuer, int nid, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, issuer, certificate, nullptr, nullptr, 0);
  X509_EXTENSION* extension = X509V3_EXT_conf_nid(nullptr, &context, nid, value.c_str());
  if (!extension) throw std::runtime_error{"X509V3_EXT_conf_nid"};
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

TestCertificate unsigned_certificate(EVP_PKEY* key, const std::string& name, Validity validity) {
  static long serial = 1;
  TestCertificate certificate{X509_new()};
  X509* x509 = certificate.get();
  X509_set_version(x509, X509_VERSION_3);
  ASN1_INTEGER_set(X509_get_serialNumber(x509), ++serial);
  X509_gmtime_adj(X509_getm_notBefore(x509), validity.from.count());
  X509_gmtime_adj(X509_getm_notAfter(x509), validity.until.count());
  X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN", MBSTRING_UTF8,
                             reinterpret_cast<const unsigned char*>(name.c_str()), -1, -1, 0);
  X509_set_pubkey(x509, key);
  return certificate;
}

}  // namespace

void KeyDeleter::operator()(evp_pkey_st* key) const { EVP_PKEY_free(key); }
void CertificateDeleter::operator()(x509_st* certificate) const { X509_free(certificate); }

TestCa::TestCa() : key_{new_key()}, certificate_{unsigned_certificate(key_.get(), "CA of a test", {})} {
  X509* x509 = certificate_.get();
  X509_set_issuer_name(x509, X509_get_subject_name(x509));
  extend(x509, x509, NID_basic_constraints, "critical,CA:TRUE");
  X509_sign(x509, key_.get(), EVP_sha256());
}

std::string TestCa::pem() const {
  BIO* memory = BIO_new(BIO_s_mem());
  PEM_write_bio_X509(memory, certificate_.get());
  char* text = nullptr;
  const long size = BIO_get_mem_data(memory, &text);
  std::string pem{text, static_cast<std::size_t>(size)};
  BIO_free(memory);
  return pem;
}

ServerIdentity TestCa::issue(Validity validity, const std::string& name) const {
  ServerIdentity identity{.key = new_key(), .certificate = nullptr};
  identity.certificate = unsigned_certificate(identity.key.get(), "server of a test", validity);
  X509* x509 = identity.certificate.get();
  X509_set_issuer_name(x509, X509_get_subject_name(certificate_.get()));
  extend(x509, certificate_.get(), NID_subject_alt_name, name.empty() ? "DNS:localhost,IP:127.0.0.1" : "DNS:" + name);
  X509_sign(x509, key_.get(), EVP_sha256());
  return identity;
}

}  // namespace signet::testing
