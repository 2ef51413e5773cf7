#include <grp.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <fcntl.h>
#include <toml++/toml.h>
#include <algorithm>
#include <cerrno>
#include <fstream>
#include <sstream>

#include "base/unique_fd.h"
#include "rpmb/transport/ufs/discovery.h"
#include "signetctl/doctor/gather.h"
#include "signetctl/program.h"

namespace signet::ctl {
namespace {

namespace fs = std::filesystem;
using Kind = PathFacts::Kind;

constexpr const char* kDaemonUser = "rpmbd";

// By the number of its driver: "rpmb" of eMMC, "sg" of UFS.
bool is_rpmb_driver(const fs::path& root, dev_t device) {
  std::ifstream drivers{root / "proc/devices"};
  unsigned number = 0;
  for (std::string line, name; std::getline(drivers, line) && line != "Block devices:";) {
    if (std::istringstream{line} >> number >> name && number == major(device) && (name == "rpmb" || name == "sg")) {
      return true;
    }
  }
  return false;
}

Kind kind_of(const fs::path& root, const struct stat& status) {
  const auto mode = status.st_mode;
  if (S_ISREG(mode)) return Kind::file;
  if (S_ISCHR(mode)) return is_rpmb_driver(root, status.st_rdev) ? Kind::rpmb_device : Kind::character_device;
  if (S_ISBLK(mode)) return Kind::block_device;
  return Kind::other;
}

// By owner, group and mode alone: what the kernel asks first.
bool may_use(const struct stat& status, const passwd& user) {
  if (user.pw_uid == 0) return true;
  if (status.st_uid == user.pw_uid) return (status.st_mode & S_IRUSR) && (status.st_mode & S_IWUSR);
  std::vector<gid_t> groups(64);
  int count = static_cast<int>(groups.size());
  ::getgrouplist(user.pw_name, user.pw_gid, groups.data(), &count);
  groups.resize(static_cast<std::size_t>(std::max(0, std::min(count, static_cast<int>(groups.size())))));
  const bool member = std::find(groups.begin(), groups.end(), status.st_gid) != groups.end();
  return member ? (status.st_mode & S_IRGRP) && (status.st_mode & S_IWGRP)
                : (status.st_mode & S_IROTH) && (status.st_mode & S_IWOTH);
}

PathFacts look(const fs::path& root, const std::string& path) {
  PathFacts facts{.path = path};
  struct stat status {};
  if (::stat((root / fs::path{path}.relative_path()).c_str(), &status) != 0) {
    facts.kind = errno == ENOENT || errno == ENOTDIR ? Kind::missing : Kind::hidden;
    return facts;
  }
  facts.kind = kind_of(root, status);
  facts.mode = status.st_mode & 07777;
  if (const passwd* user = ::getpwnam(kDaemonUser)) facts.daemon_may_use = may_use(status, *user);
  return facts;
}

std::vector<PathFacts> find_mmc_nodes(const fs::path& root) {
  std::vector<PathFacts> nodes;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{root / "dev", ignored}) {
    const std::string name = entry.path().filename();
    if (name.starts_with("mmcblk") && name.ends_with("rpmb")) nodes.push_back(look(root, "/dev/" + name));
  }
  return nodes;
}

// Generic SCSI nodes of UFS devices: only sysfs tells which one is RPMB.
std::vector<PathFacts> find_ufs_nodes(const fs::path& root) {
  std::vector<PathFacts> nodes;
  for (const auto& node : rpmb::ufs::list_nodes({.sysfs = root / "sys"})) nodes.push_back(look(root, node));
  return nodes;
}

// As rpmbd looks for them: eMMC first.
std::vector<PathFacts> find_nodes(const fs::path& root, const std::string& transport) {
  auto nodes = transport == "ufs" ? std::vector<PathFacts>{} : find_mmc_nodes(root);
  if (nodes.empty() && transport != "mmc") nodes = find_ufs_nodes(root);
  return nodes;
}

std::uint64_t number(const std::string& text) {
  std::uint64_t value = 0;
  std::istringstream{text} >> value;
  return value;
}

void ask_systemd(LocalFacts& facts) {
  const auto answer =
      run_program({"systemctl", "show", "rpmbd.service", "--property=LoadState,ActiveState,Result,MainPID"});
  if (!answer || answer->status != 0) return;
  std::istringstream lines{answer->text};
  for (std::string line; std::getline(lines, line);) {
    const auto value = line.substr(std::min(line.find('=') + 1, line.size()));
    if (line.starts_with("LoadState=")) facts.unit_load = value;
    if (line.starts_with("ActiveState=")) facts.unit_active = value;
    if (line.starts_with("Result=")) facts.unit_result = value;
    if (line.starts_with("MainPID=")) facts.unit_pid = number(value);
  }
}

// Without what the log puts before it.
std::string verdict_text(const std::string& output) {
  const auto start = output.find("config_invalid: ");
  const auto text = output.substr(start == std::string::npos ? 0 : start);
  return text.substr(0, text.find_last_not_of('\n') + 1);
}

// The daemon's own judgement, so that there is one parser of the configuration.
void check_config(const std::string& config, LocalFacts& facts) {
  if (::access(config.c_str(), R_OK) != 0 && errno == EACCES) {
    facts.config_text = "this user may not read " + config + "; run signetctl doctor as root";
    return;
  }
  for (const char* program : {"rpmbd", SIGNET_SBINDIR "/rpmbd", "/usr/sbin/rpmbd"}) {
    const auto verdict = run_program({program, "--check-config", "--config", config});
    if (!verdict || verdict->status == 127) continue;
    facts.config_valid = verdict->status == 0;
    facts.config_text = verdict_text(verdict->text);
    return;
  }
  facts.config_text = "cannot be checked: the program rpmbd is not installed";
}

// What the later checks need to know of the configuration; a broken one was named before.
void read_config(const fs::path& root, const std::string& path, LocalFacts& facts) try {
  const auto config = toml::parse_file((root / fs::path{path}.relative_path()).string());
  facts.transport = config["chip"]["transport"].value_or(facts.transport);
  if (const auto node = config["chip"]["node"].value<std::string>()) facts.node = look(root, *node);
  if (const auto file = config["emulator"]["file"].value<std::string>()) facts.chip_file = look(root, *file);
  if (const auto file = config["root"]["file"].value<std::string>()) facts.roots.back() = look(root, *file);
} catch (const toml::parse_error&) {
}

std::optional<LocalFacts::Lock> held_lock(const fs::path& directory) {
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator{directory, ignored}) {
    const UniqueFd fd{::open(entry.path().c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)};
    if (entry.path().extension() != ".lock" || !fd || ::flock(fd.get(), LOCK_SH | LOCK_NB) == 0) continue;
    std::string pid;
    std::ifstream{entry.path()} >> pid;
    return LocalFacts::Lock{number(pid), entry.path().string()};
  }
  return std::nullopt;
}

void look_at_disk(const fs::path& root, fs::path path, LocalFacts& facts) {
  path = root / path.relative_path();
  std::error_code ignored;
  while (!fs::exists(path, ignored) && path.has_relative_path()) path = path.parent_path();
  struct statvfs status {};
  if (::statvfs(path.c_str(), &status) == 0) {
    facts.disks.push_back({path.string(), std::uint64_t{status.f_bavail} * status.f_frsize});
  }
}

}  // namespace

LocalFacts gather_local(const std::filesystem::path& root) {
  const std::string config = "/etc/signet/rpmbd.toml";
  LocalFacts facts;
  facts.daemon_user = ::getpwnam(kDaemonUser) != nullptr;
  facts.roots = {look(root, "/etc/credstore.encrypted/signet-root-encrypted"), look(root, "/etc/credstore/signet-root"),
                 look(root, "/etc/signet/root-secret")};
  ask_systemd(facts);
  check_config((root / fs::path{config}.relative_path()).string(), facts);
  read_config(root, config, facts);
  facts.nodes = find_nodes(root, facts.transport);
  for (const char* directory : {"run/signet/rpmbd", "var/lib/signet/rpmbd"}) {
    if (!facts.lock) facts.lock = held_lock(root / directory);
  }
  look_at_disk(root, "/var/lib/signet/rpmbd", facts);
  if (facts.chip_file) look_at_disk(root, fs::path{facts.chip_file->path}.parent_path(), facts);
  return facts;
}

}  // namespace signet::ctl
