// The irreversible: programming the chip's key (docs/identity.md, "Keys"), which a chip takes once in its life
// (JESD84-B51 6.6.22), and what an administrator may do to the store.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"
#include "rpmbd/chip.h"

namespace signet::rpmbd {

struct ProvisioningPlan {
  rpmb::ChipFacts chip;
  std::string root_source;
  bool root_survives_reflash = false;
  identity::CheckValue root_check{};
  std::array<std::uint8_t, 32> challenge{};  // for the proof of a backup; the last plan's counts, once
  std::vector<std::string> refusals;         // empty: it may go ahead
  std::vector<std::string> warnings;
  std::vector<std::string> steps;
};

struct ProvisioningOptions {
  std::string root_backup;  // "proven" or "none-accepted"
  Bytes root_backup_proof;  // with "proven"
  bool again = false;       // a second key request may be sent to a chip that has a record
};

// Not thread-safe; every call blocks as long as the chip takes.
class Provisioning {
 public:
  Provisioning(Chip& chip, const ProvisioningRecords& records, crypto::Random& random, bool root_survives_reflash)
      : chip_{chip}, records_{records}, random_{random}, root_survives_reflash_{root_survives_reflash} {}

  // What provision() would do, and everything that speaks against it. Changes nothing.
  // Errors: those that leave nothing to plan: no chip, no root secret.
  Result<ProvisioningPlan> plan();

  // Record, key, verification, store, in this order; a repetition after any failure goes on where the last one stopped,
  // with the same key. `cid`: 32 hexadecimal digits. Errors: already_exists; invalid_argument, names the option;
  // no_space, io of the record: nothing was sent to the chip; wrong_key, foreign_filesystem, root_secret_missing,
  // root_secret_changed.
  Result<void> provision(const std::string& cid, const ProvisioningOptions& options);

  // A new, empty store. `region`: octets, 0 for the usual. Errors: invalid_argument; foreign_filesystem; those of
  // Session::write.
  Result<void> format(const std::string& cid, std::uint32_t region);

  // Store::accept() for the chip `cid`.
  Result<void> accept(const std::string& cid);

 private:
  Result<void> check_chip(const std::string& cid);
  Result<void> check_backup(const ProvisioningOptions& options);
  Result<void> program();
  Result<void> make_store(std::uint32_t region);
  [[nodiscard]] std::vector<std::string> refusals() const;
  [[nodiscard]] std::vector<std::string> warnings() const;
  [[nodiscard]] bool has_no_key() const;
  [[nodiscard]] bool may_be_finished() const;
  [[nodiscard]] std::optional<Error> problem() const { return chip_.status().problem; }

  Chip& chip_;
  const ProvisioningRecords& records_;
  crypto::Random& random_;
  bool root_survives_reflash_;
  std::optional<std::array<std::uint8_t, 32>> challenge_;
};

}  // namespace signet::rpmbd
