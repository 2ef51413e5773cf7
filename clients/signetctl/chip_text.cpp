#include "signetctl/chip_text.h"

#include <cstdio>

#include "base/base64.h"
#include "base/hex.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

std::string number(const client::Row& status, const char* field) {
  const auto value = status.number(field);
  return value ? std::to_string(*value) : "";
}

std::string size(const client::Row& status, const char* field) {
  const auto value = status.number(field);
  return value ? human_size(*value) : "";
}

std::string yes_no(const client::Row& status, const char* field) {
  const auto value = status.flag(field);
  return !value ? "" : *value ? "yes" : "no";
}

std::string chip_kind(const client::Row& status) {
  std::string kind = status.text("chip.transport").value_or("");
  if (status.flag("chip.emulated").value_or(false) && kind != "emulator") kind += ", counts as emulated";
  const auto node = status.text("chip.node").value_or("");
  return node.empty() ? kind : kind + " at " + node;
}

std::string wear(const client::Row& status) {
  const auto counter = status.number("health.write_counter");
  const auto budget = status.number("health.wear_budget");
  if (!counter || !budget) return number(status, "health.write_counter");
  char percent[32];
  std::snprintf(percent, sizeof percent, "%.2f", status.real("health.wear_percent").value_or(0));
  return std::to_string(*counter) + " of " + std::to_string(*budget) + " writes guaranteed (" + percent + " %)";
}

std::string slots(const client::Row& status) {
  const auto all = status.number("health.slots");
  return all ? number(status, "health.slots_used") + " used, " + number(status, "health.slots_free") + " free of " +
                   std::to_string(*all)
             : "";
}

std::string slowest(const client::Row& status) {
  const auto value = number(status, "health.slowest_operation_ms");
  return value.empty() ? "" : value + " ms";
}

}  // namespace

Facts chip_facts(const client::Row& status) {
  return {{"chip", chip_kind(status)},
          {"cid", status.text("chip.cid").value_or("")},
          {"size", size(status, "chip.size")},
          {"provisioned", yes_no(status, "chip.provisioned")},
          {"root secret", status.text("chip.root_source").value_or("")},
          {"store", size(status, "chip.region")},
          {"slots", slots(status)},
          {"wear", wear(status)},
          {"reads", number(status, "health.reads")},
          {"writes", number(status, "health.writes")},
          {"retries", number(status, "health.retries")},
          {"doubts", number(status, "health.doubts")},
          {"slowest operation", slowest(status)}};
}

Facts more_chip_facts(const client::Row& status) {
  return {{"ueid", ueid_text(status.text("chip.ueid").value_or(""))},
          {"store id", status.text("chip.store_id").value_or("")},
          {"slot", size(status, "chip.slot")},
          {"frames in a write", number(status, "chip.write_frames")},
          {"write of open fate", yes_no(status, "health.unsettled")},
          {"unclean starts", number(status, "health.unclean_starts")}};
}

std::string ueid_text(const std::string& hex) {
  const auto octets = from_hex(hex);
  return octets ? to_base64url(*octets) : hex;
}

void spell_ueid(boost::json::object& object) {
  auto* ueid = object.if_contains("ueid");
  if (ueid && ueid->is_string()) *ueid = ueid_text(std::string{ueid->get_string()});
}

}  // namespace signet::ctl
