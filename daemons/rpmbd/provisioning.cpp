#include "rpmbd/provisioning.h"

#include <fmt/format.h>

#include "base/hex.h"
#include "rpmbd/remedy.h"
#include "service/log.h"

namespace signet::rpmbd {
namespace {

Failure bad_option(std::string_view option, std::string_view rule) {
  return fail(Errc::invalid_argument, fmt::format("{}: {}", option, rule));
}

}  // namespace

bool Provisioning::has_no_key() const {
  const auto cause = problem();
  return cause && cause->code == Errc::not_provisioned;
}

// Our key is on the chip but no store: a provisioning that was interrupted, or a chip that has never been written to.
bool Provisioning::may_be_finished() const {
  const auto cause = problem();
  if (!cause || cause->code != Errc::not_formatted || chip_.session() == nullptr) return false;
  return chip_.session()->counter() == 0U || (chip_.record() && chip_.record()->state == Provisioned::pending);
}

std::vector<std::string> Provisioning::refusals() const {
  const auto cause = problem();
  if (!cause || chip_.status().state == State::read_only)
    return {"the chip is provisioned already, with this device's key"};
  if (has_no_key() || may_be_finished()) return {};
  return {to_string(with_remedy(*cause))};
}

std::vector<std::string> Provisioning::warnings() const {
  std::vector<std::string> warnings;
  if (chip_.transport()->facts().kind == rpmb::Kind::emulator)
    warnings.emplace_back("this chip is emulated: it protects nothing");
  if (!chip_.transport()->facts().cid_from_hardware) {
    warnings.emplace_back(
        "the CID comes from the configuration, not from the hardware: evidence of this chip counts as emulated");
  }
  if (!root_survives_reflash_) {
    warnings.emplace_back(
        fmt::format("the root secret ({}) is not known to survive a re-flash (root.survives_reflash); whoever "
                    "loses it loses the chip for good: back it up",
                    chip_.root()->source));
  }
  if (has_no_key() && chip_.record()) {
    warnings.emplace_back(
        fmt::format("this chip has a provisioning record of {} ({}) and yet says that it has no key: a second key "
                    "request needs the option 'again'",
                    chip_.record()->time, name(chip_.record()->state)));
  }
  return warnings;
}

Result<ProvisioningPlan> Provisioning::plan() {
  if (chip_.status().state != State::ready) chip_.open();
  if (chip_.transport() == nullptr || chip_.root() == nullptr) return fail(with_remedy(*problem()));

  challenge_ = random_.bytes<32>();
  ProvisioningPlan plan{.chip = chip_.transport()->facts(),
                        .root_source = chip_.root()->source,
                        .root_survives_reflash = root_survives_reflash_,
                        .root_check = identity::root_check(chip_.root()->secret),
                        .challenge = *challenge_,
                        .refusals = refusals(),
                        .warnings = warnings()};
  if (!plan.refusals.empty()) return plan;
  plan.steps.push_back("write " + records_.path(chip_.masked_cid()) + ", the record of this provisioning");
  if (has_no_key()) {
    plan.steps.push_back(fmt::format("send the key of chip {} to {} (RPMB request 0x0001): cannot be undone",
                                     to_hex(plan.chip.cid), plan.chip.node));
    plan.steps.emplace_back("read the write counter with that key, whatever the chip answered");
  }
  plan.steps.emplace_back("make an empty store");
  plan.steps.emplace_back("verify once more after the next power cycle");
  return plan;
}

Result<void> Provisioning::check_chip(const std::string& cid) {
  if (chip_.transport() == nullptr) {
    const auto cause = problem();
    return fail(cause ? with_remedy(*cause) : Error{Errc::no_chip, ""});
  }
  const auto& facts = chip_.transport()->facts();
  const auto wanted = from_hex(cid);
  if (!wanted || wanted->size() != facts.cid.size()) return bad_option("cid", "must be 32 hexadecimal digits");
  if (!std::equal(wanted->begin(), wanted->end(), facts.cid.begin())) {
    return bad_option("cid", fmt::format("the chip behind {} is {}", facts.node, to_hex(facts.cid)));
  }
  if (chip_.root() == nullptr) return fail(with_remedy(*problem()));
  return chip_.transport()->check_identity();
}

Result<void> Provisioning::check_backup(const ProvisioningOptions& options) {
  if (options.root_backup == "none-accepted") return {};
  if (options.root_backup != "proven") {
    return bad_option("root_backup",
                      R"(must be "proven" or "none-accepted": whoever loses the root secret loses the chip for good)");
  }
  const auto challenge = std::exchange(challenge_, std::nullopt);
  if (!challenge) return bad_option("root_backup_proof", "there is no open challenge; ask for a new plan");
  const auto expected = identity::backup_proof(chip_.root()->secret, *challenge);
  if (!crypto::equal_constant_time(expected, options.root_backup_proof)) {
    return bad_option("root_backup_proof", "the backup is not of this root secret, or the proof not for the last plan");
  }
  return {};
}

Result<void> Provisioning::provision(const std::string& cid, const ProvisioningOptions& options) {
  SIGNET_TRY(check_chip(cid));
  if (const auto against = refusals(); !against.empty()) {
    const auto cause = problem();
    const bool done = !cause || chip_.status().state == State::read_only;
    return fail(done ? Errc::already_exists : cause->code, against.front());
  }
  SIGNET_TRY(check_backup(options));
  if (has_no_key()) {
    if (chip_.record() && !options.again) {
      return bad_option(
          "again", fmt::format("this chip was sent its key at {} ({}) and yet says that it has none; its answer may "
                               "be forged. Only an administrator can decide to send the key again",
                               chip_.record()->time, name(chip_.record()->state)));
    }
    SIGNET_TRY(program());
    // A bus that lied about the missing key may have hidden a store in good order: that one stays.
    if (chip_.mounted()) return {};
    if (!may_be_finished()) return fail(with_remedy(*problem()));
  }
  return make_store(0);
}

// Rule: the record is on disk before the key leaves this process, and what the chip answers to 0x0001 counts for
// nothing.
Result<void> Provisioning::program() {
  auto& transport = *chip_.transport();
  if (auto kept = records_.save(chip_.new_record(Provisioned::pending)); !kept) {
    return fail(kept.error().code, "nothing was sent to the chip: " + kept.error().context);
  }
  service::log_event(service::Severity::notice, "programming the key into " + transport.facts().node,
                     {{"SIGNET_CID", to_hex(transport.facts().cid)}});
  const auto key = identity::rpmb_key(chip_.root()->secret, chip_.masked_cid());
  auto programmed = rpmb::program_key(transport, key, random_);
  chip_.open();
  if (!programmed) {
    return fail(programmed.error().code,
                "the key was sent, but the chip does not answer with it: " + programmed.error().context);
  }
  return {};
}

Result<void> Provisioning::make_store(std::uint32_t region) {
  if (chip_.session() == nullptr) return fail(with_remedy(*problem()));
  const rpmb::FormatOptions options{.region_blocks = region / static_cast<std::uint32_t>(rpmb::kBlockSize),
                                    .ueid = identity::ueid(chip_.root()->secret, chip_.masked_cid())};
  const auto made = rpmb::format(*chip_.session(), options, chip_.store_keys(), random_);
  chip_.open();
  SIGNET_TRY(made);
  SIGNET_TRY(chip_.mounted());
  return {};
}

Result<void> Provisioning::format(const std::string& cid, std::uint32_t region) {
  SIGNET_TRY(check_chip(cid));
  if (region % (128 * 1024) != 0) return bad_option("region", "must be a multiple of 131072 octets");
  if (region / rpmb::kBlockSize > chip_.transport()->facts().blocks) {
    return bad_option("region",
                      fmt::format("the partition has {} octets", chip_.transport()->facts().blocks * rpmb::kBlockSize));
  }
  if (chip_.session() == nullptr || chip_.status().provisioned != true) return fail(with_remedy(*problem()));
  service::log_event(service::Severity::notice, "formatting the store", {{"SIGNET_CID", cid}});
  return make_store(region);
}

Result<void> Provisioning::accept(const std::string& cid) {
  SIGNET_TRY(check_chip(cid));
  SIGNET_ASSIGN(Chip::Mounted* const mounted, chip_.mounted());
  auto accepted = mounted->store.accept();
  chip_.conclude(accepted ? std::nullopt : std::optional{accepted.error()});
  return accepted;
}

}  // namespace signet::rpmbd
