// What lies in the state directory, and who may touch it when.
#pragma once

#include <string>

#include "base/result.h"
#include "base/unique_fd.h"

namespace signet::activationd {

struct Places {
  std::string state_dir;

  [[nodiscard]] std::string database() const { return state_dir + "/registrar.db"; }
  [[nodiscard]] std::string previous() const { return state_dir + "/registrar.db.old"; }
  [[nodiscard]] std::string incoming() const { return state_dir + "/registrar.db.new"; }
  [[nodiscard]] std::string lock() const { return state_dir + "/lock"; }
};

// Held by the daemon, and by whatever must not happen beside it. Errors: busy (somebody holds it), not_found (no state
// directory), io.
Result<UniqueFd> lock(const Places& places);

// While it lives, root acts as the owner of the state directory, so that nothing in it ends up as root's. Does nothing
// for anybody else. All threads of the process change with it.
class AsOwner {
 public:
  static Result<AsOwner> of(const std::string& state_dir);  // not_found, io
  AsOwner(AsOwner&& other) noexcept : active_{std::exchange(other.active_, false)} {}
  AsOwner& operator=(AsOwner&&) = delete;
  ~AsOwner();

 private:
  explicit AsOwner(bool active) : active_{active} {}
  bool active_;
};

// Gives a file that root has made to the owner of the state directory. Does nothing for anybody else.
Result<void> give_to_owner(const Places& places, const std::string& file);

// Puts `incoming()` in the place of the database, which is kept as `previous()`. The lock is held by the caller.
// Errors: already_exists (previous() is there), io.
Result<void> replace_database(const Places& places);

}  // namespace signet::activationd
