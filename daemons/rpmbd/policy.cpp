#include "rpmbd/policy.h"

#include <fmt/format.h>
#include <pwd.h>

#include <algorithm>
#include <array>
#include <map>

namespace signet::rpmbd {
namespace {

int conditions(const ClientRule& rule) { return (rule.unit.empty() ? 0 : 1) + (rule.selinux.empty() ? 0 : 1); }

// All but the condition on the unit, which is costly to find out.
bool may_hold(const ClientRule& rule, const std::string& user, const Caller& caller) {
  return rule.user == user && (rule.selinux.empty() || rule.selinux == caller.selinux);
}

}  // namespace

const char* name(Right right) {
  switch (right) {
    case Right::store: return "store";
    case Right::keys: return "keys";
    case Right::counters: return "counters";
    case Right::evidence: return "evidence";
    case Right::admin: return "admin";
    case Right::registration: return "registration";
    case Right::tickets: return "tickets";
  }
  return "";
}

std::string names(Right rights) {
  std::string text;
  for (const Right right : kRights) {
    if ((static_cast<std::uint8_t>(rights) & static_cast<std::uint8_t>(right)) == 0) continue;
    text += (text.empty() ? "" : " or ") + std::string{name(right)};
  }
  return text;
}

std::optional<std::string> SystemUsers::name_of(uid_t uid) const {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr) return std::nullopt;
  return std::string{found->pw_name};
}

std::optional<uid_t> SystemUsers::uid_of(const std::string& name) const {
  std::array<char, 16384> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (::getpwnam_r(name.c_str(), &entry, buffer.data(), buffer.size(), &found) != 0 || found == nullptr)
    return std::nullopt;
  return found->pw_uid;
}

void Policy::replace(std::vector<ClientRule> rules) {
  rules_.clear();
  for (auto& rule : rules) {
    auto grant = std::make_shared<const Grant>(rule.grant);
    rules_.push_back({std::move(rule), std::move(grant)});
  }
  std::stable_sort(rules_.begin(), rules_.end(),
                   [](const Rule& a, const Rule& b) { return conditions(a.condition) > conditions(b.condition); });
}

Result<std::shared_ptr<const Grant>> Policy::grant(const Caller& caller) const {
  const auto user = users_.name_of(caller.uid);
  if (!user) return fail(Errc::access_denied, fmt::format("uid {} has no user name on this system", caller.uid));
  if (users_.uid_of(*user) != caller.uid) {
    return fail(Errc::access_denied,
                fmt::format("uid {} is called '{}', but that name belongs to another uid", caller.uid, *user));
  }
  std::optional<std::string> unit;
  for (const auto& rule : rules_) {
    if (!may_hold(rule.condition, *user, caller)) continue;
    if (rule.condition.unit.empty()) return rule.grant;
    if (!unit && caller.unit) {
      SIGNET_ASSIGN(unit, caller.unit());
    }
    if (unit == rule.condition.unit) return rule.grant;
  }
  return fail(
      Errc::access_denied,
      fmt::format("no [[client]] entry of rpmbd's configuration fits user '{}'; an administrator can add one", *user));
}

std::vector<std::shared_ptr<const Grant>> Policy::grants() const {
  std::map<std::string, std::shared_ptr<const Grant>> by_space;
  for (const auto& rule : rules_) by_space.emplace(rule.grant->space, rule.grant);
  std::vector<std::shared_ptr<const Grant>> result;
  for (auto& [space, grant] : by_space) result.push_back(std::move(grant));
  return result;
}

}  // namespace signet::rpmbd
