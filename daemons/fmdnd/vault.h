// Where the device keeps what nobody else may know: one record, replaced as a whole, so that a power cut never leaves a
// device half owned.
#pragma once

#include <functional>
#include <optional>

#include "base/result.h"
#include "base/secret_bytes.h"

namespace signet::fmdnd {

// Answers come later, on the loop's thread, in the order of the calls; none after the vault is gone.
class Vault {
 public:
  using Loaded = std::function<void(Result<std::optional<SecretBuffer>>)>;  // nothing: there is no record yet
  using Saved = std::function<void(Result<void>)>;

  virtual ~Vault() = default;
  virtual void load(Loaded loaded) = 0;
  // Errors leave the old record, but for outcome_unknown: either. The same record may then be saved again.
  virtual void save(SecretBuffer record, Saved saved) = 0;
  [[nodiscard]] virtual const char* name() const = 0;  // "rpmbd", "file"
};

inline constexpr std::size_t kLongestRecord = 1024;

}  // namespace signet::fmdnd
