#include "rpmbd/chip.h"

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <malloc.h>

#include "base/hex.h"
#include "rpmbd/remedy.h"
#include "service/log.h"

namespace signet::rpmbd {
namespace {

std::string now_text(const Clock& clock) {
  return fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(std::chrono::system_clock::to_time_t(clock.wall())));
}

// Block 0 as anybody may read it: without authentication, so good for a refusal only, never for trust.
std::optional<rpmb::Block> raw_block0(rpmb::Transport& transport, crypto::Random& random) {
  const auto nonce = random.bytes<rpmb::kNonceSize>();
  rpmb::Frame answer{};
  const std::uint16_t count = transport.read_request_carries_count() ? 1 : 0;
  if (!transport.read(rpmb::read_request(nonce, 0, count), {&answer, 1})) return std::nullopt;
  rpmb::Block block;
  const auto octets = rpmb::decode(answer).data;
  std::copy(octets.begin(), octets.end(), block.begin());
  return block;
}

// Problems that end the work with the chip as it was opened.
bool ends_it(Errc code) {
  switch (code) {
    case Errc::no_chip:
    case Errc::chip_changed:
    case Errc::chip_permission:
    case Errc::wrong_key:
    case Errc::not_authentic:
    case Errc::geometry: return true;
    default: return false;
  }
}

}  // namespace

const char* name(State state) {
  switch (state) {
    case State::starting: return "starting";
    case State::ready: return "ready";
    case State::read_only: return "read_only";
    case State::unavailable: return "unavailable";
  }
  return "";
}

void Chip::open(bool accept_other) {
  close();
  if (accept_other) seen_.reset();
  auto outcome = find();
  if (outcome) outcome = authenticate();
  if (outcome) outcome = mount();
  if (!outcome) return set_problem(State::unavailable, explain(outcome.error()));
  if (auto limited = mounted_->store.problem()) return set_problem(State::read_only, *std::move(limited));
  set_ready();
}

void Chip::close() {
  mounted_.reset();
  session_.reset();
  root_.reset();
  transport_.reset();
  record_.reset();
  facts_.reset();
  provisioned_.reset();
  state_ = State::starting;
}

Result<void> Chip::find() {
  SIGNET_ASSIGN(auto transport, sources_.open_transport());
  transport_ = std::make_unique<TimedTransport>(std::move(transport), sources_.clock);
  facts_ = transport_->facts();
  if (seen_ && *seen_ != facts_->cid) {
    return fail(Errc::chip_changed, fmt::format("{} is chip {}; this daemon has worked with chip {}", facts_->node,
                                                to_hex(facts_->cid), to_hex(*seen_)));
  }
  seen_ = facts_->cid;
  return {};
}

Result<void> Chip::authenticate() {
  SIGNET_ASSIGN(record_, sources_.records.load(masked_cid()));
  SIGNET_ASSIGN(root_, sources_.load_root());
  const auto check = identity::root_check(root_->secret);
  if (record_ && record_->root_check != check) {
    return fail(Errc::root_secret_changed,
                fmt::format("{} has check value {}, but chip {} was provisioned with {} ({})", root_->source,
                            to_hex(check), to_hex(facts_->cid), to_hex(record_->root_check), record_->time));
  }
  session_.emplace(*transport_, identity::rpmb_key(root_->secret, masked_cid()), sources_.random);
  SIGNET_TRY(session_->read_counter());
  provisioned_ = true;
  return {};
}

Result<void> Chip::mount() {
  SIGNET_ASSIGN(auto store, rpmb::Store::mount(*session_, store_keys(), sources_.random, sources_.cache));
  mounted_ = std::make_unique<Mounted>(std::move(store), *session_, sources_.random);
  ::malloc_trim(0);  // the mount had the whole region in memory, in the worker's own arena: 2.5 MiB that stayed ours
  remember();
  return {};
}

// Brings the record up to what has just been shown: the chip holds our key and a store. A device whose state directory
// was lost gets its record back here.
void Chip::remember() {
  const bool boots_known = record_ && !record_->boot_id.empty() && !sources_.boot_id.empty();
  const bool power_was_off = boots_known && record_->boot_id != sources_.boot_id;
  const auto state = record_ && record_->state == Provisioned::verified ? Provisioned::verified
                     : power_was_off                                    ? Provisioned::verified
                                                                        : Provisioned::programmed;
  if (record_ && record_->state == state) return;
  auto record = new_record(state);
  if (auto saved = sources_.records.save(record); !saved) {
    return service::log_error(saved.error(), "provisioning record not updated", {{"SIGNET_CID", to_hex(facts_->cid)}});
  }
  record_ = std::move(record);
}

ProvisioningRecord Chip::new_record(Provisioned state) const {
  return {.cid = masked_cid(),
          .root_check = identity::root_check(root_->secret),
          .key_check = identity::rpmb_key_check(identity::rpmb_key(root_->secret, masked_cid())),
          .state = state,
          .boot_id = sources_.boot_id,
          .time = now_text(sources_.clock)};
}

rpmb::StoreKeyDerivation Chip::store_keys() const {
  return [this, cid = identity::mask(transport_->facts().cid)](const rpmb::StoreId& id) {
    return identity::store_key(root_->secret, cid, id);
  };
}

// Looks behind the first appearance of a failed start.
Error Chip::explain(Error error) {
  if (error.code == Errc::not_provisioned) provisioned_ = false;
  if (error.code == Errc::wrong_key) {
    if (const auto block = raw_block0(*transport_, sources_.random); block && rpmb::is_optee(*block)) {
      return {Errc::foreign_filesystem, fmt::format("block 0 of {} carries an OP-TEE file system", facts_->node)};
    }
  }
  if (error.code == Errc::not_provisioned && record_ && record_->state != Provisioned::pending) {
    error.context += fmt::format(
        "; but the record of {} says that this chip was provisioned: either its answers are forged, or it was replaced "
        "by one with the same CID. A second key is sent only when an administrator says 'again'",
        record_->time);
  }
  return error;
}

void Chip::set_problem(State state, Error error) {
  state_ = state;
  if (!problem_ || problem_->code != error.code || problem_->context != error.context) {
    service::log_error(error, state == State::read_only ? "read-only" : "unavailable",
                       {{"SIGNET_CID", facts_ ? to_hex(facts_->cid) : ""}});
  }
  problem_ = std::move(error);
}

void Chip::set_ready() {
  state_ = State::ready;
  problem_.reset();
  service::log_event(service::Severity::info, "ready", {{"SIGNET_CID", to_hex(facts_->cid)}});
}

Result<Chip::Mounted*> Chip::mounted() {
  if (mounted_) return mounted_.get();
  if (problem_) return fail(with_remedy(*problem_));
  return fail(Errc::busy, "rpmbd is looking for the chip");
}

Result<std::uint32_t> Chip::read_counter() {
  if (!session_) return fail(problem_ ? with_remedy(*problem_) : Error{Errc::busy, "rpmbd is looking for the chip"});
  // Not Session::read_counter(): a counter that somebody else has moved must not become the one that our next write is
  // built for before the store has been read anew.
  auto frame = session_->attest_counter(sources_.random.bytes<rpmb::kNonceSize>());
  conclude(frame ? std::nullopt : std::optional{frame.error()});
  if (!frame) return fail(std::move(frame).error());
  return rpmb::write_counter(*frame);
}

void Chip::conclude(const std::optional<Error>& error) {
  if (!mounted_) return;
  if (error) {
    Error cause = *error;
    if (cause.code == Errc::io || cause.code == Errc::timeout || cause.code == Errc::outcome_unknown) {
      if (auto same = transport_->check_identity(); !same) cause = same.error();
    }
    if (ends_it(cause.code)) {
      mounted_.reset();
      session_.reset();
      transport_.reset();  // and its lock: the chip may come back under another name
      return set_problem(State::unavailable, std::move(cause));
    }
  }
  if (auto limited = mounted_->store.problem()) {
    set_problem(State::read_only, *std::move(limited));
  } else if (state_ == State::read_only) {
    set_ready();
  }
}

Status Chip::status() const {
  Status status{.state = state_, .problem = problem_, .chip = facts_, .provisioned = provisioned_};
  if (transport_) status.slowest = transport_->slowest();
  if (root_) status.root_source = root_->source;
  if (root_ && facts_) status.ueid = identity::ueid(root_->secret, identity::mask(facts_->cid));
  if (session_) {
    status.write_counter = session_->counter();
    status.io = session_->stats();
    status.unsettled = session_->unsettled();
  }
  if (mounted_) status.store = mounted_->store.facts();
  return status;
}

bool worth_retrying(const Status& status) {
  if (status.state != State::unavailable || !status.problem) return false;
  switch (status.problem->code) {
    case Errc::no_chip:
    case Errc::chip_permission:
    case Errc::not_rpmb:
    case Errc::busy:
    case Errc::io:
    case Errc::timeout:
    case Errc::no_space:
    case Errc::config_invalid:  // of the root secret's file, such as one that is just being written
    case Errc::root_secret_changed:
    case Errc::root_secret_missing: return true;
    default: return false;
  }
}

}  // namespace signet::rpmbd
