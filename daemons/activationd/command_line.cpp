#include "activationd/command_line.h"

#include <CLI/CLI.hpp>
#include <cstdlib>

#include "service/usage.h"

namespace signet::activationd {
namespace {

constexpr const char* kFirstSteps = R"(
First steps:
  1. Set url in section [registrar] of /etc/signet/activationd.toml: the address under which devices reach this server.
     Put its TLS certificate and key where section [listen] says.
  2. activationd init                        makes the master key, the registrar's keys and the database
  3. activationd export ca > ca.pem          for the configuration of rpmbd on the devices,
     activationd export escrow > escrow.pem  section [registrar]
  4. activationd credential add factory --role vendor --output factory.credential
  5. systemctl enable --now activationd

A command that touches the database may run while the daemon does; restore may not. See activationd(8).)";

void add_credential(CLI::App& app, CommandLine& line, std::string& role) {
  auto* credential = app.add_subcommand("credential", "Who may use the API: vendors, verifiers, operators");
  credential->require_subcommand(1);
  auto* add = credential->add_subcommand("add", "Make a credential; its secret goes into a file and nowhere else");
  add->add_option("NAME", line.name, "1 to 64 of a-z 0-9 -; it appears in the audit log")->required();
  add->add_option("--role", role, "vendor (sn tickets), verifier (nonces, verdicts) or operator (devices, audit log)")
      ->required()
      ->check(CLI::IsMember({"vendor", "verifier", "operator"}))
      ->option_text("vendor|verifier|operator  REQUIRED");
  add->add_option("--model", line.models, "Only for this model id; may be given several times")->type_name("ID");
  add->add_option("--output", line.file, "New file for the credential, mode 0600")->required()->type_name("FILE");
  add->callback([&line] { line.command = Command::credential_add; });
  credential->add_subcommand("list", "Names, roles and models")->callback([&line] {
    line.command = Command::credential_list;
  });
  auto* remove = credential->add_subcommand("remove", "Make a credential worthless, within 5 seconds");
  remove->add_option("NAME", line.name)->required();
  remove->callback([&line] { line.command = Command::credential_remove; });
}

void add_keys(CLI::App& app, CommandLine& line) {
  auto* rotate = app.add_subcommand("rotate", "Make a new generation of a key; the older ones go on verifying");
  rotate->add_option("KEY", line.what, "ca (both of them), registrar or escrow")
      ->required()
      ->check(CLI::IsMember({"ca", "registrar", "escrow"}))
      ->option_text("ca|registrar|escrow");
  rotate->add_option("--in-days", line.active_in_days, "Use it from then on only, so that devices learn it in time")
      ->check(CLI::Range(0, 3650))
      ->option_text("DAYS  (0)");
  rotate->callback([&line] { line.command = Command::rotate; });
  auto* out = app.add_subcommand("export", "Print a public part, in PEM, for the configuration of rpmbd");
  out->add_option("KEY", line.what, "ca (both of them, all generations) or escrow (the newest)")
      ->required()
      ->check(CLI::IsMember({"ca", "escrow"}))
      ->option_text("ca|escrow");
  out->callback([&line] { line.command = Command::export_public; });
}

void add_files(CLI::App& app, CommandLine& line) {
  auto* backup = app.add_subcommand("backup", "Write a consistent copy of the database; the daemon may be running");
  backup->add_option("FILE", line.file, "Must not exist")->required();
  backup->callback([&line] { line.command = Command::backup; });
  auto* restore = app.add_subcommand("restore", "Put a backup in the place of the database; the daemon must not run");
  restore->add_option("FILE", line.file)->required();
  restore->callback([&line] { line.command = Command::restore; });
}

}  // namespace

CommandLine parse_command_line(int argc, char** argv) {
  CommandLine line{.config = "/etc/signet/activationd.toml", .state_dir = "/var/lib/signet/activationd"};
  CLI::App app{"Registers devices and verifies their tickets, over HTTPS. Without a command: the daemon.",
               "activationd"};
  app.set_version_flag("--version", "activationd (Signet) " SIGNET_VERSION);
  app.require_subcommand(0, 1);
  app.fallthrough();
  std::string role;
  app.add_option("--config", line.config, "Configuration file")->type_name("FILE")->capture_default_str();
  app.add_option("--state-dir", line.state_dir, "Where the database is")->type_name("DIR")->capture_default_str();
  app.add_flag("--check-config", line.check_config, "Judge the configuration and leave");
  app.add_flag("--verbose", line.verbose, "Log details as well");
  app.add_subcommand("init", "Make the master key, unless there is one, the registrar's keys and the database")
      ->callback([&line] { line.command = Command::init; });
  add_credential(app, line, role);
  add_keys(app, line);
  add_files(app, line);
  app.footer(kFirstSteps);  // last: commands inherit what is there when they are added
  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    std::exit(service::end_parsing(app, error));
  }
  line.role = activation::parse_role(role).value_or(activation::Role::vendor);
  return line;
}

}  // namespace signet::activationd
