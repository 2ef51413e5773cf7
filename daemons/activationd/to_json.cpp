#include "activationd/to_json.h"

#include <boost/json.hpp>

#include "base/base64.h"
#include "base/hex.h"

namespace signet::activationd {
namespace {

namespace json = boost::json;

std::int64_t seconds(activation::UnixTime time) { return time.time_since_epoch().count(); }

json::object to_json(const identity::Factor& factor) {
  json::object object{{"status", identity::name(factor.status)}};
  if (!factor.reason.empty()) object["reason"] = factor.reason;
  return object;
}

void add_unless_empty(json::object& object, std::string_view name, const std::string& value) {
  if (!value.empty()) object[json::string_view{name.data(), name.size()}] = value;
}

json::object to_json(const activation::Verdict::Subject& subject) {
  json::object object{{"ueid", subject.ueid},
                      {"model_id", subject.model_id},
                      {"app_id", subject.app_id},
                      {"generation", subject.generation},
                      {"transport", subject.transport},
                      {"key_protection", subject.key_protection},
                      {"use", identity::name(subject.use)},
                      {"issued_at", seconds(subject.issued_at)},
                      {"expires_at", seconds(subject.expires_at)}};
  if (subject.sn) object["sn"] = *subject.sn;
  if (subject.write_counter) object["write_counter"] = *subject.write_counter;
  if (subject.confirmation) object["cnf"] = {{"jkt", *subject.confirmation}};
  boost::system::error_code error;
  if (!subject.ext.empty()) object["ext"] = json::parse(subject.ext, error);
  return object;
}

json::object to_json(const activation::DeviceCertificate& certificate) {
  json::object object{{"serial", to_hex(certificate.serial)},        {"kind", activation::name(certificate.kind)},
                      {"ca_generation", certificate.ca_generation},  {"generation", certificate.generation},
                      {"issued_at", seconds(certificate.issued_at)}, {"expires_at", seconds(certificate.expires_at)}};
  if (certificate.revoked_at) object["revoked_at"] = seconds(*certificate.revoked_at);
  return object;
}

json::object to_json(const activation::CounterSighting& sighting) {
  return {{"counter", sighting.counter}, {"nonce_issued_at", seconds(sighting.nonce_issued_at)}};
}

template <class T>
json::array array_of(const std::vector<T>& items) {
  json::array array;
  for (const auto& item : items) array.push_back(to_json(item));
  return array;
}

}  // namespace

json::object to_json(const activation::SnTicket& ticket) {
  return {{"sn", ticket.sn}, {"sn_ticket", ticket.ticket}, {"expires", seconds(ticket.expires_at)}};
}

json::object to_json(const activation::Reservation& reservation) {
  return {{"id", reservation.id}, {"challenge", reservation.challenge}, {"expires", seconds(reservation.expires_at)}};
}

json::object to_json(const activation::Confirmation& confirmation) {
  json::array chain;
  for (const auto& certificate : confirmation.chain) chain.emplace_back(to_base64(certificate));
  return {{"id", confirmation.id}, {"chain", std::move(chain)}, {"generation", confirmation.generation}};
}

json::object to_json(const activation::Nonce& nonce) {
  return {{"nonce", nonce.nonce}, {"expires", seconds(nonce.expires_at)}};
}

json::object to_json(const activation::Verdict& verdict) {
  json::object object{{"verdict", verdict.accepted ? "accepted" : "rejected"},
                      {"factors",
                       {{"signature", to_json(verdict.signature)},
                        {"rpmb", to_json(verdict.rpmb)},
                        {"policy", to_json(verdict.policy)}}},
                      {"device", nullptr}};
  if (verdict.device) object["device"] = to_json(*verdict.device);
  return object;
}

json::object to_json(const activation::Release& release) {
  return {{"release", release.release}, {"expires", seconds(release.expires_at)}};
}

json::object to_json(const activation::Device& device) {
  json::object object{{"ueid", activation::to_text(device.ueid)},
                      {"model_id", device.ids.model_id},
                      {"sn", device.ids.sn},
                      {"app_id", device.ids.app_id},
                      {"transport", device.chip.transport},
                      {"key_protection", device.chip.key_protection},
                      {"cid_hash", to_base64url(device.chip.cid_hash)},
                      {"kcv", to_base64url(device.chip.kcv)},
                      {"escrowed", device.escrowed},
                      {"generation", device.generation},
                      {"registered_at", seconds(device.registered_at)},
                      {"confirmed_at", seconds(device.confirmed_at)},
                      {"blocked", !device.blocked.empty()}};
  add_unless_empty(object, "reason", device.blocked);
  add_unless_empty(object, "note", device.blocked_note);
  if (device.released_at) object["released_at"] = seconds(*device.released_at);
  return object;
}

json::object to_json(const activation::DeviceHistory& history) {
  auto object = to_json(history.device);
  object["certificates"] = array_of(history.certificates);
  object["counters"] = array_of(history.counters);
  object["entries"] = to_json_array(history.entries);
  return object;
}

json::object to_json(const activation::AuditEntry& entry) {
  json::object object{
      {"number", entry.number}, {"at", seconds(entry.at)}, {"actor", entry.actor}, {"action", entry.action}};
  add_unless_empty(object, "reason", entry.reason);
  if (entry.ueid) object["ueid"] = activation::to_text(*entry.ueid);
  add_unless_empty(object, "model_id", entry.model_id);
  add_unless_empty(object, "sn", entry.sn);
  add_unless_empty(object, "detail", entry.detail);
  return object;
}

}  // namespace signet::activationd
