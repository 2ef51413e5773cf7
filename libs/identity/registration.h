// The device's half of registration, and tickets once it is done (docs/registration.md). What clients hand over is
// octets of the registrar: nothing of it counts before it has been verified against the configuration's own CA.
//
//   none -- begin --> pending -- complete --> registered -- begin, same ids --> pending again, still registered
//
// Every step may be repeated after a crash or a lost answer, and goes on where it was.
#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "crypto/x509.h"
#include "identity/derivation.h"
#include "identity/device_records.h"
#include "identity/ids.h"
#include "identity/ticket.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"

namespace signet::identity {

// What the device's own configuration says of its registrar.
struct RegistrarTrust {
  std::string url;                           // base URL, without a slash at its end; also the audience of registration
  std::vector<crypto::Certificate> anchors;  // CA certificates, of hardware and of emulated chips
  Bytes escrow_public_der;                   // empty: the chip's key is given to nobody
};

// The device under registration. Everything must outlive the Registration.
struct Device {
  rpmb::Store& store;
  rpmb::Session& session;
  const RootSecret& root;
  MaskedCid cid;
  std::string transport;       // "emmc", "ufs", "emulator"
  std::string key_protection;  // "soft", "tpm2", "tee"
};

struct TicketRequest {
  std::string audience;
  std::string nonce;                 // base64url of the verifier's 16 to 64 octets; empty: a bearer ticket
  std::chrono::seconds lifetime{0};  // 0: 300 s for a challenge ticket, 3600 s for a bearer ticket
  std::string ext;                   // JSON text of an object, or empty
  std::optional<std::string> confirmation;
  std::string model_id;  // compared when not empty
  bool with_sn = false;
};
struct MadeTicket {
  std::string text;
  crypto::UnixTime expires_at;
};

// Not thread-safe; blocks as long as the chip does. Every call may also end with the errors of Store and Session.
class Registration {
 public:
  Registration(const Device& device, const RegistrarTrust& trust, crypto::Random& random, const Clock& clock)
      : device_{device}, records_{device.store}, trust_{trust}, random_{random}, clock_{clock} {}

  // The request for the registrar; none when the registration that was begun with this very sn ticket is complete, so
  // that a caller who missed its end may repeat it. One write when it is the first for these ids and this sn ticket,
  // none when it is repeated. Errors: invalid_argument (names the id and its rule); identity_mismatch: registered under
  // other ids; registration_pending: one for other ids is under way.
  Result<std::optional<std::string>> begin(const Ids& ids, std::string_view sn_ticket);

  // The ticket that answers the registrar's challenge; none when the registration that it is for is complete, by
  // another process that did the same at once. Errors: not_found: no registration is under way; registrar_untrusted:
  // not signed by the registrar of the configuration; ticket_invalid: malformed, or of another registration;
  // clock_skew.
  Result<std::optional<std::string>> prove(std::string_view challenge);

  // Takes the certificate. Done twice, it is done. Errors: not_found; certificate_invalid, with what does not fit.
  Result<void> complete(const std::vector<Bytes>& chain);

  // Forgets the identity, on a release that the registrar has signed for this device and generation. Errors:
  // not_registered, registrar_untrusted, ticket_invalid, clock_skew.
  Result<void> release(std::string_view signed_release);

  // Errors: not_registered; identity_mismatch (model_id); certificate_invalid: key and certificate do not belong
  // together; invalid_argument (names the claim).
  Result<MadeTicket> ticket(const TicketRequest& request);

 private:
  [[nodiscard]] crypto::UnixTime now() const;
  [[nodiscard]] bool emulated() const { return device_.transport == "emulator"; }
  Result<crypto::P256PrivateKey> pending_key_for(PendingRecord& wanted);
  Result<std::string> escrow(const SecretBytes<32>& rpmb_key) const;
  Result<void> check_certificate(const crypto::Certificate& certificate, const PendingRecord& pending);
  Result<IdentityRecord> registered();
  TicketClaims claims(const Ids& ids, std::string_view audience, std::chrono::seconds lifetime);

  Device device_;
  DeviceRecords records_;
  const RegistrarTrust& trust_;
  crypto::Random& random_;
  const Clock& clock_;
};

}  // namespace signet::identity
