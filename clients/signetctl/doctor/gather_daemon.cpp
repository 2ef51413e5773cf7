#include "signetctl/doctor/gather.h"
#include "signetctl/doctor/quotas.h"

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
  facts.unclean_starts = status.number("health.unclean_starts");
  facts.doubts = status.number("health.doubts").value_or(0);
  facts.slowest_ms = status.number("health.slowest_operation_ms");
}

void take_caller(const client::Row& caller, DaemonFacts& facts) {
  facts.space = caller.text("namespace").value_or("");
  facts.rights = caller.texts("rights");
}

// From the metrics, which every user may read, and which hold all namespaces for an administrator.
void gather_quotas(Session& session, DaemonFacts& facts) {
  const bool mounted = facts.state == "ready" || facts.state == "read_only";
  if (!mounted) {  // the metrics then have zeros
    facts.quotas_text = "not known until the above is right";
    return;
  }
  facts.quotas = quotas_in(session.daemon().metrics());
  if (facts.quotas.empty()) facts.quotas_text = "not known: the chip is busy; ask again";
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
    take_caller(caller.front(), facts);
    gather_quotas(session, facts);
  } catch (const client::Error& error) {
    facts.quotas_text = std::string{"not known: "} + error.what();
  }
  return facts;
}

}  // namespace signet::ctl
