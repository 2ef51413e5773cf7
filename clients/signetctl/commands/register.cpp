// signetctl register and device: this device's identity.
#include <poll.h>

#include <algorithm>
#include <memory>

#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/pem.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

struct Choice {
  std::string model;
  std::string sn;
  std::string app;
  std::string sn_ticket;  // file
  std::string release;    // the same
  bool yes = false;
};

constexpr std::size_t kSnTicketSize = 32;

SecretBuffer read_sn_ticket(Session& session, const std::string& path) {
  constexpr std::size_t kLimit = 4096;
  const auto content = read_input(session, path, kLimit);
  const auto text = without_space_at_ends(as_text(content.view()));
  const bool fits = text.size() == kSnTicketSize && std::all_of(text.begin(), text.end(), [](char c) {
                      return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
                    });
  if (!fits) {
    throw Failed{Errc::sn_ticket_invalid, "the sn ticket must be 32 of A-Z a-z 0-9; what was read has " +
                                              std::to_string(text.size()) + " characters"};
  }
  SecretBuffer ticket{kSnTicketSize + 1};  // with a NUL at its end
  std::copy(text.begin(), text.end(), ticket.writable().begin());
  return ticket;
}

std::string in_words(const std::string& stage) {
  if (stage == "begin") return "rpmbd makes the request...";
  if (stage == "reserve") return "The registrar reserves...";
  if (stage == "prove") return "The chip proves itself...";
  if (stage == "confirm") return "The registrar confirms...";
  if (stage == "complete") return "rpmbd keeps the certificate...";
  return "rpmbd is asked whether it has the certificate...";
}

// Until the call has ended; says what it is at.
void follow(Session& session, client::Call& call) {
  auto& client = session.daemon();
  std::string stage;
  while (call.status() == SIGNET_PENDING) {
    if (const auto now = call.stage(); now != stage && !now.empty()) session.progress(in_words(stage = now));
    pollfd ready{client.poll_fd(), static_cast<short>(client.poll_events()), 0};
    ::poll(&ready, 1, client.poll_timeout());
    signet_process(client.handle());  // what is lost shows in the call
  }
}

boost::json::object device_json(const client::Row& row) {
  auto json = to_json(row);
  json.erase("certificate");
  if (const auto der = row.octets("certificate")) json["certificate_pem"] = to_pem("CERTIFICATE", *der);
  return json;
}

void print_device(std::ostream& out, const client::Row& row) {
  const auto text = [&](const char* field) { return row.text(field).value_or(""); };
  const auto number = [&](const char* field) {
    const auto value = row.number(field);
    return value ? std::to_string(*value) : "";
  };
  const auto until = row.number("not_after");
  const auto escrow = row.flag("escrow");
  print_facts(out, {{"state", text("state")},
                    {"model", text("model_id")},
                    {"serial number", text("sn")},
                    {"application", text("app_id")},
                    {"ueid", text("ueid")},
                    {"generation", number("generation")},
                    {"registrar", text("registrar")},
                    {"certificate until", until ? utc_text(static_cast<std::int64_t>(*until)) : ""},
                    {"key in escrow", escrow ? (*escrow ? "yes" : "no") : ""}});
}

int register_device(Session& session, const Choice& choice) {
  const auto sn_ticket = read_sn_ticket(session, choice.sn_ticket);
  client::Call call{signet_start_register(session.daemon().handle(), choice.model.c_str(), choice.sn.c_str(),
                                          choice.app.c_str(), reinterpret_cast<const char*>(sn_ticket.view().data()))};
  follow(session, call);
  (void)call.answer();  // throws what went wrong
  const auto info = session.daemon().device_info();
  session.answer({{"registered", true}, {"device", device_json(info.front())}}, [&](std::ostream& out) {
    out << "Registered.\n";
    print_device(out, info.front());
  });
  return kSuccess;
}

int info(Session& session) {
  const auto info = session.daemon().device_info();
  session.answer(device_json(info.front()), [&](std::ostream& out) { print_device(out, info.front()); });
  return kSuccess;
}

int cancel(Session& session, const Choice& choice) {
  confirm(session, choice.yes, "The registration that is under way will be given up.");
  session.daemon().cancel_registration();
  session.answer({{"cancelled", true}}, [](std::ostream& out) { out << "Given up.\n"; });
  return kSuccess;
}

int release(Session& session, const Choice& choice) {
  constexpr std::size_t kLimit = 16 * 1024;
  const auto content = read_input(session, choice.release, kLimit);
  const std::string release{without_space_at_ends(as_text(content.view()))};
  confirm(session, choice.yes, "The device forgets its identity; it has to be registered anew.");
  session.daemon().release_device(release);
  session.answer({{"released", true}}, [](std::ostream& out) { out << "Released.\n"; });
  return kSuccess;
}

}  // namespace

void add_register(CLI::App& parser, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command = parser.add_subcommand("register", "Register this device; the same again goes on where it was");
  command->add_option("--model", choice->model, "Model id")->required()->type_name("ID");
  command->add_option("--sn", choice->sn, "Serial number")->required()->type_name("SN");
  command->add_option("--app", choice->app, "Application id")->required()->type_name("ID");
  command
      ->add_option("--sn-ticket-file", choice->sn_ticket, "Read the sn ticket from this file, not the standard input")
      ->type_name("FILE");
  show_examples(*command, R"(  signetctl register --model lamp-2 --sn L2-0001 --app com.example.lamp < sn-ticket
  signetctl register --model lamp-2 --sn L2-0001 --app com.example.lamp --sn-ticket-file sn-ticket)");
  when_chosen(*command, session, [choice](Session& s) { return register_device(s, *choice); });
}

void add_device(CLI::App& parser, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* group = add_group(parser, "device", "The identity under which this device is registered");
  when_chosen(*group->add_subcommand("info", "Show it"), session, info);
  auto* giving_up = group->add_subcommand("cancel", "Give up a registration that is under way");
  giving_up->add_flag("--yes", choice->yes, "Do not ask");
  when_chosen(*giving_up, session, [choice](Session& s) { return cancel(s, *choice); });
  auto* letting_go = group->add_subcommand("release", "Forget the identity, as the registrar's operator has allowed");
  letting_go->add_option("-f,--file", choice->release, "Read the release from this file, not the standard input")
      ->type_name("FILE");
  letting_go->add_flag("--yes", choice->yes, "Do not ask");
  show_examples(*letting_go, R"(  signetctl registrar release "$ueid" > release     the operator, anywhere
  signetctl device release --file release          here)");
  when_chosen(*letting_go, session, [choice](Session& s) { return release(s, *choice); });
}

}  // namespace signet::ctl
