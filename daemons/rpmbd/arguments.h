// D-Bus arguments taken apart: from the types of the bus to those of the core, and back.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <map>
#include <string>
#include <vector>

#include "base/result.h"
#include "rpmbd/chip.h"
#include "rpmbd/device_identity.h"
#include "rpmbd/policy.h"
#include "rpmbd/provisioning.h"
#include "rpmbd/spaces.h"

namespace signet::rpmbd {

using Dictionary = std::map<std::string, sdbus::Variant>;
using BusChange = sdbus::Struct<std::string, bool, std::vector<std::uint8_t>>;

// Errors: invalid_argument, names the key: unknown, or of another type.
Result<ProvisioningOptions> provisioning_options(const Dictionary& options);
Result<std::uint32_t> region_option(const Dictionary& options);

struct TicketOptions {
  identity::TicketRequest request;
  std::string client_key;
};
Result<TicketOptions> ticket_options(std::string audience, std::string nonce, const Dictionary& options);

std::vector<NamedChange> named_changes(std::vector<BusChange> changes);
std::size_t octets_of(const std::vector<BusChange>& changes);

Dictionary to_dictionary(const ProvisioningPlan& plan);
Dictionary to_dictionary(const Usage& usage, const Quota& quota);
Dictionary to_dictionary(const Grant& grant);
Dictionary to_dictionary(const BegunRegistration& begun);
Dictionary to_dictionary(const IdentityFacts& facts, bool with_sn);
Dictionary chip_dictionary(const Status& status);
Dictionary health_dictionary(const Status& status, std::uint32_t wear_budget);
std::tuple<std::string, Dictionary> verdict_answer(const identity::EvidenceVerdict& verdict);

}  // namespace signet::rpmbd
