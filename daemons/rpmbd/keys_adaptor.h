// org.signet.Rpmb1.Keys in front of Spaces. Translates; decides nothing.
#pragma once

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class KeysAdaptor final : public Door<org::signet::Rpmb1::Keys_adaptor> {
 public:
  KeysAdaptor(sdbus::IConnection& bus, Desk& desk) : Door{bus, desk} { registerAdaptor(); }
  ~KeysAdaptor() { unregisterAdaptor(); }

 private:
  using Keys = std::vector<sdbus::Struct<std::string, std::string>>;

  // Refers to `name`: asked before the method returns.
  static auto at_hand(const std::string& name) {
    return [&name](Core& core, const Grant& grant) { return core.spaces.key_at_hand(grant, name); };
  }

  void Generate(sdbus::Result<>&& to, std::string name, std::string algorithm) override {
    serve(to, {"Keys.Generate", Right::keys}, kNeverAtHand,
          [name = std::move(name), algorithm = std::move(algorithm)](Core& core, const Grant& grant) {
            return core.spaces.generate_key(grant, name, algorithm);
          });
  }
  void Sign(sdbus::Result<Bytes>&& to, std::string name, Bytes data) override {
    const Terms terms{"Keys.Sign", Right::keys, data.size()};
    serve(to, terms, at_hand(name), [name, data = std::move(data)](Core& core, const Grant& grant) {
      return core.spaces.sign(grant, name, data);
    });
  }
  void Verify(sdbus::Result<bool>&& to, std::string name, Bytes data, Bytes signature) override {
    const Terms terms{"Keys.Verify", Right::keys, data.size() + signature.size()};
    serve(to, terms, at_hand(name),
          [name, data = std::move(data), signature = std::move(signature)](Core& core, const Grant& grant) {
            return core.spaces.verify(grant, name, data, signature);
          });
  }
  void PublicKey(sdbus::Result<Bytes>&& to, std::string name) override {
    serve(to, {"Keys.PublicKey", Right::keys}, at_hand(name),
          [name](Core& core, const Grant& grant) { return core.spaces.public_key(grant, name); });
  }
  void Delete(sdbus::Result<>&& to, std::string name) override {
    serve(to, {"Keys.Delete", Right::keys}, kNeverAtHand,
          [name = std::move(name)](Core& core, const Grant& grant) { return core.spaces.remove_key(grant, name); });
  }
  void List(sdbus::Result<Keys>&& to) override {  // reads the keys that are not loaded: not at hand
    serve(to, {"Keys.List", Right::keys}, kNeverAtHand,
          [](Core& core, const Grant& grant) { return core.spaces.keys(grant).map(to_bus); });
  }

  static Keys to_bus(const std::vector<identity::KeyInfo>& keys) {
    Keys result;
    for (const auto& key : keys) result.emplace_back(key.name, std::string{identity::name(key.algorithm)});
    return result;
  }
};

}  // namespace signet::rpmbd
