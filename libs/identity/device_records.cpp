#include "identity/device_records.h"

#include <algorithm>
#include <boost/json.hpp>
#include <charconv>

#include "base/base64.h"
#include "jose/members.h"
#include "jose/strict_json.h"

namespace signet::identity {
namespace {

namespace json = boost::json;

constexpr std::size_t kMaxCertificate = 4096;
constexpr const char* kSpace = "signet";
constexpr const char* kIdentity = "identity";
constexpr const char* kPending = "pending";
constexpr const char* kDeviceKey = "device-key";
constexpr const char* kPendingKey = "pending-key";

rpmb::ObjectName object(const char* name) { return {rpmb::ObjectKind::system, kSpace, name}; }
rpmb::Change removal(const char* name) { return {object(name), std::nullopt}; }

Bytes to_bytes(const std::string& text) { return {text.begin(), text.end()}; }

template <class Record>
json::object to_json(const Record& record) {
  return {{"id", to_base64url(record.id)},
          {"model_id", record.ids.model_id},
          {"sn", record.ids.sn},
          {"app_id", record.ids.app_id},
          {"sn_ticket", to_base64url(record.sn_ticket)}};
}

Result<Ids> ids_in(const jose::Members& record) {
  Ids ids;
  SIGNET_ASSIGN(ids.model_id, record.text("model_id"));
  SIGNET_ASSIGN(ids.sn, record.text("sn"));
  SIGNET_ASSIGN(ids.app_id, record.text("app_id"));
  return ids;
}

Result<IdentityRecord> parse_identity(const jose::Members& record) {
  SIGNET_ASSIGN(const auto id, record.octets<RegistrationId{}.size()>("id"));
  SIGNET_ASSIGN(auto ids, ids_in(record));
  SIGNET_ASSIGN(const auto sn_ticket, record.octets<crypto::kSha256Size>("sn_ticket"));
  SIGNET_ASSIGN(auto registrar, record.text("registrar"));
  SIGNET_ASSIGN(const auto der, record.octets("certificate", 1, kMaxCertificate));
  SIGNET_ASSIGN(auto certificate, crypto::Certificate::from_der(der));
  return IdentityRecord{.id = id,
                        .ids = std::move(ids),
                        .sn_ticket = sn_ticket,
                        .registrar = std::move(registrar),
                        .certificate = std::move(certificate)};
}

Result<PendingRecord> parse_pending(const jose::Members& record) {
  SIGNET_ASSIGN(const auto id, record.octets<RegistrationId{}.size()>("id"));
  SIGNET_ASSIGN(auto ids, ids_in(record));
  SIGNET_ASSIGN(const auto sn_ticket, record.octets<crypto::kSha256Size>("sn_ticket"));
  return PendingRecord{.id = id, .ids = std::move(ids), .sn_ticket = sn_ticket};
}

Failure damaged(const char* name, const std::string& why) {
  return fail(Errc::damaged, std::string{"the record '"} + name + "' of the device's identity: " + why);
}

// Takes a record apart, if there is one.
template <class Record>
Result<std::optional<Record>> parse(const char* name, const std::optional<Bytes>& octets,
                                    Result<Record> (*parse_members)(const jose::Members&)) {
  if (!octets) return std::nullopt;
  const auto object = jose::parse_json_object(as_text(*octets));
  if (!object) return damaged(name, object.error().context);
  auto record = parse_members(jose::Members{*object});
  if (!record) return damaged(name, record.error().context);
  return std::optional<Record>{*std::move(record)};
}

// The change that stores a key; its value is to be wiped by the caller.
rpmb::Change key_change(const char* name, const crypto::P256PrivateKey& key) {
  const auto scalar = key.scalar();
  return {object(name), Bytes{scalar.view().begin(), scalar.view().end()}};
}

}  // namespace

std::uint32_t generation(const IdentityRecord& record) {
  const auto text = record.certificate.organizational_unit();
  std::uint32_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() ? value : 0;
}

Result<std::optional<Bytes>> DeviceRecords::read(const char* name) {
  if (!store_.contains(object(name))) return std::nullopt;
  SIGNET_ASSIGN(auto octets, store_.get(object(name)));
  return octets;
}

Result<std::optional<IdentityRecord>> DeviceRecords::identity() {
  SIGNET_ASSIGN(const auto octets, read(kIdentity));
  return parse(kIdentity, octets, parse_identity);
}

Result<std::optional<PendingRecord>> DeviceRecords::pending() {
  SIGNET_ASSIGN(const auto octets, read(kPending));
  return parse(kPending, octets, parse_pending);
}

Result<crypto::P256PrivateKey> DeviceRecords::read_key(const char* name, Errc missing) {
  SIGNET_ASSIGN(auto octets, read(name));
  if (!octets) return fail(missing, std::string{"there is no "} + name + " in the store");
  crypto::P256Scalar scalar;
  const bool fits = octets->size() == scalar.view().size();
  if (fits) std::copy(octets->begin(), octets->end(), scalar.writable().begin());
  wipe(octets->data(), octets->size());
  auto key = crypto::P256PrivateKey::from_scalar(scalar);
  if (!fits || !key) return damaged(name, "not a private key");
  return key;
}

Result<crypto::P256PrivateKey> DeviceRecords::device_key() { return read_key(kDeviceKey, Errc::certificate_invalid); }
Result<crypto::P256PrivateKey> DeviceRecords::pending_key() { return read_key(kPendingKey, Errc::not_found); }

Result<void> DeviceRecords::begin(const PendingRecord& pending, const crypto::P256PrivateKey& key) {
  std::vector<rpmb::Change> changes;
  changes.push_back({object(kPending), to_bytes(json::serialize(to_json(pending)))});
  changes.push_back(key_change(kPendingKey, key));
  auto done = store_.apply(changes);
  wipe(changes.back().value->data(), changes.back().value->size());
  return done;
}

Result<void> DeviceRecords::complete(const IdentityRecord& identity) {
  SIGNET_ASSIGN(const auto key, pending_key());
  auto record = to_json(identity);
  record["registrar"] = identity.registrar;
  record["certificate"] = to_base64url(identity.certificate.der());
  std::vector<rpmb::Change> changes;
  changes.push_back({object(kIdentity), to_bytes(json::serialize(record))});
  changes.push_back(removal(kPending));
  changes.push_back(removal(kPendingKey));
  changes.push_back(key_change(kDeviceKey, key));
  auto done = store_.apply(changes);
  wipe(changes.back().value->data(), changes.back().value->size());
  return done;
}

Result<void> DeviceRecords::cancel() {
  if (!store_.contains(object(kPending))) return fail(Errc::not_found, "no registration is under way");
  return store_.apply(std::vector<rpmb::Change>{removal(kPending), removal(kPendingKey)});
}

Result<void> DeviceRecords::release() {
  return store_.apply(std::vector<rpmb::Change>{removal(kIdentity), removal(kDeviceKey)});
}

}  // namespace signet::identity
