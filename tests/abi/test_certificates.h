// Certificates for a server on this machine, made on the spot.
#pragma once

#include <chrono>
#include <memory>
#include <string>

struct evp_pkey_st;
struct x509_st;

namespace signet::testing {

struct KeyDeleter {
  void operator()(evp_pkey_st* key) const;
};
struct CertificateDeleter {
  void operator()(x509_st* certificate) const;
};
using TestKey = std::unique_ptr<evp_pkey_st, KeyDeleter>;
using TestCertificate = std::unique_ptr<x509_st, CertificateDeleter>;

// From and until when it is valid, seen from now.
struct Validity {
  std::chrono::seconds from{std::chrono::hours{-1}};
  std::chrono::seconds until{std::chrono::hours{1}};
};

struct ServerIdentity {
  TestKey key;
  TestCertificate certificate;
};

class TestCa {
 public:
  TestCa();

  [[nodiscard]] std::string pem() const;
  // For "localhost" and 127.0.0.1, or for `name` alone.
  [[nodiscard]] ServerIdentity issue(Validity validity, const std::string& name = "") const;

 private:
  TestKey key_;
  TestCertificate certificate_;
};

}  // namespace signet::testing
