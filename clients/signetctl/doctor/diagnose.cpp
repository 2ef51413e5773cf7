#include "signetctl/doctor/diagnose.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "base/error.h"

namespace signet::ctl {
namespace {

// Checks that the daemon's state answers, in the order in which the daemon itself gets there.
constexpr auto kStateChecks = std::to_array<std::string_view>(
    {"configuration", "chip", "permissions", "root secret", "provisioned", "key", "store", "writable"});

constexpr double kWearWarning = 80;
constexpr double kPercentFull = 80;
constexpr std::uint64_t kSlowOperation_ms = 1000;

Finding ok(std::string check, std::string text) { return {std::move(check), Level::ok, std::move(text), ""}; }

std::string what_is_right(std::string_view check, const DaemonFacts& daemon) {
  if (check == "configuration") return "rpmbd runs with it";
  if (check == "root secret") return daemon.root_source.empty() ? "present" : "present: " + daemon.root_source;
  if (check == "chip") return daemon.chip.empty() ? "found" : daemon.chip;
  if (check == "permissions") return "rpmbd can use the chip";
  if (check == "provisioned") return "the chip has a key";
  if (check == "key") return "the chip answers with this device's key";
  if (check == "store") return "mounted";
  return "writes are accepted";
}

// What keeps the chip from being opened is the chip's: nothing after it was looked at.
std::string_view failing_check(const DaemonFacts& daemon) {
  if (daemon.problem.empty()) return "";
  const auto check = check_of(daemon.problem);
  const bool opened = !daemon.chip.empty();
  return opened || check == "configuration" || check == "permissions" ? check : "chip";
}

// The checks of the daemon's state up to its problem; what comes after that is not known.
void judge_state(const DaemonFacts& daemon, std::vector<Finding>& findings) {
  const auto failing = failing_check(daemon);
  bool known = true;
  for (const auto check : kStateChecks) {
    std::string label{check};
    if (check == failing) {
      findings.push_back({std::move(label), Level::fail, daemon.problem + ": " + daemon.problem_text, daemon.remedy});
      known = check == "writable";
    } else if (!known) {
      findings.push_back({std::move(label), Level::skip, "not known until the above is right", ""});
    } else if (check == "chip" && daemon.emulated) {
      findings.push_back({std::move(label), Level::warn, daemon.chip + ": an emulated chip protects nothing",
                          "Use a real chip for anything that matters."});
    } else {
      findings.push_back(ok(std::move(label), what_is_right(check, daemon)));
    }
  }
}

Finding judge_wear(const DaemonFacts& daemon) {
  if (!daemon.wear_percent) return {"wear", Level::skip, "not known", ""};
  char text[64];
  std::snprintf(text, sizeof text, "%.2f %% of the guaranteed writes are spent", *daemon.wear_percent);
  if (*daemon.wear_percent < kWearWarning) return ok("wear", text);
  return {
      "wear", *daemon.wear_percent < 100 ? Level::warn : Level::fail, text,
      "Find out who writes so much ('signetctl metrics'), lower writes_per_day in /etc/signet/rpmbd.toml, and plan to "
      "replace the device."};
}

Finding judge_starts(const DaemonFacts& daemon) {
  if (daemon.unclean_starts.value_or(0) > 0) {
    return {"starts", Level::warn,
            "the last start found a write that a power cut had torn; nothing acknowledged was lost",
            "If this comes often, look at the device's power supply."};
  }
  if (daemon.doubts > 0) {
    return {"starts", Level::warn, std::to_string(daemon.doubts) + " writes were in doubt for a while",
            "Look into the kernel's log for errors of the storage controller."};
  }
  if (!daemon.unclean_starts) return {"starts", Level::skip, "not known", ""};
  return ok("starts", "the last one was clean");
}

void judge_speed(const DaemonFacts& daemon, std::vector<Finding>& findings) {
  if (!daemon.slowest_ms) return;
  const auto text = "the slowest chip operation took " + std::to_string(*daemon.slowest_ms) + " ms";
  if (*daemon.slowest_ms < kSlowOperation_ms) return findings.push_back(ok("speed", text));
  findings.push_back({"speed", Level::warn, text,
                      "Look into the kernel's log for errors of the storage controller, and compare with what the "
                      "chip's vendor states. Time-outs of clients must be longer than that."});
}

std::vector<Finding> judge_room(const DaemonFacts& daemon) {
  std::vector<Finding> findings;
  const auto judge = [&](const std::string& what, std::uint64_t used, std::uint64_t most, const char* remedy) {
    if (most == 0 || static_cast<double>(used) * 100 < kPercentFull * static_cast<double>(most)) return;
    findings.push_back({"quotas", used < most ? Level::warn : Level::fail,
                        std::to_string(used) + " of " + std::to_string(most) + " " + what + " are used", remedy});
  };
  if (daemon.slots && daemon.slots_free) {
    judge("slots of the store", *daemon.slots - std::min(*daemon.slots_free, *daemon.slots), *daemon.slots,
          "Delete objects, or make a larger store with 'signetctl chip format --region SIZE', which erases this one.");
  }
  for (const auto& quota : daemon.quotas) {
    judge(
        quota.what, quota.used, quota.most,
        "Delete what is no longer needed, or raise the namespace's quota in /etc/signet/rpmbd.toml and reload rpmbd.");
  }
  if (daemon.quotas.empty()) {
    findings.push_back({"quotas", Level::skip, daemon.quotas_text, ""});
  } else if (findings.empty()) {
    findings.push_back(ok("quotas", "there is room"));
  }
  return findings;
}

Finding judge_policy(const DaemonFacts& daemon) {
  if (daemon.space.empty()) return {"policy", Level::skip, "not known", ""};
  std::string rights;
  for (const auto& right : daemon.rights) rights += (rights.empty() ? "" : ", ") + right;
  return ok("policy", "namespace " + daemon.space + ", rights: " + (rights.empty() ? "none" : rights));
}

Finding state_not_told(const DaemonFacts& daemon) {
  switch (static_cast<Errc>(daemon.code)) {
    case Errc::access_denied:
      return {"policy", Level::fail, daemon.text,
              "Add a [[client]] entry for this user to /etc/signet/rpmbd.d/*.toml, then systemctl reload rpmbd."};
    case Errc::incompatible:
      return {"interface", Level::fail, daemon.text, "Install signetctl, libsignet and rpmbd of the same version."};
    case Errc::timeout:
      return {"daemon", Level::fail, daemon.text, "See journalctl -u rpmbd; if it hangs, systemctl restart rpmbd."};
    default: return {"daemon", Level::fail, daemon.text, "See systemctl status rpmbd and journalctl -u rpmbd."};
  }
}

// Before the daemon's state: the bus and the daemon answered, or which of them did not.
std::vector<Finding> judge_reach(const DaemonFacts& daemon) {
  const bool no_bus =
      daemon.code == static_cast<int>(Errc::no_service) && daemon.text.find("system bus") != std::string::npos;
  if (no_bus) return {{"bus", Level::fail, daemon.text, "Start the system bus: systemctl start dbus."}};
  std::vector<Finding> findings{ok("bus", "the system bus answers")};
  if (daemon.code != 0) {
    auto failed = state_not_told(daemon);
    if (failed.check != "daemon") findings.push_back(ok("daemon", "running"));
    if (failed.check == "policy") findings.push_back(ok("interface", "this generation"));
    findings.push_back(std::move(failed));
    return findings;
  }
  findings.push_back(ok("daemon", "rpmbd " + daemon.version + ", " + daemon.state));
  findings.push_back(ok("interface", "this generation"));
  findings.push_back(judge_policy(daemon));
  return findings;
}

}  // namespace

const char* name(Level level) {
  switch (level) {
    case Level::ok: return "ok";
    case Level::warn: return "warn";
    case Level::fail: return "fail";
    case Level::skip: return "skip";
  }
  return "";
}

std::string_view check_of(std::string_view problem) {
  struct Row {
    std::string_view problem;
    std::string_view check;
  };
  static constexpr auto kRows = std::to_array<Row>({{"config_invalid", "configuration"},
                                                    {"root_secret_missing", "root secret"},
                                                    {"root_secret_changed", "root secret"},
                                                    {"chip_permission", "permissions"},
                                                    {"busy", "permissions"},
                                                    {"not_provisioned", "provisioned"},
                                                    {"wrong_key", "key"},
                                                    {"not_authentic", "key"},
                                                    {"not_formatted", "store"},
                                                    {"unsupported_format", "store"},
                                                    {"geometry", "store"},
                                                    {"foreign_filesystem", "store"},
                                                    {"damaged", "store"},
                                                    {"foreign_writer", "writable"},
                                                    {"rollback", "writable"},
                                                    {"worn_out", "writable"},
                                                    {"media", "writable"},
                                                    {"read_only", "writable"}});
  const auto* row = std::find_if(kRows.begin(), kRows.end(), [&](const Row& r) { return r.problem == problem; });
  return row == kRows.end() ? "chip" : row->check;
}

std::vector<Finding> diagnose(const DaemonFacts& daemon, const std::optional<LocalFacts>& local) {
  auto findings = judge_reach(daemon);
  if (daemon.code != 0) {
    if (local) {
      for (auto& finding : diagnose_local(*local)) findings.push_back(std::move(finding));
    }
    return findings;
  }
  judge_state(daemon, findings);
  findings.push_back(judge_wear(daemon));
  findings.push_back(judge_starts(daemon));
  judge_speed(daemon, findings);
  for (auto& finding : judge_room(daemon)) findings.push_back(std::move(finding));
  return findings;
}

}  // namespace signet::ctl
