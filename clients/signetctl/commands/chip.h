// The larger commands of 'signetctl chip'.
#pragma once

#include <CLI/CLI.hpp>

#include "signetctl/session.h"

namespace signet::ctl {

void add_provision(CLI::App& group, Session& session);
void add_decode_frame(CLI::App& group, Session& session);

}  // namespace signet::ctl
