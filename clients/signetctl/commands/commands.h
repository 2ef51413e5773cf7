// The commands, one file each. Every add_*() describes its command to the parser; choosing it sets session.action.
#pragma once

#include <CLI/CLI.hpp>

#include "signetctl/binary.h"
#include "signetctl/session.h"

namespace signet::ctl {

void add_status(CLI::App& parser, Session& session);
void add_doctor(CLI::App& parser, Session& session);
void add_chip(CLI::App& parser, Session& session);
void add_store(CLI::App& parser, Session& session);
void add_key(CLI::App& parser, Session& session);
void add_sign(CLI::App& parser, Session& session);
void add_verify(CLI::App& parser, Session& session);
void add_counter(CLI::App& parser, Session& session);
void add_evidence(CLI::App& parser, Session& session);
void add_register(CLI::App& parser, Session& session);
void add_device(CLI::App& parser, Session& session);
void add_ticket(CLI::App& parser, Session& session);
void add_registrar(CLI::App& parser, Session& session);
void add_fmdn(CLI::App& parser, Session& session);
void add_beacon(CLI::App& parser, Session& session);
void add_selftest(CLI::App& parser, Session& session);
void add_whoami(CLI::App& parser, Session& session);
void add_metrics(CLI::App& parser, Session& session);
void add_completion(CLI::App& parser, Session& session);

void add_commands(CLI::App& parser, Session& session);

// -o, --output. `before`: what the option was called once, which is still taken and no longer shown.
inline void add_output(CLI::App& command, Destination& output, const char* description, const char* before = nullptr) {
  command.add_option("-o,--output", output.path, description)->type_name("FILE");
  if (before) command.add_option(before, output.path)->group("");
}

// Makes `action` what the command does.
template <class Action>
void when_chosen(CLI::App& command, Session& session, Action action) {
  command.callback([&session, action] { session.action = action; });
}

// Examples at the end of a command's --help; of a group's once its commands are there, for they inherit it.
inline void show_examples(CLI::App& command, const char* examples) {
  command.footer(std::string{"Examples:\n"} + examples);
}

// A command that only gathers others: alone it is a usage error.
inline CLI::App* add_group(CLI::App& parser, const std::string& name, const std::string& description) {
  auto* group = parser.add_subcommand(name, description);
  group->require_subcommand(1);
  return group;
}

}  // namespace signet::ctl
