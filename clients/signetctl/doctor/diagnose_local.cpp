// What can be said about a machine whose daemon does not answer.
#include <algorithm>

#include "signetctl/doctor/diagnose.h"

namespace signet::ctl {
namespace {

using Kind = PathFacts::Kind;

constexpr std::uint64_t kLittleSpace = 1024 * 1024;

Finding fail(const char* check, std::string text, std::string remedy) {
  return {check, Level::fail, std::move(text), std::move(remedy)};
}
Finding ok(const char* check, std::string text) { return {check, Level::ok, std::move(text), ""}; }
Finding skip(const char* check, std::string text) { return {check, Level::skip, std::move(text), ""}; }

std::string process(const LocalFacts& local) {
  return local.unit_pid == 0 ? "rpmbd.service" : "rpmbd (process " + std::to_string(local.unit_pid) + ")";
}

// The lock of the service itself is as it should be, even when the service hangs.
void judge_lock(const LocalFacts& local, std::vector<Finding>& findings) {
  if (!local.lock || (local.unit_pid != 0 && local.lock->pid == local.unit_pid)) return;
  const auto owner = local.lock->pid == 0 ? "a process" : "process " + std::to_string(local.lock->pid);
  findings.push_back(fail("chip", "another rpmbd owns the chip: " + owner + " holds " + local.lock->path,
                          "Stop it: two daemons must never write one chip."));
}

void judge_unit(const LocalFacts& local, std::vector<Finding>& findings) {
  if (local.unit_load == "not-found") {
    findings.push_back(fail("daemon", "rpmbd.service is not installed", "Install the package rpmbd."));
  } else if (local.unit_load == "masked") {
    findings.push_back(
        fail("daemon", "rpmbd.service is masked", "systemctl unmask rpmbd, then systemctl start rpmbd."));
  } else if (local.unit_active == "failed") {
    findings.push_back(
        fail("daemon", "rpmbd.service has failed (" + local.unit_result + ")",
             "See why with journalctl -u rpmbd; then systemctl reset-failed rpmbd and systemctl start rpmbd."));
  } else if (local.unit_active == "inactive") {
    findings.push_back(fail("daemon", "rpmbd.service is not started", "systemctl start rpmbd"));
  } else if (local.unit_active == "active") {
    findings.push_back({"daemon", Level::warn, process(local) + " runs, but does not answer",
                        "See journalctl -u rpmbd; if it hangs, systemctl restart rpmbd."});
  } else if (local.unit_active == "activating") {
    findings.push_back({"daemon", Level::warn, process(local) + " is starting",
                        "Ask again; if it stays so, see journalctl -u rpmbd."});
  }
  if (!local.daemon_user) {
    findings.push_back(fail("daemon", "there is no user rpmbd", "Run systemd-sysusers, or install the package rpmbd."));
  }
  judge_lock(local, findings);
}

Finding judge_config(const LocalFacts& local) {
  if (!local.config_valid) return skip("configuration", local.config_text);
  if (*local.config_valid) return ok("configuration", "/etc/signet/rpmbd.toml is valid");
  return fail("configuration", local.config_text,
              "Correct what the message names; 'rpmbd --check-config' tells whether it is right; then systemctl "
              "restart rpmbd.");
}

Finding judge_root(const LocalFacts& local) {
  std::string places;
  bool hidden = false;
  for (const auto& root : local.roots) {
    if (root.kind == Kind::file && (root.mode & 077) != 0) {
      return fail("root secret", root.path + " can be read by others than its owner", "chmod 600 " + root.path);
    }
    if (root.kind == Kind::file) return ok("root secret", root.path);
    hidden = hidden || root.kind == Kind::hidden;
    places += (places.empty() ? "" : ", ") + root.path;
  }
  if (hidden) return skip("root secret", "this user cannot look; run signetctl doctor as root");
  return fail(
      "root secret", "there is none in " + places,
      "Restore it from its backup with 'rpmbd-provision restore'; only on a new device, 'rpmbd-provision create'.");
}

Finding judge_one_node(const PathFacts& node, bool configured) {
  const std::string name = configured ? "chip.node = " + node.path : node.path;
  switch (node.kind) {
    case Kind::missing:
      if (!configured) {
        return fail("chip", name + " is the RPMB unit that the kernel found, but there is no such node",
                    "Is udev running (systemctl status systemd-udevd), and the kernel module sg loaded?");
      }
      return fail("chip", name + ": there is no such node",
                  "Correct chip.node in /etc/signet/rpmbd.toml, or remove it: rpmbd then finds the chip by itself.");
    case Kind::block_device:
      return fail("chip", name + " is a block device, not an RPMB node",
                  "Set chip.node to the character device, such as /dev/mmcblk0rpmb, or remove it.");
    case Kind::rpmb_device: return ok("chip", name);
    case Kind::character_device:
      return fail("chip", name + " is a character device, but of no driver that RPMB is reached by (rpmb, sg)",
                  "Set chip.node to the RPMB node, such as /dev/mmcblk0rpmb, or remove it: rpmbd then finds the chip.");
    case Kind::hidden: return skip("chip", name + ": this user cannot look");
    case Kind::file:
    case Kind::other: break;
  }
  return fail("chip", name + " is not a device", "Set chip.node to an RPMB character device, or remove it.");
}

void judge_node(const LocalFacts& local, std::vector<Finding>& findings) {
  if (local.transport == "emulator") {
    const bool there = local.chip_file && local.chip_file->kind == Kind::file;
    findings.push_back(ok("chip", "emulated" + (there ? ", in " + local.chip_file->path : std::string{})));
    return;
  }
  std::vector<PathFacts> candidates = local.nodes;
  if (local.node) candidates = {*local.node};
  if (candidates.empty()) {
    findings.push_back(
        fail("chip", "there is no RPMB node here: no /dev/mmcblk*rpmb, and no SCSI unit 49476 of a UFS device",
             "Does this machine have an eMMC or UFS chip with RPMB, and the kernel its drivers (mmc_block; ufshcd and "
             "sg)? For a node with another name, set chip.node in /etc/signet/rpmbd.toml."));
    return;
  }
  for (const auto& node : candidates) {
    findings.push_back(judge_one_node(node, local.node.has_value()));
    if (node.kind == Kind::rpmb_device && !node.daemon_may_use) {
      findings.push_back(fail("permissions", "the user rpmbd may not open " + node.path,
                              "Install rpmbd's udev rule (70-signet-rpmb.rules) and run 'udevadm trigger'."));
    }
  }
}

void judge_disks(const LocalFacts& local, std::vector<Finding>& findings) {
  for (const auto& disk : local.disks) {
    if (disk.free_octets >= kLittleSpace) continue;
    findings.push_back(
        fail("disk",
             "the file system of " + disk.path + " is full (" + std::to_string(disk.free_octets) + " octets are free)",
             "Free some space there, then systemctl restart rpmbd."));
  }
}

}  // namespace

std::vector<Finding> diagnose_local(const LocalFacts& local) {
  std::vector<Finding> findings;
  judge_unit(local, findings);
  findings.push_back(judge_config(local));
  judge_node(local, findings);
  findings.push_back(judge_root(local));
  judge_disks(local, findings);
  return findings;
}

}  // namespace signet::ctl
