#include "rpmbd/device_identity.h"

#include <algorithm>

#include "base/base64.h"
#include "jose/jose.h"

namespace signet::rpmbd {
namespace {

constexpr const char* kKeyProtection = "soft";  // the chip's key is made in this process

std::string transport_name(const rpmb::ChipFacts& chip) {
  if (!chip.cid_from_hardware) return "emulator";
  switch (chip.kind) {
    case rpmb::Kind::mmc: return "emmc";
    case rpmb::Kind::ufs: return "ufs";
    case rpmb::Kind::emulator: return "emulator";
  }
  return "emulator";
}

}  // namespace

template <class Call>
auto DeviceIdentity::use(Call call)
    -> decltype(call(std::declval<identity::Registration&>(), std::declval<Chip::Mounted&>())) {
  return chip_.use([&](Chip::Mounted& on) -> decltype(call(std::declval<identity::Registration&>(), on)) {
    if (!registrar_) return fail(registrar_.error());
    SIGNET_TRY(chip_.check_identity());
    identity::Registration registration{{.store = on.store,
                                         .session = *chip_.session(),
                                         .root = chip_.root()->secret,
                                         .cid = chip_.masked_cid(),
                                         .transport = transport_name(chip_.transport()->facts()),
                                         .key_protection = kKeyProtection},
                                        registrar_->trust,
                                        random_,
                                        clock_};
    return call(registration, on);
  });
}

Result<BegunRegistration> DeviceIdentity::begin(const identity::Ids& ids, const std::string& sn_ticket) {
  return use([&](identity::Registration& registration, Chip::Mounted&) -> Result<BegunRegistration> {
    SIGNET_ASSIGN(auto request, registration.begin(ids, sn_ticket));
    return BegunRegistration{
        .request = std::move(request).value_or(""), .url = registrar_->trust.url, .tls_ca = registrar_->tls_ca};
  });
}

Result<std::string> DeviceIdentity::prove(const std::string& challenge) {
  return use([&](identity::Registration& registration, Chip::Mounted&) -> Result<std::string> {
    SIGNET_ASSIGN(auto ticket, registration.prove(challenge));
    return std::move(ticket).value_or("");
  });
}

Result<void> DeviceIdentity::complete(const std::vector<std::string>& chain) {
  std::vector<Bytes> certificates;
  for (const auto& text : chain) {
    auto der = from_base64(text);
    if (!der) return fail(Errc::invalid_argument, "chain: must be certificates, DER in base64");
    certificates.push_back(*std::move(der));
  }
  return use([&](identity::Registration& registration, Chip::Mounted&) { return registration.complete(certificates); });
}

Result<void> DeviceIdentity::cancel() {
  return chip_.use([](Chip::Mounted& on) { return identity::DeviceRecords{on.store}.cancel(); });
}

Result<void> DeviceIdentity::release(const std::string& signed_release) {
  return use(
      [&](identity::Registration& registration, Chip::Mounted&) { return registration.release(signed_release); });
}

Result<IdentityFacts> DeviceIdentity::facts() {
  return chip_.use([&](Chip::Mounted& on) -> Result<IdentityFacts> {
    identity::DeviceRecords records{on.store};
    IdentityFacts facts;
    SIGNET_ASSIGN(facts.identity, records.identity());
    SIGNET_ASSIGN(facts.pending, records.pending());
    if (registrar_) {
      facts.registrar = registrar_->trust.url;
      facts.tls_ca = registrar_->tls_ca;
      facts.escrow = !registrar_->trust.escrow_public_der.empty();
    }
    return facts;
  });
}

Result<identity::MadeTicket> DeviceIdentity::ticket(const Grant& grant, identity::TicketRequest request,
                                                    const std::string& client_key) {
  return use([&](identity::Registration& registration, Chip::Mounted& on) -> Result<identity::MadeTicket> {
    if (!client_key.empty()) {
      SIGNET_ASSIGN(const auto key, on.keys.public_key(grant.space, client_key));
      SIGNET_ASSIGN(request.confirmation, jose::key_thumbprint(key));
    }
    const auto& allowed = registrar_->sn_audiences;
    request.with_sn = std::find(allowed.begin(), allowed.end(), request.audience) != allowed.end();
    return registration.ticket(request);
  });
}

}  // namespace signet::rpmbd
