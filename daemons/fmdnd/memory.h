// What the device remembers: a change takes effect once it is stored, and changes take turns.
#pragma once

#include <deque>
#include <functional>

#include "fmdnd/record.h"
#include "fmdnd/vault.h"

namespace signet::fmdnd {

class Memory {
 public:
  // Looks at the record as it is when the change's turn comes: an error changes nothing, and `done` hears it.
  using Edit = std::function<Result<void>(Record&)>;
  using Done = std::function<void(Result<void>)>;

  // `clock`: of the beacon, which goes into every record.
  Memory(Vault& vault, fastpair::KeepKeys keep, std::function<std::uint32_t()> clock);

  // Once, before anything else. Errors: those of the vault; damaged, unsupported_format: then nothing is known, and
  // nothing can be changed but by change() to the state of the factory.
  void load(Done loaded);
  [[nodiscard]] bool known() const { return known_; }

  [[nodiscard]] const Record& record() const { return record_; }  // the same object for good

  // `done` hears whether the record as edited is stored; only then record() is it. With outcome_unknown the old one is
  // kept.
  void change(Edit edit, Done done);
  // All is forgotten; also a record that cannot be read. `unless`: what the record must not be for that (cancelled);
  // may be empty.
  void forget(Done done, std::function<bool(const Record&)> unless = {});

  // Without storing it: the order of keys, say, which the next change will carry.
  void note(const std::function<void(Record&)>& edit) { edit(record_); }

  // Grows whenever everything has been forgotten: what was decided about an earlier owner's record is void.
  [[nodiscard]] std::uint32_t generation() const { return generation_; }

 private:
  struct Waiting {
    bool forgets;
    Edit edit;
    Done done;
  };
  void next();
  void conclude(Result<void> outcome);

  Vault& vault_;
  fastpair::KeepKeys keep_;
  std::function<std::uint32_t()> clock_;
  Record record_;
  bool known_ = false;
  std::uint32_t generation_ = 0;
  std::deque<Waiting> waiting_;  // the first is being stored
};

}  // namespace signet::fmdnd
