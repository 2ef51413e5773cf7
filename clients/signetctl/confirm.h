// What cannot be undone is asked about first.
#pragma once

#include <string>

#include "signetctl/session.h"

namespace signet::ctl {

// Goes on only with --yes (`said_yes`) or when somebody at the terminal types "yes". Throws Failed: invalid_argument
// when there is nobody to ask, cancelled for any other answer.
void confirm(Session& session, bool said_yes, const std::string& question);

}  // namespace signet::ctl
