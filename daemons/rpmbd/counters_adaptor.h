// org.signet.Rpmb1.Counters in front of Spaces. Translates; decides nothing.
#pragma once

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class CountersAdaptor final : public Door<org::signet::Rpmb1::Counters_adaptor> {
 public:
  CountersAdaptor(sdbus::IConnection& bus, Desk& desk) : Door{bus, desk} { registerAdaptor(); }
  ~CountersAdaptor() { unregisterAdaptor(); }

 private:
  using Counters = std::vector<sdbus::Struct<std::string, std::uint64_t>>;

  void Create(sdbus::Result<std::uint64_t>&& to, std::string name) override {
    serve(to, {"Counters.Create", Right::counters}, kNeverAtHand,
          [name = std::move(name)](Core& core, const Grant& grant) { return core.spaces.create_counter(grant, name); });
  }
  void Increment(sdbus::Result<std::uint64_t>&& to, std::string name) override {
    serve(to, {"Counters.Increment", Right::counters}, kNeverAtHand,
          [name = std::move(name)](Core& core, const Grant& grant) { return core.spaces.increment(grant, name); });
  }
  void Read(sdbus::Result<std::uint64_t>&& to, std::string name) override {
    serve(
        to, {"Counters.Read", Right::counters},
        [&name](Core& core, const Grant& grant) { return core.spaces.counter_at_hand(grant, name); },
        [name](Core& core, const Grant& grant) { return core.spaces.read_counter(grant, name); });
  }
  void Delete(sdbus::Result<>&& to, std::string name) override {
    serve(to, {"Counters.Delete", Right::counters}, kNeverAtHand,
          [name = std::move(name)](Core& core, const Grant& grant) { return core.spaces.remove_counter(grant, name); });
  }
  void List(sdbus::Result<Counters>&& to) override {
    serve(to, {"Counters.List", Right::counters}, kNeverAtHand,
          [](Core& core, const Grant& grant) { return core.spaces.counters(grant).map(to_bus); });
  }

  static Counters to_bus(const std::vector<identity::CounterInfo>& counters) {
    Counters result;
    for (const auto& counter : counters) result.emplace_back(counter.name, counter.value);
    return result;
  }
};

}  // namespace signet::rpmbd
