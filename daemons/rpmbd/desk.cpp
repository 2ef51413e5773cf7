#include "rpmbd/desk.h"

#include <fmt/format.h>

namespace signet::rpmbd {

Result<std::shared_ptr<const Grant>> Desk::admit(const sdbus::Message& from, const Terms& terms) {
  SIGNET_ASSIGN(auto grant, callers_.grant(from));
  if (!grant->has(terms.right)) {
    return fail(Errc::access_denied,
                fmt::format("namespace '{}' does not have the right '{}' ({}): add it to `rights` of its [[client]] "
                            "entry and reload rpmbd",
                            grant->space, names(terms.right), terms.method));
  }
  if (terms.octets > kMaxArguments) {
    return fail(Errc::too_large,
                fmt::format("{}: {} octets; at most {} are taken", terms.method, terms.octets, kMaxArguments));
  }
  return grant;
}

void Desk::enqueue(std::unique_ptr<QueuedCall> call) {
  const auto space = call->space();
  std::unique_ptr<Job> job = std::move(call);
  if (auto queued = lane_.submit(space, job); !queued) static_cast<QueuedCall&>(*job).refuse(queued.error());
}

std::shared_ptr<const Grant> Desk::require_grant(const sdbus::Message& from) {
  auto grant = callers_.grant(from);
  if (!grant) throw dbus::to_dbus(grant.error());
  return *std::move(grant);
}

const std::vector<std::pair<std::shared_ptr<const Grant>, Usage>>& Desk::usage(
    const std::vector<std::shared_ptr<const Grant>>& grants) {
  if (!lane_.idle()) return usage_;
  usage_.clear();
  for (const auto& grant : grants) usage_.emplace_back(grant, core_.spaces.usage(*grant).value_or(Usage{}));
  return usage_;
}

}  // namespace signet::rpmbd
