// signetctl chip provision: the irreversible step, so everything is shown and checked before it is asked for.
#include <memory>

#include "base/error_by_name.h"
#include "base/hex.h"
#include "identity/derivation.h"
#include "identity/root_secret.h"
#include "signetctl/commands/chip.h"
#include "signetctl/commands/commands.h"
#include "signetctl/confirm.h"
#include "signetctl/exit_status.h"
#include "signetctl/json.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr const char* kNoneAccepted = "none-accepted";

struct Choice {
  std::string cid;
  std::string root_backup;
  bool dry_run = false;
  bool yes = false;
  bool again = false;
};

void print_list(std::ostream& out, const char* title, const std::vector<std::string>& items) {
  if (!items.empty()) out << '\n' << title << '\n';
  for (const auto& item : items) out << "  - " << wrapped(item, "    ") << '\n';
}

void print_plan(std::ostream& out, const client::Row& plan) {
  const auto text = [&](const char* field) { return plan.text(field).value_or(""); };
  out << "Provisioning programs this device's key into the chip. It cannot be undone.\n";
  print_facts(out,
              {{"chip", text("transport") + " at " + text("node")},
               {"cid", text("cid")},
               {"size", human_size(plan.number("size").value_or(0))},
               {"root secret", text("root_source") + ", check value " + text("root_check")},
               {"survives a re-flash", plan.flag("root_survives_reflash").value_or(false) ? "yes" : "not known to"}});
  print_list(out, "Refused, because:", plan.texts("refusals"));
  print_list(out, "Mind:", plan.texts("warnings"));
  print_list(out, "Steps:", plan.texts("steps"));
}

// The error that the daemon would answer, without asking it to do it.
[[noreturn]] void refuse(Session& session, const client::Row& plan) {
  const auto status = session.daemon().status();
  const auto problem = status.front().text("problem").value_or("");
  // No problem at all: the chip works with our key. A problem that this program does not know: a newer daemon's.
  const auto code = problem.empty() ? Errc::already_exists : error_by_name(problem).value_or(Errc::incompatible);
  throw Failed{code, plan.texts("refusals").front()};
}

// Proof that whoever asks holds a copy of the root secret; nothing with none-accepted.
std::optional<client::Octets> prove_backup(const Choice& choice, const client::Row& plan) {
  if (choice.root_backup == kNoneAccepted) return std::nullopt;
  const auto secret = must(identity::read_backup(choice.root_backup));
  const std::string check = to_hex(identity::root_check(secret));
  const std::string wanted = plan.text("root_check").value_or("");
  if (check != wanted) {
    throw Failed{Errc::invalid_argument, "--root-backup " + choice.root_backup + " holds another root secret (check " +
                                             check + ") than the daemon uses (check " + wanted + ")"};
  }
  const auto proof = identity::backup_proof(secret, plan.octets("challenge").value_or(client::Octets{}));
  return client::Octets{proof.begin(), proof.end()};
}

int dry_run(Session& session, const client::Row& plan) {
  auto json = to_json(plan);
  json.erase("challenge");
  session.answer({{"plan", json}, {"dry_run", true}}, [&](std::ostream& out) {
    print_plan(out, plan);
    out << "\nNothing was changed.\n";
  });
  return plan.texts("refusals").empty() ? kSuccess : kFoundFailures;
}

WrongUsage missing(const std::string& option, const std::string& reason) {
  return {option + " is required: " + reason,
          "Try 'signetctl chip provision --dry-run' first, or 'signetctl chip provision --help'."};
}

int provision(Session& session, const Choice& choice) {
  if (!choice.dry_run && choice.cid.empty()) throw missing("--cid", "so that no other chip can be hit");
  if (!choice.dry_run && choice.root_backup.empty()) {
    throw missing("--root-backup", "a chip is lost for good with its root secret; FILE or none-accepted");
  }
  const auto answer = session.daemon().plan_provisioning();
  const auto plan = answer.front();
  if (choice.dry_run) return dry_run(session, plan);
  if (const auto cid = plan.text("cid").value_or(""); choice.cid != cid) {
    throw Failed{Errc::invalid_argument, "--cid " + choice.cid + ": the chip of this device is " + cid};
  }
  if (!plan.texts("refusals").empty()) refuse(session, plan);

  const auto proof = prove_backup(choice, plan);
  if (!session.options.json) print_plan(session.io.out, plan);
  session.io.out << std::flush;
  confirm(session, choice.yes, "\nThe key of chip " + choice.cid + " can be programmed once, and never again.");
  session.progress("Programming the key...");
  const unsigned flags = (proof ? 0u : SIGNET_PROVISION_NO_BACKUP) | (choice.again ? SIGNET_PROVISION_AGAIN : 0u);
  session.daemon().provision(choice.cid, proof, flags);
  session.answer({{"cid", choice.cid}, {"provisioned", true}},
                 [](std::ostream& out) { out << "\nProvisioned: the chip answers with this device's key.\n"; });
  return kSuccess;
}

}  // namespace

void add_provision(CLI::App& group, Session& session) {
  const auto choice = std::make_shared<Choice>();
  auto* command = group.add_subcommand("provision", "Program this device's key into the chip: once, for good");
  command->add_option("--cid", choice->cid, "The chip, 32 hexadecimal digits: see --dry-run")->type_name("CID");
  command
      ->add_option("--root-backup", choice->root_backup,
                   "Backup of the root secret, to prove that there is one; or none-accepted")
      ->type_name("FILE|none-accepted");
  command->add_flag("--dry-run", choice->dry_run, "Only say what would be done; status 1 when it would be refused");
  command->add_flag("--yes", choice->yes, "Do not ask");
  command->add_flag("--again", choice->again, "Send the key again to a chip that should have it already");
  show_examples(*command, R"(  signetctl chip provision --dry-run
  signetctl chip provision --cid d60103424a4e4234521a2b3c4d5e6f01 --root-backup /media/usb/root-backup)");
  when_chosen(*command, session, [choice](Session& s) { return provision(s, *choice); });
}

}  // namespace signet::ctl
