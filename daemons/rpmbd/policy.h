// Who may do what: maps a caller to a namespace with rights and quotas (docs/identity.md, "Callers").
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.h"

namespace signet::rpmbd {

enum class Right : std::uint8_t {
  store = 1,
  keys = 2,
  counters = 4,
  evidence = 8,
  admin = 16,
  registration = 32,
  tickets = 64
};
inline constexpr Right kRights[] = {Right::store, Right::keys,         Right::counters, Right::evidence,
                                    Right::admin, Right::registration, Right::tickets};
const char* name(Right right);  // "store"
constexpr Right operator|(Right a, Right b) {
  return static_cast<Right>(static_cast<std::uint8_t>(a) | static_cast<std::uint8_t>(b));
}
std::string names(Right rights);  // "store or keys", of those in a union

struct Quota {
  std::uint32_t objects = 64;   // counters count as objects
  std::uint32_t bytes = 65536;  // of all objects together
  std::uint32_t keys = 16;
  std::uint32_t writes_per_day = 100;
  bool operator==(const Quota&) const = default;
};

// What a caller has been given.
struct Grant {
  std::string space;  // its namespace
  std::uint8_t rights = 0;
  Quota quota;
  // Of a union: any of them.
  [[nodiscard]] bool has(Right right) const { return (rights & static_cast<std::uint8_t>(right)) != 0; }
};

// One [[client]] of the configuration. All conditions that are given must hold.
struct ClientRule {
  std::string user;
  std::string unit;     // systemd unit of the caller, or empty
  std::string selinux;  // its SELinux label, or empty
  Grant grant;
};

// What the bus and the kernel say of a caller.
struct Caller {
  uid_t uid = 0;
  std::function<Result<std::string>()> unit;  // asked only when a rule needs it, once; "": none. May be empty
  std::string selinux;                        // empty: none
};

// User names. Tests bring their own.
class UserDatabase {
 public:
  virtual ~UserDatabase() = default;
  virtual std::optional<std::string> name_of(uid_t uid) const = 0;
  virtual std::optional<uid_t> uid_of(const std::string& name) const = 0;
};
class SystemUsers final : public UserDatabase {  // getpwuid_r(3): may block as long as the name service does
 public:
  std::optional<std::string> name_of(uid_t uid) const override;
  std::optional<uid_t> uid_of(const std::string& name) const override;
};

class Policy {
 public:
  Policy(std::vector<ClientRule> rules, const UserDatabase& users) : users_{users} { replace(std::move(rules)); }

  // What was granted before stays with those who hold it.
  void replace(std::vector<ClientRule> rules);

  // The grant of a caller, by the name that its uid has now: a uid that has gone to another user carries nothing over.
  // Of several rules that hold, the one with the most conditions decides, then the first. Error: access_denied, also
  // when the uid has no name or the name leads back to another uid. Whatever Caller::unit ends with: a rule must not be
  // passed over only because nobody could tell whether it holds.
  Result<std::shared_ptr<const Grant>> grant(const Caller& caller) const;

  [[nodiscard]] std::vector<std::shared_ptr<const Grant>> grants() const;  // one per namespace, sorted

 private:
  struct Rule {
    ClientRule condition;
    std::shared_ptr<const Grant> grant;
  };
  std::vector<Rule> rules_;  // most conditions first
  const UserDatabase& users_;
};

}  // namespace signet::rpmbd
