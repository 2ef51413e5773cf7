// rpmbd-provision: makes, backs up and restores the root secret that rpmbd derives every key from.
#include <CLI/CLI.hpp>
#include <boost/json.hpp>
#include <functional>
#include <iostream>

#include "base/hex.h"
#include "commands.h"
#include "service/harden.h"
#include "service/usage.h"

namespace {

using namespace signet;
using provision::Options;
using provision::Report;

struct Command {
  const char* name;
  const char* purpose;
  bool places;  // takes --to
  bool file;    // takes a FILE
  std::function<Result<Report>(const Options&, const std::string&)> run;
  const char* done;  // what to say before the place
  const char* next;  // what to do afterwards
};

const Command kCommands[] = {
    {"create", "Make a new root secret", true, false,
     [](const Options& options, const std::string&) { return provision::create(options); }, "created in",
     "Back it up now ('rpmbd-provision backup FILE'): a chip whose root secret is lost is lost, too.\n"
     "Restart rpmbd so that it finds the secret ('systemctl restart rpmbd')."},
    {"backup", "Write a copy to FILE, which must not exist", false, true, provision::back_up, "copied from",
     "Keep the copy away from this device, and secret: it opens every chip that depends on it."},
    {"restore", "Bring the root secret back from a backup", true, true, provision::restore, "restored to",
     "Restart rpmbd so that it finds the secret ('systemctl restart rpmbd')."},
    {"status", "Say where the root secret is", false, false,
     [](const Options& options, const std::string&) { return provision::status(options); }, "found in", nullptr},
};

boost::json::object to_json(const provision::Place& place) {
  return {{"kind", provision::name(place.kind)}, {"path", place.path}};
}

void print_json(const Report& report) {
  boost::json::array shadowed;
  for (const provision::Place& place : report.shadowed) shadowed.push_back(to_json(place));
  boost::json::object object = to_json(report.place);
  object["root_check"] = to_hex(report.check);
  object["shadowed"] = std::move(shadowed);
  std::cout << object << '\n';
}

void print_text(const Command& command, const Report& report) {
  std::cout << "Root secret " << command.done << ' ' << provision::describe(report.place) << ".\n"
            << "Check value " << to_hex(report.check) << ".\n";
  for (const provision::Place& place : report.shadowed) {
    std::cout << "Not used, because of the one above: " << provision::describe(place) << ".\n";
  }
  if (command.next != nullptr) std::cout << command.next << '\n';
}

int print_error(const Error& error, bool json) {
  int code = static_cast<int>(error.code);
  if (json) {
    boost::json::object object{{"code", code},
                               {"name", name(error.code)},
                               {"category", name(category(error.code))},
                               {"message", error.context}};
    std::cout << boost::json::object{{"error", std::move(object)}} << '\n';
  } else {
    std::cerr << "rpmbd-provision: " << to_string(error) << '\n';
  }
  return code;
}

int run(int argc, char** argv) {
  CLI::App app{"Makes, backs up and restores the root secret that rpmbd derives every key from.", "rpmbd-provision"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "rpmbd-provision " SIGNET_VERSION);
  app.fallthrough();
  bool json = false;
  std::string to;
  std::string file;
  Options options;
  app.add_flag("--json", json, "Print one line of JSON, errors too");
  app.add_option("--config", options.config, "Configuration of rpmbd, for its [root] file")->capture_default_str();
  app.add_option("--root", options.root, "Work on the system below this directory");

  std::function<int()> chosen;
  for (const Command& command : kCommands) {
    CLI::App* parser = app.add_subcommand(command.name, command.purpose);
    if (command.places) {
      parser->add_option("--to", to, "Where to keep it: encrypted, credstore or file; default: the best there is")
          ->check(CLI::IsMember({"encrypted", "credstore", "file"}));
    }
    if (command.file) parser->add_option("FILE", file, "The backup")->required();
    parser->callback([&] {
      chosen = [&] {
        if (!to.empty()) options.place = provision::kind_from_name(to);
        Result<Report> report = command.run(options, file);
        if (!report) return print_error(report.error(), json);
        json ? print_json(*report) : print_text(command, *report);
        return 0;
      };
    });
  }

  try {
    app.parse(argc, argv);
  } catch (const CLI::ParseError& error) {
    return service::end_parsing(app, error);
  }
  return chosen();
}

}  // namespace

int main(int argc, char** argv) try {
  signet::service::harden_process();
  return run(argc, argv);
} catch (const std::exception& error) {
  std::cerr << "rpmbd-provision: " << error.what() << '\n';
  return static_cast<int>(signet::Errc::internal);
}
