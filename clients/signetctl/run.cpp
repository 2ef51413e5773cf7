#include "signetctl/run.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <boost/json/object.hpp>
#include <iostream>

#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr const char* kOverview = R"(Examples:
  signetctl status                                   what the daemon and the chip say
  signetctl doctor                                   what is wrong here, and what to do about it
  signetctl chip provision --dry-run                 what provisioning would do; changes nothing
  echo -n hello | signetctl store put greeting       keep an object
  signetctl store get greeting
  signetctl key generate device && signetctl sign device --file letter.txt > letter.sig
  signetctl verify device --signature letter.sig --file letter.txt && echo genuine
  signetctl register --model M --sn S --app A < sn-ticket
  signetctl ticket get --audience https://service.example

Exit status: 0 success, 1 doctor or selftest found something, or a dry run would be refused, 2 wrong usage,
3 and up the code of the error.
'signetctl COMMAND --help' tells more; the manual is signetctl(1).)";

constexpr const char* kNoCommand = "a command is missing";

// "signetctl store put": the command the user was about to give.
std::string spelled_out(const CLI::App& parser) {
  std::string text = "signetctl";
  const CLI::App* app = &parser;
  while (!app->get_subcommands().empty()) {
    app = app->get_subcommands().front();
    text += " " + app->get_name();
  }
  return text;
}

// A word where a command is expected: CLI11 calls it an argument, or misses a subcommand.
std::string explained(const CLI::App& parser, const CLI::ParseError& wrong) {
  const CLI::App* app = &parser;
  while (!app->get_subcommands().empty()) app = app->get_subcommands().front();
  const bool expects_command = !app->get_subcommands([](const CLI::App*) { return true; }).empty();
  const bool unexpected = wrong.get_exit_code() == static_cast<int>(CLI::ExitCodes::ExtrasError);
  const bool missing = std::string_view{wrong.what()} == "A subcommand is required";
  if (!missing && !(unexpected && expects_command)) return wrong.what();
  for (const auto& word : parser.remaining(true)) {
    if (!word.starts_with('-')) return "there is no command '" + spelled_out(parser) + " " + word + "'";
  }
  return missing ? kNoCommand : wrong.what();
}

void report(Session& session, int code, std::string_view name, std::string_view category, std::string_view text) {
  if (session.options.json) {
    session.print_json({{"error", {{"code", code}, {"name", name}, {"category", category}, {"message", text}}}});
  } else {
    session.io.err << "signetctl: " << name << ": " << text << '\n';
  }
}

int report_usage(Session& session, const std::string& text, const std::string& advice) {
  if (session.options.json) {
    report(session, kUsage, "usage", name(Category::fix_request), text);
  } else {
    session.io.err << "signetctl: " << text << '\n' << advice << '\n';
  }
  return kUsage;
}

int run_action(Session& session) try {
  const int status = session.action(session);
  session.io.out.flush();
  if (!session.io.out) throw Failed{Errc::no_space, "the output cannot be written in full"};
  return status;
} catch (const WrongUsage& wrong) {
  return report_usage(session, wrong.what(), wrong.advice());
} catch (const client::Error& error) {
  std::string text = error.what();
  if (error.code() == static_cast<int>(Errc::not_found) && !session.listed_by.empty()) {
    text += "; '" + session.listed_by + "' lists what there is";
  }
  report(session, error.code(), error.name(), signet_category_name(error.category()), text);
  return error.code();
} catch (const Failed& failed) {
  const Errc code = failed.error().code;
  const std::string text{failed.error().context.empty() ? summary(code) : failed.error().context};
  report(session, static_cast<int>(code), name(code), name(category(code)), text);
  return static_cast<int>(code);
} catch (const std::exception& e) {
  report(session, static_cast<int>(Errc::internal), name(Errc::internal), name(category(Errc::internal)), e.what());
  return static_cast<int>(Errc::internal);
}

// "NAME", not "NAME TEXT": what a positional is, its name says.
void hide_types(CLI::App& app) {
  for (auto* option : app.get_options([](const CLI::Option* one) { return one->get_positional(); }))
    option->type_name("");
  for (auto* command : app.get_subcommands([](const CLI::App*) { return true; })) hide_types(*command);
}

}  // namespace

std::unique_ptr<CLI::App> make_parser(Session& session) {
  auto parser =
      std::make_unique<CLI::App>("The storage chip's RPMB partition, and the identity it vouches for.", "signetctl");
  parser->fallthrough();
  parser->require_subcommand(0, 1);
  parser->set_version_flag("--version", std::string{"signetctl "} + signet_version());
  parser->add_flag("--json", session.options.json, "Print one line of JSON, errors too");
  parser->add_option("--timeout", session.options.timeout_s, "Wait at most this many seconds for an answer")
      ->check(number(0.001, 86400))
      ->option_text("SECONDS  (30)");
  add_commands(*parser, session);
  hide_types(*parser);
  parser->footer(kOverview);  // last: commands inherit what is there when they are added
  return parser;
}

int run(Io io, std::vector<std::string> arguments) {
  Session session{io};
  const auto parser = make_parser(session);
  const bool alone = arguments.empty();  // somebody has a first look; a script that forgot the command has options
  // The parser may give up before it gets there.
  const bool json = std::find(arguments.begin(), arguments.end(), "--json") != arguments.end();
  try {
    std::reverse(arguments.begin(), arguments.end());  // as CLI11 wants them
    parser->parse(arguments);
  } catch (const CLI::Success& asked) {  // --help, --version
    return parser->exit(asked, io.out, io.err) == 0 ? kSuccess : kUsage;
  } catch (const CLI::ParseError& wrong) {
    session.options.json = json;
    return report_usage(session, explained(*parser, wrong), "Try '" + spelled_out(*parser) + " --help'.");
  }
  if (alone) {
    io.out << parser->help();
    return kSuccess;
  }
  if (!session.action) return report_usage(session, kNoCommand, "Try 'signetctl --help'.");
  return run_action(session);
}

}  // namespace signet::ctl
