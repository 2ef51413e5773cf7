// org.signet.Rpmb1.Chip in front of Provisioning. Translates; decides nothing.
#pragma once

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/arguments.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class ChipAdaptor final : public Door<org::signet::Rpmb1::Chip_adaptor> {
 public:
  ChipAdaptor(sdbus::IConnection& bus, Desk& desk) : Door{bus, desk} { registerAdaptor(); }
  ~ChipAdaptor() { unregisterAdaptor(); }

 private:
  void PlanProvisioning(sdbus::Result<Dictionary>&& to) override {
    serve(to, {"Chip.PlanProvisioning", Right::admin}, kNeverAtHand, [](Core& core, const Grant&) {
      return core.provisioning.plan().map([](const auto& plan) { return to_dictionary(plan); });
    });
  }
  void Provision(sdbus::Result<>&& to, std::string cid, Dictionary options) override {
    serve(to, {"Chip.Provision", Right::admin}, kNeverAtHand,
          [cid = std::move(cid), options = std::move(options)](Core& core, const Grant&) -> Result<void> {
            SIGNET_ASSIGN(const auto decoded, provisioning_options(options));
            return core.provisioning.provision(cid, decoded);
          });
  }
  void Format(sdbus::Result<>&& to, std::string cid, Dictionary options) override {
    serve(to, {"Chip.Format", Right::admin}, kNeverAtHand,
          [cid = std::move(cid), options = std::move(options)](Core& core, const Grant&) -> Result<void> {
            SIGNET_ASSIGN(const auto region, region_option(options));
            return core.provisioning.format(cid, region);
          });
  }
  void Accept(sdbus::Result<>&& to, std::string cid) override {
    serve(to, {"Chip.Accept", Right::admin}, kNeverAtHand,
          [cid = std::move(cid)](Core& core, const Grant&) { return core.provisioning.accept(cid); });
  }
  void ReadCounter(sdbus::Result<std::uint32_t>&& to) override {
    serve(to, {"Chip.ReadCounter", Right::admin}, kNeverAtHand,
          [](Core& core, const Grant&) { return core.chip.read_counter(); });
  }
};

}  // namespace signet::rpmbd
