// signetctl ticket: proof of this device's identity, and what tickets say.
#include <memory>

#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/commands/ticket.h"
#include "signetctl/exit_status.h"
#include "signetctl/text.h"
#include "signetctl/ticket_text.h"
#include "signetctl/validators.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxTicket = 64 * 1024;
constexpr std::size_t kMaxExt = 64 * 1024;  // rpmbd says what is too large for it

struct Choice {
  std::string audience;
  std::string ext;    // file
  std::string input;  // file
  unsigned lifetime_s = 0;
  client::TicketOptions options;
};

int get(Session& session, const Choice& choice) {
  auto options = choice.options;
  options.lifetime = std::chrono::seconds{choice.lifetime_s};
  if (!choice.ext.empty()) {
    options.ext = without_space_at_ends(as_text(read_input(session, choice.ext, kMaxExt).view()));
    if (options.ext.empty()) throw Failed{Errc::invalid_argument, "--ext-file " + choice.ext + ": is empty"};
  }
  const auto ticket = session.daemon().ticket(choice.audience, options);
  const auto expires = std::chrono::duration_cast<std::chrono::seconds>(ticket.expires.time_since_epoch()).count();
  session.answer({{"ticket", ticket.text}, {"expires", expires}},
                 [&](std::ostream& out) { out << ticket.text << '\n'; });
  return kSuccess;
}

int decode(Session& session, const Choice& choice) {
  const auto text = read_input(session, choice.input, kMaxTicket);
  const auto ticket = decode_ticket(without_space_at_ends(as_text(text.view())));
  session.answer({{"header", ticket.header}, {"claims", ticket.claims}, {"verified", false}}, [&](std::ostream& out) {
    print_ticket(out, ticket);
    out << "Nothing of this was verified.\n";
  });
  return kSuccess;
}

}  // namespace

void add_ticket(CLI::App& parser, Session& session) {
  auto* group = add_group(parser, "ticket", "Tickets: proof of this device's identity for servers");
  const auto choice = std::make_shared<Choice>();

  auto* getting = group->add_subcommand("get", "Print a ticket; it is a credential");
  getting->add_option("--audience", choice->audience, "Whom it is for")->required()->type_name("URL");
  getting->add_option("--nonce", choice->options.nonce, "The verifier's, base64url: for one use; else a bearer ticket")
      ->type_name("NONCE");
  getting->add_option("--lifetime", choice->lifetime_s, "How long it is good, at most 3600")
      ->check(whole_number(1, 3600))
      ->option_text("SECONDS");
  getting->add_option("--ext-file", choice->ext, "A JSON object for the verifier, at most 1 KiB")->type_name("FILE");
  getting->add_option("--client-key", choice->options.client_key, "For the holder of this key only")->type_name("NAME");
  getting->add_option("--model", choice->options.model_id, "Fail when the device is of another model")->type_name("ID");
  show_examples(*getting, R"(  signetctl ticket get --audience https://service.example --lifetime 600
  signetctl ticket get --audience https://service.example --nonce "$nonce" --client-key device)");
  when_chosen(*getting, session, [choice](Session& s) { return get(s, *choice); });

  auto* decoding = group->add_subcommand("decode", "Show what the ticket on the standard input says; verifies nothing");
  decoding->add_option("-f,--file", choice->input, "Read the ticket from this file instead")->type_name("FILE");
  show_examples(*decoding, R"(  signetctl ticket get --audience https://service.example | signetctl ticket decode)");
  when_chosen(*decoding, session, [choice](Session& s) { return decode(s, *choice); });

  add_ticket_verify(*group, session);
}

}  // namespace signet::ctl
