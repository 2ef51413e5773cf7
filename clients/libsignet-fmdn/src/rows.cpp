#include "rows.h"

#include <new>

namespace signet::owner {
namespace {

// Adds the fields of what a service's data say.
struct Fields {
  Rows& rows;

  void operator()(std::monostate) const {}
  void operator()(const fmdn::SeenFrame& frame) const {
    rows.octets("eid", frame.eid)
        .text("curve", name(frame.eid.size() == 20 ? fmdn::Curve::secp160r1 : fmdn::Curve::secp256r1))
        .boolean("unwanted_tracking", frame.unwanted_tracking);
    if (frame.hidden_flags) rows.number("hidden_flags", *frame.hidden_flags);
  }
  void operator()(const fastpair::Discoverable& advert) const {
    rows.boolean("pairing_mode", true).octets("model_id", advert.model_id);
  }
  void operator()(const fastpair::NonDiscoverable& advert) const {
    rows.boolean("pairing_mode", false)
        .boolean("account_keys", !advert.filter.empty())
        .boolean("show_ui", advert.show_ui);
    if (advert.battery) rows.octets("battery", advert.battery->levels);
  }
  void operator()(const finder::DultFrame& frame) const {
    rows.text("network", finder::network_name(frame.network))
        .boolean("near_owner", frame.near_owner)
        .octets("payload", frame.payload);
  }
};

}  // namespace

Rows::Rows() : result_{signet_result_new()} {
  if (!result_) throw std::bad_alloc{};
}

Rows& Rows::check(int status) {
  if (status != SIGNET_OK) throw std::bad_alloc{};
  return *this;
}

Rows& Rows::row() { return check(signet_result_add_row(result_.get())); }
Rows& Rows::boolean(const char* field, bool value) {
  return check(signet_result_add_bool(result_.get(), field, value ? 1 : 0));
}
Rows& Rows::number(const char* field, std::uint64_t value) {
  return check(signet_result_add_uint(result_.get(), field, value));
}
Rows& Rows::real(const char* field, double value) {
  return check(signet_result_add_double(result_.get(), field, value));
}
Rows& Rows::text(const char* field, const std::string& value) {
  return check(signet_result_add_string(result_.get(), field, value.c_str()));
}
Rows& Rows::octets(const char* field, BytesView value) {
  return check(signet_result_add_bytes(result_.get(), field, value.data(), value.size()));
}
Rows& Rows::texts(const char* field, const std::vector<const char*>& items) {
  return check(signet_result_add_strings(result_.get(), field, items.data(), items.size()));
}

void add_service(Rows& rows, const finder::AdvertPart& part) {
  rows.number("uuid", part.uuid).text("service", finder::service_name(part.uuid)).octets("octets", part.octets);
  if (!part.problem.empty()) rows.text("problem", part.problem);
  std::visit(Fields{rows}, part.said);
}

void add_heard(Rows& rows, const std::string& address, const finder::Heard& heard) {
  for (const auto& part : heard.advert.parts) {
    add_service(rows.row(), part);
    rows.text("address", address).number("seen", heard.times);
    if (heard.rssi) rows.real("rssi", *heard.rssi);
    if (!heard.name.empty()) rows.text("name", heard.name);
    if (!heard.device.empty()) rows.text("device", heard.device);
  }
}

void add_notice(Rows& rows, const fmdn::RingNotice& notice) {
  rows.row()
      .text("state", name(notice.state))
      .texts("ringing", names_of(notice.ringing))
      .real("seconds_left", notice.left.count() / 10.0);
}

}  // namespace signet::owner
