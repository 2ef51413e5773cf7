// Where every D-Bus method goes through: who is calling, may they, and on which thread is it done.
#pragma once

#include <sdbus-c++/sdbus-c++.h>

#include <memory>
#include <optional>
#include <tuple>
#include <utility>
#include <vector>

#include "ipc/dbus/asio_bus.h"
#include "ipc/dbus/reply.h"
#include "rpmbd/callers.h"
#include "rpmbd/core.h"
#include "rpmbd/lane.h"
#include "rpmbd/status_board.h"

namespace signet::rpmbd {

// What a call needs and what it brings.
struct Terms {
  const char* method;  // for the log
  Right right;
  std::size_t octets = 0;  // of all arguments; above kMaxArguments the call is refused unread
};
inline constexpr std::size_t kMaxArguments = 4 * 1024 * 1024 + 64 * 1024;  // the largest object there can be, and names

// Whether a call touches memory only, so that it may run on the loop's thread.
inline constexpr auto kNeverAtHand = [](Core&, const Grant&) { return false; };
inline constexpr auto kAlwaysAtHand = [](Core&, const Grant&) { return true; };

class Desk {
 public:
  Desk(Callers& callers, Lane& lane, Core& core, StatusBoard& board, dbus::AsioBus& bus)
      : callers_{callers}, lane_{lane}, core_{core}, board_{board}, bus_{bus} {}

  // Answers `to` with the outcome of call(Core&, const Grant&): at once when nothing is in progress and at_hand(Core&,
  // const Grant&) says that it cannot block, by the worker otherwise. `call` must own what it uses.
  template <class... Out, class AtHand, class Call>
  void serve(sdbus::Result<Out...>&& to, const sdbus::Message& from, const Terms& terms, AtHand at_hand, Call call) {
    auto grant = admit(from, terms);
    if (!grant) return to.returnError(dbus::to_dbus(grant.error()));
    Errand<Call, Out...> errand{core_, *std::move(grant), std::move(to), terms, std::move(call)};
    if (lane_.idle() && at_hand(core_, errand.grant())) {
      errand.run();
      if (!errand.ok()) board_.post(core_.chip.status());
      return errand.answer();
    }
    enqueue(std::make_unique<QueuedErrand<Call, Out...>>(bus_, std::move(errand)));
  }

  // The caller's grant, for those methods that need no more than to know that there is one. Throws for the peer.
  std::shared_ptr<const Grant> require_grant(const sdbus::Message& from);

  // Usage of each of `grants`; as it last was when the chip is busy.
  const std::vector<std::pair<std::shared_ptr<const Grant>, Usage>>& usage(
      const std::vector<std::shared_ptr<const Grant>>& grants);
  [[nodiscard]] std::size_t waiting() const { return lane_.waiting(); }

 private:
  // One call on its way: who, what, and where the answer goes.
  template <class Call, class... Out>
  class Errand {
   public:
    using Outcome = decltype(std::declval<Call&>()(std::declval<Core&>(), std::declval<const Grant&>()));

    Errand(Core& core, std::shared_ptr<const Grant> grant, sdbus::Result<Out...>&& to, const Terms& terms, Call call)
        : core_{core}, grant_{std::move(grant)}, to_{std::move(to)}, terms_{terms}, call_{std::move(call)} {}

    void run() {
      try {
        outcome_.emplace(call_(core_, *grant_));
      } catch (const std::exception& bug) {
        outcome_.emplace(fail(dbus::unexpected(terms_.method, bug)));
      }
    }
    void answer() { dbus::answer_with(to_, *outcome_); }
    void refuse(const Error& error) { to_.returnError(dbus::to_dbus(error)); }
    [[nodiscard]] bool ok() const { return outcome_->has_value(); }
    [[nodiscard]] const Grant& grant() const { return *grant_; }
    [[nodiscard]] std::size_t octets() const { return terms_.octets; }

   private:
    Core& core_;
    std::shared_ptr<const Grant> grant_;
    sdbus::Result<Out...> to_;
    Terms terms_;
    Call call_;
    std::optional<Outcome> outcome_;
  };

  class QueuedCall : public Job {
   public:
    virtual void refuse(const Error& error) = 0;
    [[nodiscard]] virtual const std::string& space() const = 0;
  };
  template <class Call, class... Out>
  class QueuedErrand final : public QueuedCall {
   public:
    QueuedErrand(dbus::AsioBus& bus, Errand<Call, Out...>&& errand) : bus_{bus}, errand_{std::move(errand)} {}
    void run() override { errand_.run(); }
    void finish() override {
      errand_.answer();
      bus_.poke();
    }
    void refuse(const Error& error) override { errand_.refuse(error); }
    [[nodiscard]] const std::string& space() const override { return errand_.grant().space; }
    [[nodiscard]] std::size_t octets() const override { return errand_.octets(); }

   private:
    dbus::AsioBus& bus_;
    Errand<Call, Out...> errand_;
  };

  Result<std::shared_ptr<const Grant>> admit(const sdbus::Message& from, const Terms& terms);
  void enqueue(std::unique_ptr<QueuedCall> call);

  Callers& callers_;
  Lane& lane_;
  Core& core_;
  StatusBoard& board_;
  dbus::AsioBus& bus_;
  std::vector<std::pair<std::shared_ptr<const Grant>, Usage>> usage_;
};

}  // namespace signet::rpmbd
