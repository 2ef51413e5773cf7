// The claims of a ticket, from and to the octets that are signed. Internal to identity.
#pragma once

#include "identity/attestation.h"
#include "identity/ticket.h"

namespace signet::identity {

inline constexpr AttestationLabels kTicketLabels{.data = "signet-ticket-v1 data",
                                                 .counter = "signet-ticket-v1 counter"};

// Unknown claims are passed over. Error: invalid_argument, "exp: must be ...": claim and rule.
Result<TicketClaims> parse_ticket_payload(std::string_view payload);

}  // namespace signet::identity
