#include <algorithm>
#include <set>

#include "activation/operations/context.h"
#include "activation/unit.h"
#include "crypto/sha256.h"

namespace signet::activation::operations {
namespace {

constexpr std::size_t kTicketSize = 32;
constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
constexpr unsigned kFair = 256 / kAlphabet.size() * kAlphabet.size();  // octets below this fall on every letter alike

std::string random_ticket(crypto::Random& random) {
  std::string text;
  while (text.size() < kTicketSize) {
    for (const std::uint8_t octet : random.bytes<kTicketSize>()) {
      if (octet < kFair && text.size() < kTicketSize) text += kAlphabet[octet % kAlphabet.size()];
    }
  }
  return text;
}

Result<void> check(const Actor& actor, const std::string& model_id, const std::vector<std::string>& sns) {
  SIGNET_TRY(require_role(actor, Role::vendor));
  SIGNET_TRY(identity::check_model_id(model_id));
  SIGNET_TRY(require_model(actor, model_id));
  if (sns.empty() || sns.size() > kMaxSerials) {
    return fail(Errc::invalid_argument, "sns: must be 1 to " + std::to_string(kMaxSerials) + " serial numbers");
  }
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < sns.size(); ++i) {
    const std::string place = "sns[" + std::to_string(i) + "]: ";
    if (const auto good = identity::check_sn(sns[i]); !good)
      return fail(good.error().code, place + good.error().context);
    if (!seen.insert(sns[i]).second) return fail(Errc::invalid_argument, place + "is there twice");
  }
  return {};
}

}  // namespace

void issue_sn_tickets(const Context& context, const Actor& actor, const std::string& model_id,
                      const std::vector<std::string>& sns, Done<std::vector<SnTicket>> done) {
  if (auto good = check(actor, model_id, sns); !good) return done(fail(good.error()));
  std::vector<SnTicket> tickets;
  std::vector<SnTicketRecord> records;
  for (const std::string& sn : sns) {
    const auto& made = tickets.emplace_back(SnTicket{
        .sn = sn, .ticket = random_ticket(context.random), .expires_at = context.now + context.config.sn_ticket_life});
    records.push_back({.hash = crypto::sha256(as_bytes(made.ticket)),
                       .model_id = model_id,
                       .sn = sn,
                       .issued_by = actor.name,
                       .expires_at = made.expires_at});
  }
  AuditEntry entry{.at = context.now,
                   .actor = actor.name,
                   .action = "issue_sn_tickets",
                   .model_id = model_id,
                   .sn = sns.size() == 1 ? sns.front() : "",
                   .detail = std::to_string(sns.size())};
  decide<std::vector<SnTicket>>(
      context.repository,
      [context, tickets, records, entry](Transaction& transaction) -> Result<Answer<std::vector<SnTicket>>> {
        for (const SnTicketRecord& record : records) SIGNET_TRY(transaction.put(record));
        SIGNET_TRY(transaction.add(entry));
        SIGNET_TRY(transaction.forget_expired(context.now, records.size() + 10));
        return Answer<std::vector<SnTicket>>{tickets};
      },
      std::move(done));
}

}  // namespace signet::activation::operations
