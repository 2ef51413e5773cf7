// signetctl registrar: what vendors, verifiers and operators do with a registrar, over HTTPS.
#include "signetctl/registrar.h"

#include <limits>
#include <memory>

#include "base/base64.h"
#include "https/url.h"
#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/exit_status.h"
#include "signetctl/json_text.h"
#include "signetctl/text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

using https::escaped;

struct Choice {
  RegistrarChoice registrar;
  std::string model;
  std::vector<std::string> sns;
  std::string sn;
  std::string ueid;
  std::string reason;
  std::string id;
  std::string audience;
  std::string input;
  std::string kind;
  std::uint64_t after = 0;
  std::uint64_t limit = 0;
  Destination output;
};

constexpr const char* kExamples = R"(  export SIGNET_REGISTRAR=https://registrar.example
  signetctl registrar ca > ca.pem
  signetctl registrar sn-ticket --credential-file vendor.credential --model lamp-2 L2-0001
  signetctl registrar devices --credential-file operator.credential --model lamp-2
  signetctl registrar block "$ueid" --credential-file operator.credential --reason stolen
  signetctl registrar audit --credential-file operator.credential --after 120 --limit 50
  signetctl registrar verify --credential-file verifier.credential --audience https://service.example < ticket
  signetctl registrar crl hardware --output hardware.crl)";

constexpr std::size_t kMaxTicket = 64 * 1024;
constexpr std::uint64_t kMaxEntry = std::numeric_limits<std::int64_t>::max();  // what the registrar counts with

// Appends "name=value" to a path, escaped; nothing when there is no value.
void add_query(std::string& path, const std::string& name, const std::string& value) {
  if (value.empty()) return;
  path += path.find('?') == std::string::npos ? '?' : '&';
  path += name + "=" + escaped(value);
}

int show(Session& session, const boost::json::object& answer) {
  session.answer(answer, [&](std::ostream& out) { print_members(out, answer); });
  return kSuccess;
}

int show_list(Session& session, const boost::json::object& answer, std::string_view member) {
  session.answer(answer, [&](std::ostream& out) {
    const auto* list = answer.if_contains(member);
    if (list && list->is_array()) print_objects(out, list->get_array());
  });
  return kSuccess;
}

int sn_ticket(Session& session, const Choice& choice) {
  constexpr std::size_t kMost = 1000;
  if (choice.sns.size() > kMost) {
    throw WrongUsage{"SN: " + std::to_string(choice.sns.size()) + " serial numbers; at most 1000 are taken",
                     "Ask for the rest with another 'signetctl registrar sn-ticket'."};
  }
  boost::json::array sns;
  for (const auto& sn : choice.sns) sns.emplace_back(sn);
  const boost::json::object body{{"model_id", choice.model}, {"sns", sns}};
  return show_list(session, Registrar{session, choice.registrar}.ask("POST", "/v1/sn-tickets", body), "sn_tickets");
}

int devices(Session& session, const Choice& choice) {
  std::string path = "/v1/devices";
  add_query(path, "model_id", choice.model);
  add_query(path, "sn", choice.sn);
  return show_list(session, Registrar{session, choice.registrar}.ask("GET", path), "devices");
}

std::string path_of_device(const Choice& choice) { return "/v1/devices/" + escaped(choice.ueid); }

int device(Session& session, const Choice& choice) {
  return show(session, Registrar{session, choice.registrar}.ask("GET", path_of_device(choice)));
}

int block(Session& session, const Choice& choice) {
  const boost::json::object body{{"reason", choice.reason}};
  Registrar{session, choice.registrar}.ask("POST", path_of_device(choice) + "/block", body);
  session.answer({{"ueid", choice.ueid}, {"blocked", true}}, [](std::ostream& out) { out << "Blocked.\n"; });
  return kSuccess;
}

int unblock(Session& session, const Choice& choice) {
  Registrar{session, choice.registrar}.ask("POST", path_of_device(choice) + "/unblock");
  session.answer({{"ueid", choice.ueid}, {"blocked", false}}, [](std::ostream& out) { out << "Not blocked.\n"; });
  return kSuccess;
}

int release(Session& session, const Choice& choice) {
  const auto answer = Registrar{session, choice.registrar}.ask("POST", path_of_device(choice) + "/release");
  session.answer(answer, [&](std::ostream& out) {
    const auto* text = answer.if_contains("release");
    if (text && text->is_string()) out << std::string_view{text->get_string()} << '\n';
  });
  return kSuccess;
}

int cancel(Session& session, const Choice& choice) {
  Registrar{session, choice.registrar}.fetch("DELETE", "/v1/registrations/" + escaped(choice.id));
  session.answer({{"id", choice.id}, {"cancelled", true}}, [](std::ostream& out) { out << "Cancelled.\n"; });
  return kSuccess;
}

int audit(Session& session, const Choice& choice) {
  std::string path = "/v1/audit";
  if (choice.after > 0) add_query(path, "after", std::to_string(choice.after));
  if (choice.limit > 0) add_query(path, "limit", std::to_string(choice.limit));
  return show_list(session, Registrar{session, choice.registrar}.ask("GET", path), "entries");
}

int nonce(Session& session, const Choice& choice) {
  const boost::json::object body{{"audience", choice.audience}};
  const auto answer = Registrar{session, choice.registrar}.ask("POST", "/v1/nonces", body);
  session.answer(answer, [&](std::ostream& out) {
    const auto* text = answer.if_contains("nonce");
    if (text && text->is_string()) out << std::string_view{text->get_string()} << '\n';
  });
  return kSuccess;
}

int verify(Session& session, const Choice& choice) {
  Registrar registrar{session, choice.registrar};
  const auto ticket = read_input(session, choice.input, kMaxTicket);
  const boost::json::object body{{"ticket", without_space_at_ends(as_text(ticket.view()))},
                                 {"audience", choice.audience}};
  const auto answer = registrar.ask("POST", "/v1/tickets/verify", body);
  const auto* verdict = answer.if_contains("verdict");
  const bool accepted = verdict && verdict->is_string() && verdict->get_string() == "accepted";
  session.answer(answer, [&](std::ostream& out) { print_members(out, answer); });
  return accepted ? kSuccess : static_cast<int>(Errc::ticket_invalid);
}

// `json`: the answer as JSON when it goes to no file.
int hand_over(Session& session, const Choice& choice, const std::string& content, const boost::json::object& json) {
  if (session.options.json && choice.output.path.empty()) {
    session.print_json(json);
    return kSuccess;
  }
  write_output(session, choice.output, as_bytes(content));
  if (session.options.json) session.print_json({{"size", content.size()}});
  return kSuccess;
}

int crl(Session& session, const Choice& choice) {
  const auto der = Registrar{session, choice.registrar}.fetch("GET", "/v1/crl/" + choice.kind);
  return hand_over(session, choice, der, {{"crl_base64", to_base64(as_bytes(der))}});
}

int ca(Session& session, const Choice& choice) {
  const auto pem = Registrar{session, choice.registrar}.fetch("GET", "/v1/ca");
  return hand_over(session, choice, pem, {{"ca_pem", pem}});
}

}  // namespace

void add_registrar(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "registrar", "A registrar over HTTPS: devices, sn tickets, verification, audit");
  const auto choice = std::make_shared<Choice>();
  group->add_option("--url", choice->registrar.url, "The registrar; else SIGNET_REGISTRAR of the environment")
      ->type_name("URL");
  group->add_option("--ca", choice->registrar.ca, "The CA of its TLS certificate (PEM); else the system's")
      ->type_name("FILE");
  group->add_option("--credential-file", choice->registrar.credential, "Who asks: a file that holds NAME.SECRET")
      ->type_name("FILE");
  const auto command = [&](const char* name, const char* description, int (*run)(Session&, const Choice&)) {
    auto* added = group->add_subcommand(name, description);
    when_chosen(*added, session, [choice, run](Session& s) { return run(s, *choice); });
    return added;
  };
  const auto about_device = [&](const char* name, const char* description, int (*run)(Session&, const Choice&)) {
    auto* added = command(name, description, run);
    added->add_option("UEID", choice->ueid, "The device, base64url")->required();
    return added;
  };
  const auto with_audience = [&](CLI::App* added) {
    added->add_option("--audience", choice->audience, "Whom the ticket is for")->required()->type_name("URL");
    return added;
  };
  const auto with_output = [&](CLI::App* added) {
    add_output(*added, choice->output, "Write to this file");
    return added;
  };

  auto* issuing = command("sn-ticket", "Have sn tickets issued, one for each serial number (vendor)", sn_ticket);
  issuing->add_option("--model", choice->model, "Model id")->required()->type_name("ID");
  issuing->add_option("SN", choice->sns, "Serial numbers, 1 to 1000")->required()->expected(-1);
  show_examples(*issuing,
                "  signetctl registrar sn-ticket --model lamp-2 L2-0001 L2-0002 --credential-file factory.credential");

  auto* listing = command("devices", "List the registered devices (operator)", devices);
  listing->add_option("--model", choice->model, "Of this model only")->type_name("ID");
  listing->add_option("--sn", choice->sn, "With this serial number only")->type_name("SN");
  about_device("device", "Show a device and its history (operator)", device);
  about_device("block", "Block a device (operator)", block)
      ->add_option("--reason", choice->reason, "Why: goes into the audit log")
      ->required()
      ->type_name("TEXT");
  about_device("unblock", "Take back a block (operator)", unblock);
  about_device("release", "Let a device go: print what it forgets its identity with (operator)", release);
  command("cancel", "Cancel a reservation that was not confirmed (operator)", cancel)
      ->add_option("ID", choice->id, "The registration")
      ->required();

  auto* auditing = command("audit", "Show the audit log (operator)", audit);
  auditing->add_option("--after", choice->after, "Only entries after this number")
      ->check(whole_number(0, kMaxEntry))
      ->option_text("N");
  auditing->add_option("--limit", choice->limit, "At most so many")
      ->check(whole_number(1, kMaxEntry))
      ->option_text("N");

  with_audience(command("nonce", "Have a nonce issued for a challenge ticket (verifier)", nonce));
  with_audience(command("verify", "Have the ticket verified that the standard input holds (verifier)", verify))
      ->add_option("-f,--file", choice->input, "Read the ticket from this file instead")
      ->type_name("FILE");
  with_output(command("crl", "Fetch a list of revoked certificates (DER)", crl))
      ->add_option("KIND", choice->kind, "hardware or emulated")
      ->required()
      ->check(one_of({"hardware", "emulated"}));
  with_output(command("ca", "Fetch the CA certificates (PEM)", ca));
  show_examples(*group, kExamples);
}

}  // namespace signet::ctl
