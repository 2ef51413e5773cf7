// The identity of this device: registration and tickets, on the chip that is mounted. What each caller may is checked
// at the desk.
#pragma once

#include <string>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "identity/registration.h"
#include "rpmbd/chip.h"
#include "rpmbd/policy.h"
#include "rpmbd/registrar.h"

namespace signet::rpmbd {

struct BegunRegistration {
  std::string request;  // empty: registered already, with this very sn ticket
  std::string url;
  std::string tls_ca;
};

struct IdentityFacts {
  std::optional<identity::IdentityRecord> identity;
  std::optional<identity::PendingRecord> pending;
  std::string registrar;  // of the configuration; empty: none
  std::string tls_ca;
  bool escrow = false;
};

// Not thread-safe; blocks as long as the chip takes. Every call may also fail with the problem of the chip
// (Chip::mounted) and, but for facts() and cancel(), with config_invalid: no registrar, or its files are of no use.
class DeviceIdentity {
 public:
  DeviceIdentity(Chip& chip, crypto::Random& random, const Clock& clock, Result<Registrar> registrar)
      : chip_{chip}, random_{random}, clock_{clock}, registrar_{std::move(registrar)} {}

  // Errors: those of identity::Registration.
  Result<BegunRegistration> begin(const identity::Ids& ids, const std::string& sn_ticket);
  Result<std::string> prove(const std::string& challenge);       // empty: complete already
  Result<void> complete(const std::vector<std::string>& chain);  // base64 of DER; invalid_argument: is none
  Result<void> cancel();
  Result<void> release(const std::string& signed_release);
  Result<IdentityFacts> facts();

  // `client_key`: name of an ECDSA key of the caller's, or empty.
  Result<identity::MadeTicket> ticket(const Grant& grant, identity::TicketRequest request,
                                      const std::string& client_key);

 private:
  template <class Call>
  auto use(Call call) -> decltype(call(std::declval<identity::Registration&>(), std::declval<Chip::Mounted&>()));

  Chip& chip_;
  crypto::Random& random_;
  const Clock& clock_;
  Result<Registrar> registrar_;
};

}  // namespace signet::rpmbd
