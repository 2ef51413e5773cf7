#include "rpmbd/state_adaptor.h"

#include "rpmbd/metrics.h"
#include "rpmbd/remedy.h"
#include "service/watchdog.h"

namespace signet::rpmbd {
namespace {

bool same(const std::optional<Error>& a, const std::optional<Error>& b) {
  return a.has_value() == b.has_value() && (!a || (a->code == b->code && a->context == b->context));
}

}  // namespace

StateAdaptor::StateAdaptor(sdbus::IConnection& bus, Desk& desk, StatusBoard& board, const Policy& policy,
                           std::uint32_t wear_budget)
    : Door{bus, desk}, board_{board}, policy_{policy}, wear_budget_{wear_budget} {
  registerAdaptor();
  board.listen([this](const Status& before, const Status& now) { announce(before, now); });
}

// Every answer about the chip is for callers with an entry in the policy only.
const Status& StateAdaptor::status() {
  (void)desk_.require_grant(message());
  return board_.latest();
}

std::string StateAdaptor::Problem() {
  const auto& problem = status().problem;
  return problem ? std::string{signet::name(problem->code)} : "";
}

std::string StateAdaptor::ProblemText() {
  const auto& problem = status().problem;
  return problem ? std::string{summary(problem->code)} + ": " + problem->context : "";
}

std::string StateAdaptor::Remedy() {
  const auto& problem = status().problem;
  return problem ? std::string{remedy(problem->code)} : "";
}

std::string StateAdaptor::GetMetrics() {
  const auto caller = desk_.require_grant(message());
  auto shown = policy_.grants();
  if (!caller->has(Right::admin))
    std::erase_if(shown, [&](const auto& grant) { return grant->space != caller->space; });
  return metrics_text(board_.latest(), desk_.usage(shown),
                      {.wear_budget = wear_budget_, .waiting_calls = desk_.waiting()});
}

void StateAdaptor::Refresh(sdbus::Result<>&& to) {
  serve(to, {"Refresh", Right::admin}, kNeverAtHand, [](Core& core, const Grant&) -> Result<void> {
    core.chip.open(true);
    return {};
  });
}

Dictionary StateAdaptor::WhoAmI() { return to_dictionary(*desk_.require_grant(message())); }

// One signal for everything that one operation has changed. It carries names only, so a reader that keeps up with a
// busy chip costs it nothing but the reading.
void StateAdaptor::announce(const Status& before, const Status& now) {
  std::vector<sdbus::PropertyName> changed;
  if (before.state != now.state) changed.emplace_back("State");
  if (!same(before.problem, now.problem)) {
    for (const char* property : {"Problem", "ProblemText", "Remedy"}) changed.emplace_back(property);
  }
  const bool other_store =
      before.store.has_value() != now.store.has_value() || (now.store && now.store->store_id != before.store->store_id);
  if (before.state != now.state || before.provisioned != now.provisioned || other_store ||
      before.root_source != now.root_source) {
    changed.emplace_back("Chip");
  }
  if (before.io.writes != now.io.writes || before.io.reads != now.io.reads || before.unsettled != now.unsettled) {
    changed.emplace_back("Health");
  }
  if (before.state != now.state) {
    service::notify_status(now.problem ? std::string{name(now.state)} + ": " + to_string(*now.problem)
                                       : name(now.state));
  }
  if (!changed.empty()) getObject().emitPropertiesChangedSignal(INTERFACE_NAME, changed);
}

}  // namespace signet::rpmbd
