// org.signet.Rpmb1.Store in front of Spaces. Translates; decides nothing.
#pragma once

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/arguments.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class StoreAdaptor final : public Door<org::signet::Rpmb1::Store_adaptor> {
 public:
  StoreAdaptor(sdbus::IConnection& bus, Desk& desk) : Door{bus, desk} { registerAdaptor(); }
  ~StoreAdaptor() { unregisterAdaptor(); }

 private:
  using Objects = std::vector<sdbus::Struct<std::string, std::uint32_t>>;

  void Get(sdbus::Result<Bytes>&& to, std::string name) override {
    serve(
        to, {"Store.Get", Right::store},
        [&name](Core& core, const Grant& grant) { return core.spaces.object_at_hand(grant, name); },
        [name](Core& core, const Grant& grant) { return core.spaces.get(grant, name); });
  }
  void Put(sdbus::Result<>&& to, std::string name, Bytes value) override {
    const Terms terms{"Store.Put", Right::store, value.size()};
    serve(to, terms, kNeverAtHand,
          [name = std::move(name), value = std::move(value)](Core& core, const Grant& grant) mutable {
            return core.spaces.put(grant, name, std::move(value));
          });
  }
  void Delete(sdbus::Result<>&& to, std::string name) override {
    serve(to, {"Store.Delete", Right::store}, kNeverAtHand,
          [name = std::move(name)](Core& core, const Grant& grant) { return core.spaces.remove(grant, name); });
  }
  void Apply(sdbus::Result<>&& to, std::vector<BusChange> changes) override {
    const Terms terms{"Store.Apply", Right::store, octets_of(changes)};
    serve(to, terms, kNeverAtHand, [changes = std::move(changes)](Core& core, const Grant& grant) mutable {
      return core.spaces.apply(grant, named_changes(std::move(changes)));
    });
  }
  void List(sdbus::Result<Objects>&& to, std::string prefix) override {
    serve(to, {"Store.List", Right::store}, kAlwaysAtHand,
          [prefix = std::move(prefix)](Core& core, const Grant& grant) {
            return core.spaces.list(grant, prefix).map(to_bus);
          });
  }
  void Usage(sdbus::Result<Dictionary>&& to) override {
    serve(to, {"Store.Usage", Right::store}, kAlwaysAtHand, [](Core& core, const Grant& grant) {
      return core.spaces.usage(grant).map([&](const auto& usage) { return to_dictionary(usage, grant.quota); });
    });
  }

  static Objects to_bus(const std::vector<rpmb::ObjectInfo>& objects) {
    Objects result;
    for (const auto& object : objects) result.emplace_back(object.name.name, object.size);
    return result;
  }
};

}  // namespace signet::rpmbd
