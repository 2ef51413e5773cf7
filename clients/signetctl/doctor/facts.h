// What the doctor has found out, not judged yet. Filled by gather_*(), judged by diagnose().
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "https/transfer.h"

namespace signet::ctl {

// What came over the bus.
struct DaemonFacts {
  int code = 0;      // of asking for the state: 0, or a code of errors.def
  std::string text;  // when code is not 0
  std::string version;
  std::string state;
  std::string problem;  // name of an error; empty when there is none
  std::string problem_text;
  std::string remedy;

  std::string chip;  // "mmc at /dev/mmcblk0rpmb"; empty when none was found
  bool emulated = false;
  std::optional<bool> provisioned;
  std::string root_source;

  std::optional<double> wear_percent;
  std::optional<std::uint64_t> slots;
  std::optional<std::uint64_t> slots_free;
  std::optional<std::uint64_t> unclean_starts;  // nothing: no store is mounted
  std::uint64_t doubts = 0;
  std::optional<std::uint64_t> slowest_ms;  // the longest chip operation; nothing: the daemon does not tell

  std::string space;  // this user's namespace; empty when not known
  std::vector<std::string> rights;
  struct Quota {
    std::string what;  // "objects of namespace alice"
    std::uint64_t used = 0;
    std::uint64_t most = 0;
  };
  std::vector<Quota> quotas;  // of every namespace that this user may see; empty: not known
  std::string quotas_text;    // why they are not known
};

// The ids that somebody expects this device to have; empty: no expectation.
struct ExpectedIds {
  std::string model_id;
  std::string sn;
  std::string app_id;
};

// What came of asking for the device's identity, and of one request to its registrar.
struct IdentityFacts {
  int code = 0;  // of asking for it: 0, or a code of errors.def
  std::string text;
  std::string state;  // "none", "reserved", "confirmed"
  std::string model_id;
  std::string sn;
  std::string app_id;
  std::string registrar;                  // URL; empty: not known
  std::optional<std::int64_t> not_after;  // of the certificate, seconds since 1970
  std::int64_t now = 0;                   // our clock, seconds since 1970

  // A ticket for the registrar itself, asked for when the device is registered.
  bool ticket_asked = false;
  int ticket_code = 0;
  std::string ticket_text;

  struct Network {
    std::string host;
    bool encrypted = true;
    int code = 0;  // 0: an answer came, whatever it says
    std::string text;
    https::Stage stage = https::Stage::resolving;  // how far it came
    int status = 0;                                // of HTTP
    std::optional<std::chrono::seconds> clock_ahead;
    bool own_trust = false;  // rpmbd has told its CA; else the system's were taken
  };
  std::optional<Network> network;  // nothing: not asked
};

// A path that matters, as far as this user can see.
struct PathFacts {
  enum class Kind { missing, hidden, file, rpmb_device, character_device, block_device, other };
  std::string path;
  Kind kind = Kind::missing;   // rpmb_device: a character device of a driver that RPMB units are reached by
  unsigned mode = 0;           // permission bits
  bool daemon_may_use = true;  // user rpmbd may read and write it, by owner, group and mode
};

// What can be seen without the daemon.
struct LocalFacts {
  std::string unit_load;    // systemd's LoadState of rpmbd.service: "loaded", "not-found", "masked"; empty: cannot tell
  std::string unit_active;  // "active", "failed", "inactive"
  std::string unit_result;  // "success", "exit-code", "start-limit-hit"
  std::uint64_t unit_pid = 0;  // MainPID; 0: no process, or cannot tell
  bool daemon_user = true;     // the user rpmbd exists

  std::optional<bool> config_valid;  // nothing: cannot tell
  std::string config_text;           // what `rpmbd --check-config` said, or why it could not be asked

  std::string transport = "auto";      // of the configuration, as far as it can be read
  std::optional<PathFacts> node;       // chip.node
  std::vector<PathFacts> nodes;        // RPMB nodes under /dev: of eMMC chips, else of UFS devices
  std::optional<PathFacts> chip_file;  // emulator.file
  std::vector<PathFacts> roots;        // where a root secret may be

  struct Lock {
    std::uint64_t pid = 0;  // of its owner; 0: the file does not tell
    std::string path;
  };
  std::optional<Lock> lock;  // of a chip, and held; nothing: nobody holds one, or cannot tell
  struct Disk {
    std::string path;
    std::uint64_t free_octets = 0;
  };
  std::vector<Disk> disks;  // file systems that rpmbd writes to
};

}  // namespace signet::ctl
