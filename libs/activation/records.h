// What the registrar keeps. Nothing in here is a secret, but for what the name calls sealed, which is encrypted.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "activation/actor.h"
#include "base/bytes.h"
#include "crypto/sha256.h"
#include "crypto/x509.h"
#include "identity/derivation.h"
#include "identity/ids.h"

namespace signet::activation {

using crypto::UnixTime;
using identity::CheckValue;
using identity::Ueid;

std::string to_text(const Ueid& ueid);                                          // 44 characters of base64url
Result<Ueid> parse_ueid(std::string_view text);                                 // invalid_argument
std::string to_text(const identity::RegistrationId& id);                        // 22 characters of base64url
Result<identity::RegistrationId> parse_registration_id(std::string_view text);  // invalid_argument

enum class ChipKind : std::uint8_t { hardware, emulated };
std::string_view name(ChipKind kind);  // "hardware", "emulated"
std::optional<ChipKind> parse_chip_kind(std::string_view text);

// What a device says of its chip.
struct ChipFactsSaid {
  std::string transport;       // "emmc", "ufs", "emulator"
  std::string key_protection;  // "soft", "tpm2", "tee"
  crypto::Digest cid_hash{};
  CheckValue kcv{};
  bool operator==(const ChipFactsSaid&) const = default;

  [[nodiscard]] ChipKind kind() const { return transport == "emulator" ? ChipKind::emulated : ChipKind::hardware; }
};

// A device whose registration has been confirmed.
struct Device {
  Ueid ueid{};
  identity::Ids ids;
  ChipFactsSaid chip;
  bool escrowed = false;  // the chip's key is known, see Transaction::sealed_key
  std::uint32_t generation = 0;
  std::string blocked;                  // why: the name of a Reason; empty: it is not
  std::string blocked_note;             // what the operator said of it
  UnixTime registered_at;               // the first time
  UnixTime confirmed_at;                // the last time
  std::optional<UnixTime> released_at;  // let go by an operator; until it is confirmed again
};

enum class RegistrationState : std::uint8_t { reserved, confirmed, cancelled };

struct Registration {
  identity::RegistrationId id{};
  RegistrationState state = RegistrationState::reserved;
  Ueid ueid{};
  identity::Ids ids;
  ChipFactsSaid chip;
  Bytes public_key;          // SubjectPublicKeyInfo of the pending device key
  Bytes sealed_escrow;       // empty: none
  std::string challenge;     // JWS, as it was answered
  std::string nonce;         // of the challenge
  std::uint64_t issued = 0;  // place of the nonce in the order of events
  UnixTime created_at;
  UnixTime expires_at;
  std::uint32_t generation = 0;  // of its certificate when confirmed; before, the one that the device has
  Bytes certificate;             // the same: DER, as it was answered; that of the DeviceCertificate
};

struct DeviceCertificate {
  Bytes serial;
  ChipKind kind = ChipKind::hardware;
  std::uint32_t ca_generation = 0;
  Ueid ueid{};
  std::uint32_t generation = 0;
  Bytes der;
  UnixTime issued_at;
  UnixTime expires_at;
  std::optional<UnixTime> revoked_at;
};

struct SnTicketRecord {
  crypto::Digest hash{};  // of the ticket
  std::string model_id;
  std::string sn;
  std::string issued_by;
  UnixTime expires_at;
  std::optional<identity::RegistrationId> spent_on;
};

struct NonceRecord {
  std::string nonce;
  std::string audience;
  std::string issued_by;
  UnixTime issued_at;
  UnixTime expires_at;
  std::uint64_t issued = 0;  // place in the order of events
  bool spent = false;
};

// A write counter, seen in a ticket whose nonce the registrar had issued.
struct CounterSighting {
  std::uint32_t counter = 0;
  std::uint64_t seen = 0;  // place in the order of events
  UnixTime seen_at;
  UnixTime nonce_issued_at;
};

enum class KeyPurpose : std::uint8_t { hardware_ca, emulated_ca, registrar, escrow };
std::string_view name(KeyPurpose purpose);  // "hardware-ca", "emulated-ca", "registrar", "escrow"
std::optional<KeyPurpose> parse_key_purpose(std::string_view text);

struct KeyRecord {
  KeyPurpose purpose = KeyPurpose::registrar;
  std::uint32_t generation = 0;  // from 1
  UnixTime created_at;
  UnixTime active_from;
  Bytes sealed_scalar;
  Bytes public_key;   // SubjectPublicKeyInfo
  Bytes certificate;  // DER; none for escrow
};

struct CredentialRecord {
  Actor actor;
  crypto::Digest secret_hash{};
  UnixTime created_at;
};

struct AuditEntry {
  std::uint64_t number = 0;  // given by the store, ascending
  UnixTime at;
  std::string actor;   // name of a credential, or "device"
  std::string action;  // "reserve", "confirm", "verify", "block" ...
  std::string reason;  // the name of a Reason, or nothing
  std::optional<Ueid> ueid;
  std::string model_id;
  std::string sn;
  std::string detail;
};

struct DeviceFilter {
  std::string model_id;     // empty: any
  std::string sn;           // empty: any
  std::string after;        // ueid as text: those behind it; for the next page
  std::size_t limit = 100;  // 1 to 1000
};

}  // namespace signet::activation
