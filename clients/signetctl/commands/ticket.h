// The larger commands of 'signetctl ticket'.
#pragma once

#include <CLI/CLI.hpp>

#include "signetctl/session.h"

namespace signet::ctl {

void add_ticket_verify(CLI::App& group, Session& session);

}  // namespace signet::ctl
