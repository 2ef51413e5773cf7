// signetctl doctor: what is wrong here, why, and what to do about it.
#include <algorithm>
#include <memory>

#include "signetctl/commands/commands.h"
#include "signetctl/doctor/diagnose.h"
#include "signetctl/doctor/gather.h"
#include "signetctl/exit_status.h"
#include "signetctl/text.h"

namespace signet::ctl {
namespace {

constexpr const char* kIndent = "                      ";

void print(std::ostream& out, const std::vector<Finding>& findings) {
  for (const auto& finding : findings) {
    std::string level = name(finding.level);
    if (finding.level == Level::fail) level = "FAIL";
    level.resize(6, ' ');
    std::string check = finding.check;
    check.resize(std::max<std::size_t>(check.size(), 14), ' ');
    out << level << check << "  " << wrapped(finding.text, kIndent) << '\n';
    if (!finding.remedy.empty())
      out << kIndent << "-> " << wrapped(finding.remedy, std::string{kIndent} + "   ") << '\n';
  }
}

// "root_secret": for scripts, which select by it.
std::string identifier(std::string check) {
  std::replace(check.begin(), check.end(), ' ', '_');
  return check;
}

int run_doctor(Session& session, const ExpectedIds& expected) {
  const auto daemon = gather_daemon(session);
  const auto code = static_cast<Errc>(daemon.code);
  const bool silent = code == Errc::no_service || code == Errc::timeout;  // else it is the daemon that knows better
  const auto local = silent ? std::optional{gather_local()} : std::nullopt;
  auto findings = diagnose(daemon, local);
  if (daemon.code == 0) {
    for (auto& finding : diagnose_identity(gather_identity(session), expected)) findings.push_back(std::move(finding));
  }
  const auto count = [&](Level level) {
    return std::count_if(findings.begin(), findings.end(), [&](const Finding& f) { return f.level == level; });
  };

  boost::json::array checks;
  for (const auto& f : findings) {
    checks.push_back(
        {{"check", identifier(f.check)}, {"level", name(f.level)}, {"text", f.text}, {"remedy", f.remedy}});
  }
  session.answer({{"checks", checks}, {"failed", count(Level::fail)}, {"warnings", count(Level::warn)}},
                 [&](std::ostream& out) {
                   print(out, findings);
                   out << '\n' << count(Level::fail) << " failed, " << count(Level::warn) << " to mind\n";
                 });
  return count(Level::fail) == 0 ? kSuccess : kFoundFailures;
}

}  // namespace

void add_doctor(CLI::App& parser, Session& session) {
  auto* command = parser.add_subcommand("doctor", "Find out what is wrong here, and what to do about it");
  const auto expected = std::make_shared<ExpectedIds>();
  command->add_option("--model", expected->model_id, "The model id that this device should have")->type_name("ID");
  command->add_option("--sn", expected->sn, "The serial number that it should have")->type_name("SN");
  command->add_option("--app", expected->app_id, "The application id that it should have")->type_name("ID");
  show_examples(*command,
                R"(  sudo signetctl doctor                             root sees more when the daemon does not answer
  signetctl doctor --model lamp-2 --sn L2-0001     is it registered under these ids?
  signetctl doctor --json | jq '.checks[] | select(.level == "fail")')");
  when_chosen(*command, session, [expected](Session& s) { return run_doctor(s, *expected); });
}

}  // namespace signet::ctl
