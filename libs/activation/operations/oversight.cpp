// What operators do: see devices and the audit log, block and unblock.
#include <algorithm>

#include "activation/findings.h"
#include "activation/operations/context.h"
#include "activation/unit.h"

namespace signet::activation::operations {
namespace {

constexpr std::size_t kPage = 1000;

Result<Ueid> check(const Actor& actor, std::string_view ueid) {
  SIGNET_TRY(require_role(actor, Role::operator_));
  return parse_ueid(ueid);
}

Result<void> check(const Actor& actor, const DeviceFilter& filter) {
  SIGNET_TRY(require_role(actor, Role::operator_));
  if (!filter.model_id.empty()) {
    SIGNET_TRY(identity::check_model_id(filter.model_id));
    SIGNET_TRY(require_model(actor, filter.model_id));
  }
  if (!filter.sn.empty()) SIGNET_TRY(identity::check_sn(filter.sn));
  if (filter.after.empty()) return check_limit(filter.limit);
  SIGNET_TRY(parse_ueid(filter.after));
  return check_limit(filter.limit);
}

// Pages of which an actor may not see everything are filled up from the next.
Result<std::vector<Device>> seen_devices(View& view, const Actor& actor, DeviceFilter filter) {
  const std::size_t wanted = filter.limit;
  std::vector<Device> seen;
  for (;;) {
    SIGNET_ASSIGN(const auto page, view.devices(filter));
    for (const Device& device : page) {
      if (seen.size() < wanted && actor.may_see(device.ids.model_id)) seen.push_back(device);
    }
    if (seen.size() == wanted || page.size() < filter.limit) return seen;
    filter.after = to_text(page.back().ueid);
    filter.limit = kPage;
  }
}

Result<std::vector<AuditEntry>> seen_entries(View& view, const Actor& actor, std::uint64_t after, std::size_t wanted) {
  std::vector<AuditEntry> seen;
  for (std::size_t limit = wanted;; limit = kPage) {
    SIGNET_ASSIGN(const auto page, view.audit(after, limit));
    for (const AuditEntry& entry : page) {
      const bool visible = actor.models.empty() || (!entry.model_id.empty() && actor.may_see(entry.model_id));
      if (seen.size() < wanted && visible) seen.push_back(entry);
    }
    if (seen.size() == wanted || page.size() < limit) return seen;
    after = page.back().number;
  }
}

bool continues_utf8(char c) { return (static_cast<unsigned char>(c) & 0xc0) == 0x80; }

Result<void> check_reason(std::string_view reason) {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < ' ' || c == '\x7f'; };
  if (reason.empty() || reason.size() > kMaxReason || continues_utf8(reason.front()) ||
      std::any_of(reason.begin(), reason.end(), control)) {
    return fail(Errc::invalid_argument,
                "reason: must be 1 to " + std::to_string(kMaxReason) + " octets of UTF-8 without control characters");
  }
  return {};
}

AuditEntry entry_of(const Device& device, const Actor& actor, UnixTime now, const char* action,
                    const std::string& detail) {
  return {.at = now,
          .actor = actor.name,
          .action = action,
          .ueid = device.ueid,
          .model_id = device.ids.model_id,
          .sn = device.ids.sn,
          .detail = detail};
}

// While it was blocked, another device may have been registered under its serial number.
Result<void> check_serial_is_free(View& view, const Device& device) {
  SIGNET_ASSIGN(const auto same, view.devices({.model_id = device.ids.model_id, .sn = device.ids.sn}));
  const auto taken = [&](const Device& other) { return other.ueid != device.ueid && holds_serial(other); };
  if (std::none_of(same.begin(), same.end(), taken)) return {};
  return fail(Errc::already_exists,
              "ueid: another device has its serial number by now; block that one, or release it, first");
}

}  // namespace

Result<void> check_limit(std::size_t limit) {
  if (limit >= 1 && limit <= kMaxPage) return {};
  return fail(Errc::invalid_argument, "limit: must be 1 to " + std::to_string(kMaxPage));
}

void devices(const Context& context, const Actor& actor, const DeviceFilter& filter, Done<std::vector<Device>> done) {
  if (auto good = check(actor, filter); !good) return done(fail(good.error()));
  std::vector<Device> seen;
  auto read = context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(seen, seen_devices(view, actor, filter));
    return {};
  });
  if (!read) return done(fail(std::move(read).error()));
  done(std::move(seen));
}

void device(const Context& context, const Actor& actor, const std::string& ueid, Done<DeviceHistory> done) {
  const auto parsed = check(actor, ueid);
  if (!parsed) return done(fail(parsed.error()));
  DeviceHistory history;
  auto read = context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(history.device, touchable_device(view, actor, *parsed));
    SIGNET_ASSIGN(history.certificates, view.certificates(*parsed));
    SIGNET_ASSIGN(history.counters, view.sightings(*parsed));
    SIGNET_ASSIGN(history.entries, view.audit_of(*parsed, kMaxPage));
    return {};
  });
  if (!read) return done(fail(std::move(read).error()));
  done(std::move(history));
}

void block(const Context& context, const Actor& actor, const std::string& ueid, const std::string& reason,
           Done<Device> done) {
  const auto parsed = check(actor, ueid);
  if (!parsed) return done(fail(parsed.error()));
  if (auto good = check_reason(reason); !good) return done(fail(good.error()));
  decide<Device>(
      context.repository,
      [actor, reason, ueid = *parsed, now = context.now](Transaction& transaction) -> Result<Answer<Device>> {
        SIGNET_ASSIGN(Device device, touchable_device(transaction, actor, ueid));
        if (device.blocked == name(Reason::blocked_by_operator)) {
          return fail(Errc::already_exists, "ueid: the device is blocked already");
        }
        device.blocked = name(Reason::blocked_by_operator);
        device.blocked_note = reason;
        SIGNET_TRY(transaction.put(device));
        AuditEntry entry = entry_of(device, actor, now, "block", reason);
        entry.reason = device.blocked;
        SIGNET_TRY(transaction.add(entry));
        return Answer<Device>{device};
      },
      std::move(done));
}

// What spoke against the device is settled with it, the counters included: they begin anew.
void unblock(const Context& context, const Actor& actor, const std::string& ueid, Done<Device> done) {
  const auto parsed = check(actor, ueid);
  if (!parsed) return done(fail(parsed.error()));
  decide<Device>(
      context.repository,
      [actor, ueid = *parsed, now = context.now](Transaction& transaction) -> Result<Answer<Device>> {
        SIGNET_ASSIGN(Device device, touchable_device(transaction, actor, ueid));
        if (device.blocked.empty()) return fail(Errc::already_exists, "ueid: the device is not blocked");
        SIGNET_TRY(check_serial_is_free(transaction, device));
        SIGNET_TRY(transaction.add(entry_of(device, actor, now, "unblock", "was " + device.blocked)));
        device.blocked.clear();
        device.blocked_note.clear();
        SIGNET_TRY(transaction.put(device));
        SIGNET_TRY(transaction.forget_sightings(ueid));
        return Answer<Device>{device};
      },
      std::move(done));
}

void audit(const Context& context, const Actor& actor, std::uint64_t after, std::size_t limit,
           Done<std::vector<AuditEntry>> done) {
  if (auto good = require_role(actor, Role::operator_); !good) return done(fail(good.error()));
  if (auto good = check_limit(limit); !good) return done(fail(good.error()));
  if (after > static_cast<std::uint64_t>(INT64_MAX)) return done(fail(Errc::invalid_argument, "after: is too large"));
  std::vector<AuditEntry> seen;
  auto read = context.repository.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(seen, seen_entries(view, actor, after, limit));
    return {};
  });
  if (!read) return done(fail(std::move(read).error()));
  done(std::move(seen));
}

}  // namespace signet::activation::operations
