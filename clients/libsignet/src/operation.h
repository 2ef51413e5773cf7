// The operations of the interface XML: where each is on the bus, whether it changes anything, and how its answer is
// named.
#pragma once

#include <array>
#include <string>

namespace signet::client {

inline constexpr const char* kService = "org.signet.Rpmb1";
inline constexpr const char* kObject = "/org/signet/Rpmb1";
inline constexpr const char* kMainInterface = "org.signet.Rpmb1";
inline constexpr const char* kProperties = "org.freedesktop.DBus.Properties";

enum class Effect { reads, changes };

// Names of the answer's arguments, in order; for an array of structures, of the members of each. A dictionary named ""
// spreads its entries over the row.
using FieldNames = std::array<const char*, 2>;

struct Operation {
  const char* interface;
  const char* member;
  Effect effect;
  FieldNames fields;
};

// "Store.Put", for people.
inline std::string title(const Operation& operation) {
  const std::string interface { operation.interface };
  return interface.substr(interface.rfind('.') + 1) + "." + operation.member;
}

namespace op {

inline constexpr const char* kChip = "org.signet.Rpmb1.Chip";
inline constexpr const char* kStore = "org.signet.Rpmb1.Store";
inline constexpr const char* kKeys = "org.signet.Rpmb1.Keys";
inline constexpr const char* kCounters = "org.signet.Rpmb1.Counters";
inline constexpr const char* kEvidence = "org.signet.Rpmb1.Evidence";
inline constexpr const char* kIdentity = "org.signet.Rpmb1.Identity";

inline constexpr Operation kPing{"org.freedesktop.DBus.Peer", "Ping", Effect::reads, {}};
inline constexpr Operation kGeneration{kProperties, "Get", Effect::reads, {"interface_version"}};
inline constexpr Operation kStatus{kProperties, "GetAll", Effect::reads, {""}};
inline constexpr Operation kWhoAmI{kMainInterface, "WhoAmI", Effect::reads, {""}};
inline constexpr Operation kMetrics{kMainInterface, "GetMetrics", Effect::reads, {"text"}};
inline constexpr Operation kRefresh{kMainInterface, "Refresh", Effect::reads, {}};

inline constexpr Operation kChipPlan{kChip, "PlanProvisioning", Effect::reads, {""}};
inline constexpr Operation kChipProvision{kChip, "Provision", Effect::changes, {}};
inline constexpr Operation kChipFormat{kChip, "Format", Effect::changes, {}};
inline constexpr Operation kChipAccept{kChip, "Accept", Effect::changes, {}};
inline constexpr Operation kChipCounter{kChip, "ReadCounter", Effect::reads, {"counter"}};

inline constexpr Operation kStoreGet{kStore, "Get", Effect::reads, {"value"}};
inline constexpr Operation kStorePut{kStore, "Put", Effect::changes, {}};
inline constexpr Operation kStoreDelete{kStore, "Delete", Effect::changes, {}};
inline constexpr Operation kStoreApply{kStore, "Apply", Effect::changes, {}};
inline constexpr Operation kStoreList{kStore, "List", Effect::reads, {"name", "size"}};
inline constexpr Operation kStoreUsage{kStore, "Usage", Effect::reads, {""}};

inline constexpr Operation kKeyGenerate{kKeys, "Generate", Effect::changes, {}};
inline constexpr Operation kKeySign{kKeys, "Sign", Effect::reads, {"signature"}};
inline constexpr Operation kKeyVerify{kKeys, "Verify", Effect::reads, {"valid"}};
inline constexpr Operation kKeyPublic{kKeys, "PublicKey", Effect::reads, {"der"}};
inline constexpr Operation kKeyDelete{kKeys, "Delete", Effect::changes, {}};
inline constexpr Operation kKeyList{kKeys, "List", Effect::reads, {"name", "algorithm"}};

inline constexpr Operation kCounterCreate{kCounters, "Create", Effect::changes, {"value"}};
inline constexpr Operation kCounterIncrement{kCounters, "Increment", Effect::changes, {"value"}};
inline constexpr Operation kCounterRead{kCounters, "Read", Effect::reads, {"value"}};
inline constexpr Operation kCounterDelete{kCounters, "Delete", Effect::changes, {}};
inline constexpr Operation kCounterList{kCounters, "List", Effect::reads, {"name", "value"}};

inline constexpr Operation kEvidenceGet{kEvidence, "Get", Effect::reads, {"frames"}};
inline constexpr Operation kEvidenceVerify{kEvidence, "Verify", Effect::reads, {"verdict", ""}};

inline constexpr Operation kIdentityInfo{kIdentity, "Info", Effect::reads, {""}};
inline constexpr Operation kIdentityTicket{kIdentity, "GetTicket", Effect::reads, {"ticket", "expires"}};
inline constexpr Operation kIdentityCancel{kIdentity, "Cancel", Effect::changes, {}};
inline constexpr Operation kIdentityRelease{kIdentity, "Release", Effect::changes, {}};
// The steps of a registration change the store, but a step that is repeated is the same step: no answer means "retry".
// Only after the last one the answer matters.
inline constexpr Operation kIdentityBegin{kIdentity, "Begin", Effect::reads, {"request", "registrar"}};
inline constexpr Operation kIdentityProve{kIdentity, "Prove", Effect::reads, {"ticket"}};
inline constexpr Operation kIdentityComplete{kIdentity, "Complete", Effect::changes, {}};
inline constexpr Operation kRegister{kIdentity, "Register", Effect::reads, {}};  // all of them, see registration.h

}  // namespace op
}  // namespace signet::client
