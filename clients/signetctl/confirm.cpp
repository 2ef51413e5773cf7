#include "signetctl/confirm.h"

#include <istream>

namespace signet::ctl {

void confirm(Session& session, bool said_yes, const std::string& question) {
  if (said_yes) return;
  if (!session.io.in_is_terminal) {
    throw Failed{Errc::invalid_argument, "this needs --yes, since there is nobody at a terminal to ask"};
  }
  session.io.err << question << " Type 'yes' to go on: " << std::flush;
  std::string answer;
  std::getline(session.io.in, answer);
  if (answer != "yes") throw Failed{Errc::cancelled, "not confirmed; nothing was changed"};
}

}  // namespace signet::ctl
