#include "signetctl/commands/commands.h"

namespace signet::ctl {

void add_commands(CLI::App& parser, Session& session) {
  add_status(parser, session);
  add_doctor(parser, session);
  add_whoami(parser, session);
  add_store(parser, session);
  add_key(parser, session);
  add_sign(parser, session);
  add_verify(parser, session);
  add_counter(parser, session);
  add_evidence(parser, session);
  add_chip(parser, session);
  add_register(parser, session);
  add_device(parser, session);
  add_ticket(parser, session);
  add_registrar(parser, session);
  add_beacon(parser, session);
  add_fmdn(parser, session);
  add_metrics(parser, session);
  add_selftest(parser, session);
  add_completion(parser, session);
}

}  // namespace signet::ctl
