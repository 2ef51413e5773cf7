// org.signet.Rpmb1.Evidence in front of Spaces. Translates; decides nothing.
#pragma once

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/arguments.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class EvidenceAdaptor final : public Door<org::signet::Rpmb1::Evidence_adaptor> {
 public:
  EvidenceAdaptor(sdbus::IConnection& bus, Desk& desk) : Door{bus, desk} { registerAdaptor(); }
  ~EvidenceAdaptor() { unregisterAdaptor(); }

 private:
  void Get(sdbus::Result<Bytes>&& to, Bytes data) override {
    const Terms terms{"Evidence.Get", Right::evidence, data.size()};
    serve(to, terms, kNeverAtHand,
          [data = std::move(data)](Core& core, const Grant& grant) { return core.spaces.evidence(grant, data); });
  }
  void Verify(sdbus::Result<std::string, Dictionary>&& to, Bytes data, Bytes frames) override {
    const Terms terms{"Evidence.Verify", Right::evidence, data.size() + frames.size()};
    serve(to, terms, kNeverAtHand,  // hashes as much as the caller likes
          [data = std::move(data), frames = std::move(frames)](Core& core, const Grant& grant) {
            return core.spaces.verify_evidence(grant, data, frames).map(verdict_answer);
          });
  }
};

}  // namespace signet::rpmbd
