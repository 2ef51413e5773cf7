// What every operation of the registrar has at hand. The operations themselves: one file each; see registrar.h for what
// they do and which errors they have.
#pragma once

#include <boost/json/object.hpp>

#include "activation/registrar.h"

namespace signet::activation::operations {

struct Context {
  Repository& repository;
  const KeyRing& keys;
  const RegistrarConfig& config;
  crypto::Random& random;
  UnixTime now;
};

inline constexpr std::chrono::seconds kSkew{60};       // by which clocks may differ
inline constexpr std::string_view kEvents = "events";  // counter: the order of events
// Counter of the revocations of a CA, so that a list that is kept is known to be old.
std::string revocations_of(ChipKind kind, std::uint32_t ca_generation);

void issue_sn_tickets(const Context& context, const Actor& actor, const std::string& model_id,
                      const std::vector<std::string>& sns, Done<std::vector<SnTicket>> done);
void reserve(const Context& context, const std::string& request, Done<Reservation> done);
void confirm(const Context& context, const std::string& id, const std::string& ticket, Done<Confirmation> done);
void cancel(const Context& context, const Actor& actor, const std::string& id, Done<void> done);
void issue_nonce(const Context& context, const Actor& actor, const std::string& audience, Done<Nonce> done);
void verify(const Context& context, const Actor& actor, const std::string& ticket, const std::string& audience,
            Done<Verdict> done);
void devices(const Context& context, const Actor& actor, const DeviceFilter& filter, Done<std::vector<Device>> done);
void device(const Context& context, const Actor& actor, const std::string& ueid, Done<DeviceHistory> done);
void block(const Context& context, const Actor& actor, const std::string& ueid, const std::string& reason,
           Done<Device> done);
void unblock(const Context& context, const Actor& actor, const std::string& ueid, Done<Device> done);
void release(const Context& context, const Actor& actor, const std::string& ueid, Done<Release> done);
void audit(const Context& context, const Actor& actor, std::uint64_t after, std::size_t limit,
           Done<std::vector<AuditEntry>> done);

// Error: invalid_argument.
Result<void> check_audience(std::string_view audience);

Result<void> check_limit(std::size_t limit);

// A registration that can still be repeated, or be confirmed.
bool live(const Registration& registration, UnixTime now);

AuditEntry entry_of(const Registration& registration, UnixTime now, const char* action);

// Cancels the live reservations of a chip, all or all `but` one.
Result<void> cancel_reservations(Transaction& transaction, const Ueid& ueid, const identity::Ids& ids, UnixTime now,
                                 const char* action, const std::optional<identity::RegistrationId>& but = {});

// The device, if there is one that the actor may touch; not_found.
Result<Device> touchable_device(View& view, const Actor& actor, const Ueid& ueid);

// A JWS of the registrar, of `type`, with its certificate.
Result<std::string> sign_as_registrar(const Context& context, std::string_view type,
                                      const boost::json::object& payload);

// Revokes the device's certificates of the generations below `generation`.
Result<void> revoke_older(const Context& context, const Ueid& ueid, std::uint32_t generation, Transaction& transaction);

}  // namespace signet::activation::operations
