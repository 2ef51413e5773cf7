#include "fmdnd/memory.h"

#include <memory>

namespace signet::fmdnd {

Memory::Memory(Vault& vault, fastpair::KeepKeys keep, std::function<std::uint32_t()> clock)
    : vault_{vault}, keep_{keep}, clock_{std::move(clock)}, record_{keep} {}

void Memory::load(Done loaded) {
  vault_.load([this, loaded = std::move(loaded)](Result<std::optional<SecretBuffer>> octets) {
    if (!octets) return loaded(fail(std::move(octets).error()));
    if (*octets) {
      auto record = decode((*octets)->view(), keep_);
      if (!record) return loaded(fail(std::move(record).error()));
      record_ = *std::move(record);
    }
    known_ = true;
    loaded({});
  });
}

void Memory::change(Edit edit, Done done) {
  waiting_.push_back({.forgets = false, .edit = std::move(edit), .done = std::move(done)});
  if (waiting_.size() == 1) next();
}

void Memory::forget(Done done, std::function<bool(const Record&)> unless) {
  waiting_.push_back({.forgets = true,
                      .edit = [this, unless = std::move(unless)](Record& record) -> Result<void> {
                        if (unless && unless(record)) return fail(Errc::cancelled, "reset: it has an owner again");
                        record = Record{keep_};
                        return {};
                      },
                      .done =
                          [this, done = std::move(done)](Result<void> stored) {
                            if (stored) known_ = true;
                            done(std::move(stored));
                          }});
  if (waiting_.size() == 1) next();
}

void Memory::next() {
  auto edited = std::make_shared<Record>(record_.clone());
  if (auto fits = waiting_.front().edit(*edited); !fits) return conclude(std::move(fits));
  edited->clock = clock_();
  vault_.save(encode(*edited), [this, edited](Result<void> stored) {
    if (stored) record_ = std::move(*edited);
    if (stored && waiting_.front().forgets) ++generation_;
    conclude(std::move(stored));
  });
}

void Memory::conclude(Result<void> outcome) {
  const Done done = std::move(waiting_.front().done);
  waiting_.pop_front();
  if (!waiting_.empty()) next();  // before `done`, which may ask for another change
  done(std::move(outcome));
}

}  // namespace signet::fmdnd
