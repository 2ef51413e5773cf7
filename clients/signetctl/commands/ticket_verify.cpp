// signetctl ticket verify: what anybody with the CA can tell about a ticket, offline.
#include <memory>

#include "crypto/x509.h"
#include "identity/ticket.h"
#include "signetctl/binary.h"
#include "signetctl/commands/commands.h"
#include "signetctl/commands/ticket.h"
#include "signetctl/exit_status.h"
#include "signetctl/pem.h"
#include "signetctl/text.h"
#include "signetctl/ticket_text.h"

namespace signet::ctl {
namespace {

constexpr std::size_t kMaxFile = 1024 * 1024;
constexpr std::string_view kNotChecked = "only the registrar knows the chip's key: signetctl registrar verify";

struct Choice {
  std::string ca;
  std::vector<std::string> crls;
  std::string audience;
  std::string input;
};

crypto::RevocationList read_crl(Session& session, const std::string& path) {
  const auto content = read_input(session, path, kMaxFile);
  const auto pem = from_pem("X509 CRL", as_text(content.view()));
  auto list = crypto::RevocationList::from_der(pem ? BytesView{*pem} : content.view());
  if (!list) throw Failed{list.error().code, "--crl " + path + ": " + list.error().context};
  return *std::move(list);
}

std::vector<crypto::Certificate> read_ca(Session& session, const std::string& path) {
  auto certificates = crypto::Certificate::from_pem(as_text(read_input(session, path, kMaxFile).view()));
  if (!certificates) throw Failed{certificates.error().code, "--ca " + path + ": " + certificates.error().context};
  return *std::move(certificates);
}

boost::json::object factor_json(const identity::Factor& factor) {
  return {{"status", identity::name(factor.status)}, {"reason", factor.reason}};
}

std::string in_words(const identity::Factor& factor) {
  switch (factor.status) {
    case identity::Factor::Status::ok: return "ok";
    case identity::Factor::Status::failed: return "FAILED: " + factor.reason;
    case identity::Factor::Status::not_checked: return "not checked: " + factor.reason;
  }
  return "";
}

int verify(Session& session, const Choice& choice) {
  const auto anchors = read_ca(session, choice.ca);
  std::vector<crypto::RevocationList> revoked;
  for (const auto& path : choice.crls) revoked.push_back(read_crl(session, path));
  const auto text = read_input(session, choice.input, kMaxFile);
  const auto compact = without_space_at_ends(as_text(text.view()));
  const auto ticket = must(identity::parse_ticket(compact));
  const auto now = std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());

  const auto signature = identity::verify_signature_factor(
      ticket, {.anchors = anchors,
               .revoked = revoked,
               .need_revocation_list = !revoked.empty(),
               .time = now,
               .audience = choice.audience.empty() ? ticket.claims.audience : choice.audience});
  const identity::Factor rpmb{.reason = std::string{kNotChecked}};
  const bool good = signature.status == identity::Factor::Status::ok;
  const auto decoded = decode_ticket(compact);
  session.answer({{"factors", {{"signature", factor_json(signature)}, {"rpmb", factor_json(rpmb)}}},
                  {"audience_checked", !choice.audience.empty()},
                  {"revocation_checked", !revoked.empty()},
                  {"claims", decoded.claims}},
                 [&](std::ostream& out) {
                   print_ticket(out, decoded);
                   out << "verification\n";
                   print_facts(
                       out,
                       {{"signature", in_words(signature)},
                        {"rpmb", in_words(rpmb)},
                        {"audience", choice.audience.empty() ? "not checked: no --audience" : "part of the signature"},
                        {"revocation", revoked.empty() ? "not checked: no --crl" : "part of the signature"}});
                 });
  return good ? kSuccess : static_cast<int>(Errc::ticket_invalid);
}

}  // namespace

void add_ticket_verify(CLI::App& group, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command = group.add_subcommand("verify", "Check the signature of the ticket on the standard input, offline");
  command->add_option("--ca", choice->ca, "The registrar's CA certificates (PEM): 'signetctl registrar ca'")
      ->required()
      ->type_name("FILE");
  command->add_option("--crl", choice->crls, "List of revoked certificates (DER or PEM); may be given again")
      ->type_name("FILE")
      ->allow_extra_args(false);
  command->add_option("--audience", choice->audience, "Whom it must be for")->type_name("URL");
  command->add_option("-f,--file", choice->input, "Read the ticket from this file instead")->type_name("FILE");
  show_examples(*command, R"(  signetctl registrar --url https://registrar.example ca > ca.pem
  signetctl ticket verify --ca ca.pem --audience https://service.example < ticket)");
  when_chosen(*command, session, [choice](Session& s) { return verify(s, *choice); });
}

}  // namespace signet::ctl
