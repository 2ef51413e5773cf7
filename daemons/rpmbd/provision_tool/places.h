// The places of a machine where a root secret may be kept.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "identity/derivation.h"

namespace signet::provision {

enum class PlaceKind : std::uint8_t {
  encrypted,  // a systemd credential, encrypted to this machine (its TPM and host key, as systemd-creds sees fit)
  credstore,  // a systemd credential as a plain file, which only root can read
  file,       // the [root] file of rpmbd.toml, which belongs to the daemon's user: for systems without systemd
};
std::string_view name(PlaceKind kind);  // "encrypted"
std::optional<PlaceKind> kind_from_name(std::string_view name);

struct Place {
  PlaceKind kind;
  std::string path;
};
std::string describe(const Place& place);  // for people

class Places {
 public:
  // `root`: prefix of all paths, empty for the running system. `file`: [root] file of the configuration.
  Places(const std::string& root, const std::string& file);

  [[nodiscard]] const Place& operator[](PlaceKind kind) const { return all_[static_cast<std::size_t>(kind)]; }
  // In the order in which rpmbd looks, so that the first one that is occupied holds the secret in use.
  [[nodiscard]] const std::array<Place, 3>& all() const { return all_; }
  // Those where something is. Error: io.
  [[nodiscard]] Result<std::vector<Place>> occupied() const;

 private:
  std::array<Place, 3> all_;
};

// Errors: those of identity::read_secret_file() and, for `encrypted`, of run(); config_invalid: not a root secret.
Result<identity::RootSecret> load(const Place& place);

// Puts a secret into an empty place and makes its directory if there is none. `owner`: the user who gets the file, when
// there is such a user. Errors: those of identity::create_secret_file() and, for `encrypted`, of run().
Result<void> store(const Place& place, const identity::RootSecret& secret, const std::string& owner);

}  // namespace signet::provision
