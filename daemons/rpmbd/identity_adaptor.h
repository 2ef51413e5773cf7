// org.signet.Rpmb1.Identity in front of DeviceIdentity. Translates; decides nothing.
#pragma once

#include "glue/org.signet.Rpmb1-adaptor.h"
#include "rpmbd/arguments.h"
#include "rpmbd/door.h"

namespace signet::rpmbd {

class IdentityAdaptor final : public Door<org::signet::Rpmb1::Identity_adaptor> {
 public:
  IdentityAdaptor(sdbus::IConnection& bus, Desk& desk) : Door{bus, desk} { registerAdaptor(); }
  ~IdentityAdaptor() { unregisterAdaptor(); }

 private:
  void Begin(sdbus::Result<std::string, Dictionary>&& to, std::string model_id, std::string sn, std::string app_id,
             std::string sn_ticket) override {
    const Terms terms{"Identity.Begin", Right::registration,
                      model_id.size() + sn.size() + app_id.size() + sn_ticket.size()};
    identity::Ids ids{.model_id = std::move(model_id), .sn = std::move(sn), .app_id = std::move(app_id)};
    serve(to, terms, kNeverAtHand, [ids = std::move(ids), sn_ticket = std::move(sn_ticket)](Core& core, const Grant&) {
      return core.identity.begin(ids, sn_ticket).map([](const BegunRegistration& begun) {
        return std::tuple{begun.request, to_dictionary(begun)};
      });
    });
  }
  void Prove(sdbus::Result<std::string>&& to, std::string challenge) override {
    const Terms terms{"Identity.Prove", Right::registration, challenge.size()};
    serve(to, terms, kNeverAtHand,
          [challenge = std::move(challenge)](Core& core, const Grant&) { return core.identity.prove(challenge); });
  }
  void Complete(sdbus::Result<>&& to, std::vector<std::string> chain) override {
    std::size_t octets = 0;
    for (const auto& certificate : chain) octets += certificate.size();
    serve(to, {"Identity.Complete", Right::registration, octets}, kNeverAtHand,
          [chain = std::move(chain)](Core& core, const Grant&) { return core.identity.complete(chain); });
  }
  void Cancel(sdbus::Result<>&& to) override {
    serve(to, {"Identity.Cancel", Right::admin}, kNeverAtHand,
          [](Core& core, const Grant&) { return core.identity.cancel(); });
  }
  void Release(sdbus::Result<>&& to, std::string release) override {
    const Terms terms{"Identity.Release", Right::admin, release.size()};
    serve(to, terms, kNeverAtHand,
          [release = std::move(release)](Core& core, const Grant&) { return core.identity.release(release); });
  }
  void Info(sdbus::Result<Dictionary>&& to) override {
    serve(to, {"Identity.Info", Right::tickets | Right::registration | Right::admin}, kNeverAtHand,
          [](Core& core, const Grant& grant) {
            const bool with_sn = grant.has(Right::registration) || grant.has(Right::admin);
            return core.identity.facts().map([&](const IdentityFacts& facts) { return to_dictionary(facts, with_sn); });
          });
  }
  void GetTicket(sdbus::Result<std::string, std::int64_t>&& to, std::string audience, std::string nonce,
                 std::map<std::string, sdbus::Variant> options) override {
    const Terms terms{"Identity.GetTicket", Right::tickets, audience.size() + nonce.size()};
    auto asked = ticket_options(std::move(audience), std::move(nonce), options);
    serve(to, terms, kNeverAtHand,
          [asked = std::move(asked)](Core& core, const Grant& grant) -> Result<std::tuple<std::string, std::int64_t>> {
            if (!asked) return fail(asked.error());
            SIGNET_ASSIGN(auto made, core.identity.ticket(grant, asked->request, asked->client_key));
            return std::tuple{std::move(made.text), std::int64_t{made.expires_at.time_since_epoch().count()}};
          });
  }
};

}  // namespace signet::rpmbd
