#include "rpmbd/arguments.h"

#include <fmt/format.h>

#include <numeric>

#include "base/hex.h"

namespace signet::rpmbd {
namespace {

Failure bad_key(const std::string& key, std::string_view rule) {
  return fail(Errc::invalid_argument, fmt::format("options: {}: {}", key, rule));
}

// Takes the value of a key out of a variant. `kind`: its type in words.
template <class T>
Result<void> take(const std::string& key, const sdbus::Variant& value, std::string_view kind, T& out) {
  if (!value.containsValueOfType<T>()) return bad_key(key, fmt::format("must be {}", kind));
  out = value.get<T>();
  return {};
}

template <class T>
sdbus::Variant variant(const T& value) {
  return sdbus::Variant{value};
}

}  // namespace

Result<ProvisioningOptions> provisioning_options(const Dictionary& options) {
  ProvisioningOptions result;
  for (const auto& [key, value] : options) {
    if (key == "root_backup") {
      SIGNET_TRY(take(key, value, "a string", result.root_backup));
    } else if (key == "root_backup_proof") {
      SIGNET_TRY(take(key, value, "an array of octets", result.root_backup_proof));
    } else if (key == "again") {
      SIGNET_TRY(take(key, value, "a boolean", result.again));
    } else {
      return bad_key(key, "unknown");
    }
  }
  return result;
}

Result<std::uint32_t> region_option(const Dictionary& options) {
  std::uint32_t region = 0;
  for (const auto& [key, value] : options) {
    if (key != "region") return bad_key(key, "unknown");
    SIGNET_TRY(take(key, value, "an unsigned 32-bit integer", region));
  }
  return region;
}

Result<TicketOptions> ticket_options(std::string audience, std::string nonce, const Dictionary& options) {
  TicketOptions result;
  result.request.audience = std::move(audience);
  result.request.nonce = std::move(nonce);
  for (const auto& [key, value] : options) {
    if (key == "lifetime") {
      std::uint32_t seconds = 0;
      SIGNET_TRY(take(key, value, "an unsigned 32-bit integer", seconds));
      if (seconds == 0 || seconds > identity::kMaxTicketLife.count()) return bad_key(key, "must be 1 to 3600 seconds");
      result.request.lifetime = std::chrono::seconds{seconds};
    } else if (key == "ext") {
      SIGNET_TRY(take(key, value, "a string", result.request.ext));
    } else if (key == "client_key") {
      SIGNET_TRY(take(key, value, "a string", result.client_key));
    } else if (key == "model_id") {
      SIGNET_TRY(take(key, value, "a string", result.request.model_id));
    } else {
      return bad_key(key, "unknown");
    }
  }
  return result;
}

std::vector<NamedChange> named_changes(std::vector<BusChange> changes) {
  std::vector<NamedChange> result;
  result.reserve(changes.size());
  for (auto& change : changes) {
    const bool remove = change.get<1>();
    result.push_back({std::move(change.get<0>()), remove ? std::nullopt : std::optional{std::move(change.get<2>())}});
  }
  return result;
}

std::size_t octets_of(const std::vector<BusChange>& changes) {
  return std::accumulate(changes.begin(), changes.end(), std::size_t{0}, [](std::size_t sum, const BusChange& change) {
    return sum + change.get<0>().size() + change.get<2>().size();
  });
}

Dictionary to_dictionary(const ProvisioningPlan& plan) {
  return {{"cid", variant(to_hex(plan.chip.cid))},
          {"transport", variant(std::string{rpmb::name(plan.chip.kind)})},
          {"node", variant(plan.chip.node)},
          {"size", variant(static_cast<std::uint32_t>(plan.chip.blocks * rpmb::kBlockSize))},
          {"root_source", variant(plan.root_source)},
          {"root_survives_reflash", variant(plan.root_survives_reflash)},
          {"root_check", variant(to_hex(plan.root_check))},
          {"challenge", variant(Bytes{plan.challenge.begin(), plan.challenge.end()})},
          {"refusals", variant(plan.refusals)},
          {"warnings", variant(plan.warnings)},
          {"steps", variant(plan.steps)}};
}

Dictionary to_dictionary(const Usage& usage, const Quota& quota) {
  return {{"objects", variant(usage.objects)},     {"bytes", variant(usage.bytes)},
          {"keys", variant(usage.keys)},           {"writes_today", variant(usage.writes_today)},
          {"max_objects", variant(quota.objects)}, {"max_bytes", variant(quota.bytes)},
          {"max_keys", variant(quota.keys)},       {"max_writes_per_day", variant(quota.writes_per_day)}};
}

Dictionary to_dictionary(const Grant& grant) {
  std::vector<std::string> rights;
  for (const auto right : kRights) {
    if (grant.has(right)) rights.emplace_back(name(right));
  }
  return {{"namespace", variant(grant.space)},       {"rights", variant(rights)},
          {"objects", variant(grant.quota.objects)}, {"bytes", variant(grant.quota.bytes)},
          {"keys", variant(grant.quota.keys)},       {"writes_per_day", variant(grant.quota.writes_per_day)}};
}

Dictionary to_dictionary(const BegunRegistration& begun) {
  return {{"url", variant(begun.url)}, {"tls_ca", variant(begun.tls_ca)}};
}

Dictionary to_dictionary(const IdentityFacts& facts, bool with_sn) {
  Dictionary result{{"state", variant(std::string{facts.identity  ? "confirmed"
                                                  : facts.pending ? "reserved"
                                                                  : "none"})},
                    {"pending", variant(facts.pending.has_value())},
                    {"escrow", variant(facts.escrow)}};
  if (!facts.registrar.empty()) {
    result.emplace("registrar", variant(facts.registrar));
    result.emplace("tls_ca", variant(facts.tls_ca));
  }
  if (facts.identity) {
    const auto& certificate = facts.identity->certificate;
    result.emplace("registered_with", variant(facts.identity->registrar));
    result.emplace("generation", variant(identity::generation(*facts.identity)));
    result.emplace("ueid", variant(certificate.common_name()));
    result.emplace("certificate", variant(certificate.der()));
    result.emplace("not_after", variant(std::int64_t{certificate.not_after().time_since_epoch().count()}));
  }
  if (facts.identity || facts.pending) {
    const auto& ids = facts.identity ? facts.identity->ids : facts.pending->ids;
    result.emplace("model_id", variant(ids.model_id));
    result.emplace("app_id", variant(ids.app_id));
    if (with_sn) result.emplace("sn", variant(ids.sn));
  }
  if (facts.pending && with_sn) result.emplace("pending_sn", variant(facts.pending->ids.sn));
  return result;
}

Dictionary chip_dictionary(const Status& status) {
  Dictionary chip;
  if (status.chip) {
    chip.emplace("transport", variant(std::string{rpmb::name(status.chip->kind)}));
    chip.emplace("emulated", variant(status.chip->kind == rpmb::Kind::emulator || !status.chip->cid_from_hardware));
    chip.emplace("node", variant(status.chip->node));
    chip.emplace("cid", variant(to_hex(status.chip->cid)));
    chip.emplace("size", variant(static_cast<std::uint32_t>(status.chip->blocks * rpmb::kBlockSize)));
  }
  if (status.provisioned) chip.emplace("provisioned", variant(*status.provisioned));
  if (!status.root_source.empty()) chip.emplace("root_source", variant(status.root_source));
  if (status.ueid) chip.emplace("ueid", variant(to_hex(*status.ueid)));
  if (status.store) {
    chip.emplace("write_frames", variant(std::uint32_t{status.store->burst_blocks}));
    chip.emplace("store_id", variant(to_hex(status.store->store_id)));
    chip.emplace("region", variant(static_cast<std::uint32_t>(status.store->region_blocks * rpmb::kBlockSize)));
    chip.emplace("slot", variant(static_cast<std::uint32_t>(status.store->slot_blocks * rpmb::kBlockSize)));
  }
  return chip;
}

Dictionary health_dictionary(const Status& status, std::uint32_t wear_budget) {
  Dictionary health{{"wear_budget", variant(wear_budget)},
                    {"writes", variant(status.io.writes)},
                    {"reads", variant(status.io.reads)},
                    {"retries", variant(status.io.retries)},
                    {"doubts", variant(status.io.doubts)},
                    {"unsettled", variant(status.unsettled)},
                    {"slowest_operation_ms", variant(static_cast<std::uint64_t>(status.slowest.count()))}};
  if (status.write_counter) {
    health.emplace("write_counter", variant(*status.write_counter));
    health.emplace("wear_percent", variant(100.0 * *status.write_counter / wear_budget));
  }
  if (status.store) {
    health.emplace("slots", variant(status.store->slots));
    health.emplace("slots_used", variant(status.store->slots_used));
    health.emplace("slots_free", variant(status.store->slots - status.store->slots_used));
    health.emplace("unclean_starts", variant(status.store->unclean_starts));
  }
  return health;
}

std::tuple<std::string, Dictionary> verdict_answer(const identity::EvidenceVerdict& verdict) {
  Dictionary facts;
  if (verdict.ok()) {
    facts = {{"write_counter", variant(verdict.write_counter)},
             {"store_id", variant(to_hex(verdict.store_id))},
             {"ueid", variant(to_hex(verdict.ueid))}};
  }
  return {verdict.verdict, std::move(facts)};
}

}  // namespace signet::rpmbd
