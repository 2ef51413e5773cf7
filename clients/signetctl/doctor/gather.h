// Looks around for the doctor. Reads only; never fails: what cannot be seen is left out.
#pragma once

#include <filesystem>

#include "signetctl/doctor/facts.h"
#include "signetctl/session.h"

namespace signet::ctl {

DaemonFacts gather_daemon(Session& session);

// Asks the registrar as well: one request, at most 10 s.
IdentityFacts gather_identity(Session& session);

// `root`: "/", or where a test has built a machine.
LocalFacts gather_local(const std::filesystem::path& root = "/");

}  // namespace signet::ctl
