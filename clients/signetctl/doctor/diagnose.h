// The doctor's judgement: from facts to findings. Pure, so that every fault can be tested without having it.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "signetctl/doctor/facts.h"

namespace signet::ctl {

enum class Level { ok, warn, fail, skip };
const char* name(Level level);  // "ok"

struct Finding {
  std::string check;  // "root secret"; stable, also in JSON
  Level level = Level::ok;
  std::string text;    // what was found
  std::string remedy;  // what to do; empty when there is nothing
};

// In the order of the checks: bus, daemon, interface, policy, configuration, chip, permissions, root secret,
// provisioned, key, store, writable, wear, starts, speed, quotas. `local`: only when the daemon did not tell its state.
std::vector<Finding> diagnose(const DaemonFacts& daemon, const std::optional<LocalFacts>& local);

// The device's identity and the way to its registrar, in the order of the checks: registration, ids, certificate,
// ticket, dns, connect, tls, http, clock. A stage of the network that was not reached is skipped.
std::vector<Finding> diagnose_identity(const IdentityFacts& identity, const ExpectedIds& expected);

// What can be said without the daemon; in the same order, those checks that found something.
std::vector<Finding> diagnose_local(const LocalFacts& local);

// Which check a problem of the daemon belongs to.
std::string_view check_of(std::string_view problem);

}  // namespace signet::ctl
