#include "crypto/x509_parts.h"

#include <algorithm>
#include <ctime>

#include "crypto/sha256.h"

namespace signet::crypto {

bool is_es256(const X509_ALGOR* algorithm) {
  const ASN1_OBJECT* object = nullptr;
  int type = V_ASN1_UNDEF;
  X509_ALGOR_get0(&object, &type, nullptr, algorithm);
  return OBJ_obj2nid(object) == NID_ecdsa_with_SHA256 && type == V_ASN1_UNDEF;
}

std::optional<UnixTime> to_unix_time(const ASN1_TIME* time) {
  std::tm parts{};
  if (time == nullptr || ASN1_TIME_to_tm(time, &parts) != 1) return std::nullopt;
  return UnixTime{std::chrono::seconds{::timegm(&parts)}};
}

TimeOwner from_unix_time(UnixTime time) {
  TimeOwner made{ASN1_TIME_set(nullptr, time.time_since_epoch().count())};
  if (to_unix_time(made.get()) != time) made.reset();
  ERR_clear_error();
  return made;
}

Bytes without_leading_zeros(BytesView octets) {
  return {std::ranges::find_if(octets, [](std::uint8_t octet) { return octet != 0; }), octets.end()};
}

std::optional<Bytes> to_serial(const ASN1_INTEGER* number) {
  const BytesView octets{ASN1_STRING_get0_data(number), static_cast<std::size_t>(ASN1_STRING_length(number))};
  Bytes serial = without_leading_zeros(octets);
  const bool fits = serial.size() < kMaxSerial || (serial.size() == kMaxSerial && serial.front() < 0x80);
  if (ASN1_STRING_type(number) != V_ASN1_INTEGER || serial.empty() || !fits) return std::nullopt;
  return serial;
}

IntegerOwner from_serial(BytesView octets) {
  const Number number{BN_bin2bn(octets.data(), static_cast<int>(octets.size()), nullptr)};
  IntegerOwner serial{BN_to_ASN1_INTEGER(number.get(), nullptr)};
  require(serial != nullptr);
  if (!to_serial(serial.get())) serial.reset();
  return serial;
}

ObjectOwner object_identifier(std::string_view dotted) {
  ObjectOwner object{OBJ_txt2obj(std::string{dotted}.c_str(), 1)};
  ERR_clear_error();
  return object;
}

OctetsOwner key_identifier(const X509_PUBKEY* key) {
  const std::uint8_t* point = nullptr;
  int size = 0;
  require(X509_PUBKEY_get0_param(nullptr, &point, &size, nullptr, key));
  const Digest digest = sha256(BytesView{point, static_cast<std::size_t>(size)});
  OctetsOwner identifier{ASN1_OCTET_STRING_new()};
  require(ASN1_OCTET_STRING_set(identifier.get(), digest.data(), 20));
  return identifier;
}

bool add_extension(X509* x509, int nid, void* value, bool critical) {
  return X509_add1_ext_i2d(x509, nid, value, critical ? 1 : 0, X509V3_ADD_APPEND) == 1;
}

}  // namespace signet::crypto
