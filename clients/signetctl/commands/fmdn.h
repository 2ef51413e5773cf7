// The commands of signetctl fmdn; each add_*() adds one or two to the group.
#pragma once

#include <CLI/CLI.hpp>
#include <memory>

#include "signetctl/commands/commands.h"
#include "signetctl/fmdn/open_keyring.h"

namespace signet::ctl {

// Options of the group, which may stand in front of the command or behind it.
struct FmdnOptions {
  KeyringChoice keyring;
  std::string adapter;  // "hci0"; empty: the first that is on
};
using SharedFmdnOptions = std::shared_ptr<FmdnOptions>;

void add_fmdn_eid(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_decode(CLI::App& group, Session& session);
void add_fmdn_seal(CLI::App& group, Session& session);
void add_fmdn_open(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_resolve(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_scan(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_pair(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_provision(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_owner(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_stranger(CLI::App& group, Session& session, const SharedFmdnOptions& options);
void add_fmdn_devices(CLI::App& group, Session& session, const SharedFmdnOptions& options);

}  // namespace signet::ctl
