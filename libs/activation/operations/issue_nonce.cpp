#include <algorithm>

#include "activation/operations/context.h"
#include "activation/unit.h"
#include "base/base64.h"

namespace signet::activation::operations {
namespace {

constexpr std::size_t kSweep = 4;  // expired nonces that go with each new one

Result<void> check(const Actor& actor, std::string_view audience) {
  SIGNET_TRY(require_role(actor, Role::verifier));
  return check_audience(audience);
}

}  // namespace

Result<void> check_audience(std::string_view audience) {
  const auto printable = [](char c) { return c >= ' ' && c <= '~'; };
  if (audience.empty() || audience.size() > identity::kMaxAudience ||
      !std::all_of(audience.begin(), audience.end(), printable)) {
    return fail(Errc::invalid_argument,
                "audience: must be 1 to " + std::to_string(identity::kMaxAudience) + " printable ASCII characters");
  }
  return {};
}

void issue_nonce(const Context& context, const Actor& actor, const std::string& audience, Done<Nonce> done) {
  if (auto good = check(actor, audience); !good) return done(fail(good.error()));
  NonceRecord record{.nonce = to_base64url(context.random.bytes<32>()),
                     .audience = audience,
                     .issued_by = actor.name,
                     .issued_at = context.now,
                     .expires_at = context.now + context.config.nonce_life};
  decide<Nonce>(
      context.repository,
      [record, now = context.now](Transaction& transaction) -> Result<Answer<Nonce>> {
        NonceRecord issued = record;
        SIGNET_ASSIGN(issued.issued, transaction.advance(kEvents));
        SIGNET_TRY(transaction.put(issued));
        SIGNET_TRY(transaction.forget_expired(now, kSweep));
        return Answer<Nonce>{Nonce{.nonce = issued.nonce, .expires_at = issued.expires_at}};
      },
      std::move(done));
}

}  // namespace signet::activation::operations
