// DER and PEM from strangers: whatever is taken is in DER and can be asked for all that there is.
#include <algorithm>
#include <cstdlib>

#include "crypto/x509.h"

namespace {

using namespace signet;
using namespace signet::crypto;

void require(bool condition) {
  if (!condition) std::abort();
}

void look_at(const Certificate& certificate) {
  constexpr const char* kOid = "1.2.840.113556.1.8000.2554.1";
  (void)certificate.has_policy(kOid);
  (void)certificate.has_extended_use(kOid);
  (void)certificate.octets_extension(kOid);
  (void)certificate.common_name();
  (void)verify_chain(certificate, {&certificate, 1}, certificate.not_before());
  require(!certificate.serial().empty() && certificate.public_der().size() == 91);
}

void expect(const Error& error, Errc code) { require(error.code == code && !error.context.empty()); }

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView octets{data, size};
  if (const auto certificate = Certificate::from_der(octets)) {
    require(std::ranges::equal(certificate->der(), octets));
    look_at(*certificate);
  } else {
    expect(certificate.error(), Errc::certificate_invalid);
  }
  if (const auto certificates = Certificate::from_pem(as_text(octets))) {
    for (const Certificate& certificate : *certificates) look_at(certificate);
  } else {
    expect(certificates.error(), Errc::certificate_invalid);
  }
  if (const auto list = RevocationList::from_der(octets)) {
    require(std::ranges::equal(list->der(), octets));
    (void)list->contains(octets.first(std::min<std::size_t>(size, 20)));
  } else {
    expect(list.error(), Errc::certificate_invalid);
  }
  if (const auto key = verified_request_key(octets)) {
    require(key->size() == 91);
  } else {
    expect(key.error(), Errc::invalid_argument);
  }
  return 0;
}
