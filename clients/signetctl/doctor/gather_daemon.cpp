#include "signetctl/doctor/gather.h"

namespace signet::ctl {
namespace {

void take_state(const client::Row& status, DaemonFacts& facts) {
  const auto text = [&](const char* field) { return status.text(field).value_or(""); };
  facts.version = text("version");
  facts.state = text("state");
  facts.problem = text("problem");
  facts.problem_text = text("problem_text");
  facts.remedy = text("remedy");
  facts.root_source = text("chip.root_source");
  facts.emulated = status.flag("chip.emulated").value_or(false);
  facts.provisioned = status.flag("chip.provisioned");
  if (const auto transport = text("chip.transport"); !transport.empty())
    facts.chip = transport + " at " + text("chip.node");
  facts.wear_percent = status.real("health.wear_percent");
  facts.slots = status.number("health.slots");
  facts.slots_free = status.number("health.slots_free");
  facts.unclean_starts = status.number("health.unclean_starts").value_or(0);
  facts.doubts = status.number("health.doubts").value_or(0);
}

void take_usage(const client::Row& usage, DaemonFacts& facts) {
  const auto take = [&](const char* what, const char* used, const char* most) {
    const auto limit = usage.number(most);
    if (limit) facts.quotas.push_back({what, usage.number(used).value_or(0), *limit});
  };
  take("objects", "objects", "max_objects");
  take("octets", "bytes", "max_bytes");
  take("keys", "keys", "max_keys");
  take("writes a day", "writes_today", "max_writes_per_day");
}

}  // namespace

DaemonFacts gather_daemon(Session& session) {
  DaemonFacts facts;
  try {
    const auto status = session.daemon().status();
    take_state(status.front(), facts);
  } catch (const client::Error& error) {
    facts.code = error.code();
    facts.text = error.what();
    return facts;
  }
  try {
    const auto caller = session.daemon().whoami();
    facts.space = caller.front().text("namespace").value_or("");
    facts.rights = caller.front().texts("rights");
    const auto usage = session.daemon().usage();
    take_usage(usage.front(), facts);
  } catch (const client::Error&) {  // no right to the store, or no chip: the state has told why
  }
  return facts;
}

}  // namespace signet::ctl
