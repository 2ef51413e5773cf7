// The chip of this device and everything mounted on it: looks for it, opens it, and says by name what is wrong.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "base/clock.h"
#include "base/result.h"
#include "crypto/random.h"
#include "identity/client_keys.h"
#include "identity/counters.h"
#include "identity/root_secret.h"
#include "rpmb/session.h"
#include "rpmb/store/store.h"
#include "rpmb/transport.h"
#include "rpmbd/provisioning_record.h"
#include "rpmbd/timed_transport.h"

namespace signet::rpmbd {

enum class State : std::uint8_t {
  starting,
  ready,
  read_only,    // reads, sign and verify work; problem() says why nothing can be written
  unavailable,  // problem() says why
};
const char* name(State state);

// What can be told about the chip at one moment; a copy, so that it may be shown while the chip is busy.
struct Status {
  State state = State::starting;
  std::optional<Error> problem;  // none when ready
  std::optional<rpmb::ChipFacts> chip;
  std::optional<bool> provisioned;
  std::string root_source;
  std::optional<identity::Ueid> ueid;
  std::optional<rpmb::StoreFacts> store;
  std::optional<std::uint32_t> write_counter;
  rpmb::SessionStats io;
  bool unsettled = false;               // a write whose fate is open
  std::chrono::milliseconds slowest{};  // operation since the chip was opened
};

// Whether looking for the chip again may help.
bool worth_retrying(const Status& status);

// Where the parts come from; tests bring their own.
struct ChipSources {
  std::function<Result<std::unique_ptr<rpmb::Transport>>()> open_transport;
  std::function<Result<identity::LoadedRoot>()> load_root;
  const ProvisioningRecords& records;
  crypto::Random& random;
  const Clock& clock;
  std::string boot_id;  // differs after every power cut
  std::size_t cache = 65536;
};

// Not thread-safe; every call may block as long as the chip takes, except status() and those that say otherwise.
class Chip {
 public:
  struct Mounted {
    Mounted(rpmb::Store mounted, rpmb::Session& session, crypto::Random& random)
        : store{std::move(mounted)}, keys{store, random}, counters{store, session} {}
    rpmb::Store store;
    identity::ClientKeys keys;
    identity::Counters counters;
  };

  explicit Chip(ChipSources sources) : sources_{std::move(sources)} {}

  // Looks for the chip and mounts its store, from the very beginning. Another chip than the one this process has seen
  // before is refused (chip_changed) unless `accept_other`.
  void open(bool accept_other = false);

  // The mounted store. Never blocks. Error: the problem, with its remedy.
  Result<Mounted*> mounted();

  // Runs `call` on what is mounted and draws the conclusions from its outcome.
  template <class Call>
  auto use(Call call) -> decltype(call(std::declval<Mounted&>())) {
    SIGNET_ASSIGN(Mounted* const on, mounted());
    auto result = call(*on);
    conclude(result ? std::nullopt : std::optional{result.error()});
    return result;
  }

  // An authenticated read, also when there is no store. Errors: those of Session::read_counter.
  Result<std::uint32_t> read_counter();

  // Before a write, so that none is acknowledged by a chip that is no longer the one behind the node. Sends no frame.
  Result<void> check_identity() { return transport_->check_identity(); }

  // After every operation on what is mounted: draws the conclusions from its outcome.
  void conclude(const std::optional<Error>& error);

  [[nodiscard]] Status status() const;  // never blocks

  // For provisioning; nothing while there is none.
  [[nodiscard]] rpmb::Transport* transport() { return transport_.get(); }
  [[nodiscard]] const identity::LoadedRoot* root() const { return root_ ? &*root_ : nullptr; }
  [[nodiscard]] rpmb::Session* session() { return session_ ? &*session_ : nullptr; }
  [[nodiscard]] const std::optional<ProvisioningRecord>& record() const { return record_; }
  [[nodiscard]] identity::MaskedCid masked_cid() const { return identity::mask(transport_->facts().cid); }
  [[nodiscard]] rpmb::StoreKeyDerivation store_keys() const;
  [[nodiscard]] ProvisioningRecord new_record(Provisioned state) const;

 private:
  void close();
  Result<void> find();
  Result<void> authenticate();
  Result<void> mount();
  void remember();
  Error explain(Error error);
  void set_problem(State state, Error error);
  void set_ready();

  ChipSources sources_;
  State state_ = State::starting;
  std::optional<Error> problem_;
  std::optional<rpmb::Cid> seen_;  // the first chip of this process
  std::optional<rpmb::ChipFacts> facts_;
  std::optional<bool> provisioned_;
  std::optional<ProvisioningRecord> record_;
  // In the order in which each stands on the one before.
  std::unique_ptr<TimedTransport> transport_;
  std::optional<identity::LoadedRoot> root_;
  std::optional<rpmb::Session> session_;
  std::unique_ptr<Mounted> mounted_;
};

}  // namespace signet::rpmbd
