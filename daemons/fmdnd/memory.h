// What the device remembers: a change takes effect once it is stored, and changes take turns.
#pragma once

#include <deque>
#include <functional>

#include "fmdnd/record.h"
#include "fmdnd/vault.h"

namespace signet::fmdnd {

class Memory {
 public:
  using Edit = std::function<void(Record&)>;
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
  // All is forgotten; also a record that cannot be read.
  void forget(Done done);

  // Without storing it: the order of keys, say, which the next change will carry.
  void note(const Edit& edit) { edit(record_); }

 private:
  struct Waiting {
    Edit edit;
    Done done;
  };
  void next();

  Vault& vault_;
  fastpair::KeepKeys keep_;
  std::function<std::uint32_t()> clock_;
  Record record_;
  bool known_ = false;
  std::deque<Waiting> waiting_;  // the first is being stored
};

}  // namespace signet::fmdnd
