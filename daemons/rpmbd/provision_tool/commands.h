// What rpmbd-provision can do. Each command answers with what it did, for people and for programs.
#pragma once

#include <optional>
#include <string>

#include "base/result.h"
#include "places.h"

namespace signet::provision {

struct Options {
  std::string config = "/etc/signet/rpmbd.toml";
  std::string root;                // prefix of all paths on the system in question
  std::optional<PlaceKind> place;  // nothing: the best that this system has
  std::string owner = "rpmbd";     // of a secret kept as a plain file
};

struct Report {
  Place place;
  identity::CheckValue check;   // of the root secret; discloses nothing
  std::vector<Place> shadowed;  // places that hold a secret, too, but are not looked at
};

// A new secret of 32 random octets. Errors: already_exists (there is one in any place), those of store().
Result<Report> create(const Options& options);
// The secret in use, to a file that does not exist yet. Errors: root_secret_missing, those of load() and
// write_backup().
Result<Report> back_up(const Options& options, const std::string& file);
// The secret of a backup, into a place. Errors: already_exists, those of read_backup() and store().
Result<Report> restore(const Options& options, const std::string& file);
// Which secret rpmbd will find. Errors: root_secret_missing, those of load().
Result<Report> status(const Options& options);

}  // namespace signet::provision
