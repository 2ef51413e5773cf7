#include "activation/registrar.h"

#include "activation/operations/context.h"

namespace signet::activation {
namespace {

constexpr std::chrono::seconds kBackdated{3600};  // of a revocation list, for clocks that are a little slow

// Grows with every list that is made, by the time, and with every revocation within one second.
std::uint64_t list_number(UnixTime now, std::uint64_t revision) {
  return (static_cast<std::uint64_t>(now.time_since_epoch().count()) << 20) | (revision & 0xfffff);
}

KeyPurpose ca_of(ChipKind kind) {
  return kind == ChipKind::hardware ? KeyPurpose::hardware_ca : KeyPurpose::emulated_ca;
}

}  // namespace

Registrar::Registrar(Repository& repository, const KeyRing& keys, RegistrarConfig config, const Clock& clock,
                     crypto::Random& random)
    : repository_{repository},
      keys_{keys},
      config_{std::move(config)},
      clock_{clock},
      random_{random},
      credentials_{repository, clock, random} {}

UnixTime Registrar::now() const { return std::chrono::floor<std::chrono::seconds>(clock_.wall()); }

operations::Context Registrar::context() const { return {repository_, keys_, config_, random_, now()}; }

void Registrar::issue_sn_tickets(const Actor& actor, const std::string& model_id, const std::vector<std::string>& sns,
                                 Done<std::vector<SnTicket>> done) {
  operations::issue_sn_tickets(context(), actor, model_id, sns, std::move(done));
}

void Registrar::reserve(std::string request, Done<Reservation> done) {
  operations::reserve(context(), request, std::move(done));
}

void Registrar::confirm(const std::string& id, std::string ticket, Done<Confirmation> done) {
  operations::confirm(context(), id, ticket, std::move(done));
}

void Registrar::cancel(const Actor& actor, const std::string& id, Done<void> done) {
  operations::cancel(context(), actor, id, std::move(done));
}

void Registrar::issue_nonce(const Actor& actor, std::string audience, Done<Nonce> done) {
  operations::issue_nonce(context(), actor, audience, std::move(done));
}

void Registrar::verify(const Actor& actor, std::string ticket, std::string audience, Done<Verdict> done) {
  operations::verify(context(), actor, ticket, audience, std::move(done));
}

void Registrar::devices(const Actor& actor, DeviceFilter filter, Done<std::vector<Device>> done) {
  operations::devices(context(), actor, filter, std::move(done));
}

void Registrar::device(const Actor& actor, const std::string& ueid, Done<DeviceHistory> done) {
  operations::device(context(), actor, ueid, std::move(done));
}

void Registrar::block(const Actor& actor, const std::string& ueid, std::string reason, Done<Device> done) {
  operations::block(context(), actor, ueid, reason, std::move(done));
}

void Registrar::unblock(const Actor& actor, const std::string& ueid, Done<Device> done) {
  operations::unblock(context(), actor, ueid, std::move(done));
}

void Registrar::release(const Actor& actor, const std::string& ueid, Done<Release> done) {
  operations::release(context(), actor, ueid, std::move(done));
}

void Registrar::audit(const Actor& actor, std::uint64_t after, std::size_t limit, Done<std::vector<AuditEntry>> done) {
  operations::audit(context(), actor, after, limit, std::move(done));
}

void Registrar::crl(ChipKind kind, std::uint32_t ca_generation, Done<Bytes> done) {
  done(make_list(kind, ca_generation));
}

// Made when it is asked for, and kept until something is revoked or half of its life is over.
Result<Bytes> Registrar::make_list(ChipKind kind, std::uint32_t ca_generation) {
  const UnixTime time = now();
  const KeyRing::Key* ca =
      ca_generation == 0 ? &keys_.current(ca_of(kind), time) : keys_.find(ca_of(kind), ca_generation);
  if (ca == nullptr) return fail(Errc::not_found, "ca_generation: there is no such CA");

  const std::lock_guard lock{lists_mutex_};
  CachedList& kept = lists_[{kind, ca->generation}];
  std::uint64_t revision = 0;
  std::vector<crypto::Revocation> revoked;
  bool fresh = false;
  SIGNET_TRY(repository_.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(revision, view.counter(operations::revocations_of(kind, ca->generation)));
    fresh = !kept.der.empty() && kept.revision == revision && time >= kept.made_at && time < kept.until;
    if (fresh) return {};
    SIGNET_ASSIGN(revoked, view.revoked(kind, ca->generation, time));
    return {};
  }));
  if (fresh) return kept.der;
  SIGNET_ASSIGN(const auto list,
                crypto::RevocationList::make(revoked, list_number(time, revision), time - kBackdated,
                                             time + config_.revocation_list_life, *ca->certificate, ca->private_key));
  kept = {.revision = revision, .made_at = time, .until = time + config_.revocation_list_life / 2, .der = list.der()};
  return kept.der;
}

void Registrar::counts(Done<Counts> done) {
  Counts counts;
  auto read = repository_.read([&](View& view) -> Result<void> {
    SIGNET_ASSIGN(counts.records, view.counts(now()));
    return {};
  });
  counts.commits = repository_.commits();
  if (!read) return done(fail(std::move(read).error()));
  done(counts);
}

void Registrar::check(Done<void> done) {
  repository_.write(
      [](Transaction& transaction) -> Result<void> {
        SIGNET_TRY(transaction.advance("checks"));
        return {};
      },
      std::move(done));
}

}  // namespace signet::activation
