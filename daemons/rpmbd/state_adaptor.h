// org.signet.Rpmb1: state and health, from the status board. Translates; decides nothing.
#pragma once

#include <string>

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/arguments.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class StateAdaptor final : public Door<org::signet::Rpmb1_adaptor> {
 public:
  // `policy` is asked for the namespaces that there are.
  StateAdaptor(sdbus::IConnection& bus, Desk& desk, StatusBoard& board, const Policy& policy,
               std::uint32_t wear_budget);
  ~StateAdaptor() { unregisterAdaptor(); }

 private:
  std::string GetMetrics() override;
  void Refresh(sdbus::Result<>&& to) override;
  Dictionary WhoAmI() override;

  std::uint32_t InterfaceVersion() override { return 1; }
  std::string Version() override { return SIGNET_VERSION; }
  std::string State() override { return name(status().state); }
  std::string Problem() override;
  std::string ProblemText() override;
  std::string Remedy() override;
  Dictionary Chip() override { return chip_dictionary(status()); }
  Dictionary Health() override { return health_dictionary(status(), wear_budget_); }

  const Status& status();
  void announce(const Status& before, const Status& now);

  StatusBoard& board_;
  const Policy& policy_;
  std::uint32_t wear_budget_;
};

}  // namespace signet::rpmbd
