#include "activation/findings.h"

#include <algorithm>

namespace signet::activation {
namespace {

bool same_serial(const identity::Ids& a, const identity::Ids& b) {  // the application may change
  return a.model_id == b.model_id && a.sn == b.sn;
}

class Findings {
 public:
  void add(Reason reason, std::string words) {
    const auto same = [reason](const Finding& finding) { return finding.reason == reason; };
    if (std::none_of(found_.begin(), found_.end(), same)) found_.push_back({reason, std::move(words)});
  }
  std::vector<Finding> take() { return std::move(found_); }

 private:
  std::vector<Finding> found_;
};

Result<void> compare_with_itself(View& view, const Registration& registration, Findings& findings) {
  SIGNET_ASSIGN(const auto known, view.device(registration.ueid));
  if (!known) return {};
  if (const auto reason = parse_reason(known->blocked)) findings.add(*reason, "the device is blocked");
  if (!known->released_at && !same_serial(known->ids, registration.ids)) {
    findings.add(Reason::chip_with_other_serial, "the chip is registered under another model or serial number");
  }
  return {};
}

Result<void> compare_with_devices(View& view, const Registration& registration, Findings& findings) {
  SIGNET_ASSIGN(const auto same_ids, view.devices({.model_id = registration.ids.model_id, .sn = registration.ids.sn}));
  for (const Device& other : same_ids) {
    if (other.ueid != registration.ueid && holds_serial(other)) {
      findings.add(Reason::serial_on_two_chips, "the serial number is registered with another chip");
    }
  }
  if (registration.chip.kind() == ChipKind::emulated) return {};  // an emulated CID is anybody's
  SIGNET_ASSIGN(const auto same_cid, view.devices_with_cid(registration.chip.cid_hash));
  for (const Device& other : same_cid) {
    if (other.ueid != registration.ueid && !same_serial(other.ids, registration.ids)) {
      findings.add(Reason::chip_with_other_serial, "a chip with this CID is registered under another serial number");
    }
  }
  return {};
}

Result<void> compare_with_reservations(View& view, const Registration& registration, UnixTime now, Findings& findings) {
  SIGNET_ASSIGN(const auto others, view.reservations(registration.ueid, registration.ids, now));
  for (const Registration& other : others) {
    if (other.ueid == registration.ueid) continue;  // its own will be replaced
    SIGNET_ASSIGN(const auto device, view.device(other.ueid));
    if (device && !holds_serial(*device)) continue;  // a refresh that will come to nothing
    findings.add(Reason::serial_on_two_chips, "another chip is being registered under the serial number");
  }
  return {};
}

}  // namespace

bool holds_serial(const Device& device) {
  return !device.released_at && device.blocked != name(Reason::blocked_by_operator);
}

Result<std::vector<Finding>> look_at(View& view, const Registration& registration, UnixTime now) {
  Findings findings;
  if (registration.chip.kind() == ChipKind::emulated) findings.add(Reason::emulated_chip, "the chip is emulated");
  SIGNET_TRY(compare_with_itself(view, registration, findings));
  SIGNET_TRY(compare_with_devices(view, registration, findings));
  SIGNET_TRY(compare_with_reservations(view, registration, now, findings));
  return findings.take();
}

Result<std::optional<Finding>> record(Transaction& transaction, const std::vector<Finding>& findings,
                                      const PolicyConfig& policy, const AuditEntry& entry) {
  std::optional<Finding> first;
  for (const Finding& finding : findings) {
    AuditEntry one = entry;
    one.reason = name(finding.reason);
    const bool blocks = policy.blocks(finding.reason);
    one.detail = finding.words + (blocks ? "; refused" : "; let through");
    SIGNET_TRY(transaction.add(one));
    if (blocks && !first) first = finding;
  }
  return first;
}

}  // namespace signet::activation
