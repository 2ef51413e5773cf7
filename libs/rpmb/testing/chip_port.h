// An emulated chip at the level of single transfers, as a driver meets it: frames in, frames out. For fakes of drivers
// and for the cards of the virtual machine beds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <span>

#include "base/result.h"
#include "rpmb/transport/emulator/chip_model.h"
#include "rpmb/transport/emulator/faulty_bus.h"

namespace signet::rpmb::testing {

class ChipPort {
 public:
  // `journal`, if any, keeps every change before the chip makes it; both outlive the port.
  explicit ChipPort(ChipModel& chip, ChangeJournal* journal = nullptr) : chip_{chip}, journal_{journal} {}

  // CMD25 or SECURITY PROTOCOL OUT. `frames` is not empty. Errors: those of the journal; nothing was changed then.
  Result<void> write(std::span<const Frame> frames, bool reliable);

  // CMD18 or SECURITY PROTOCOL IN: the answer to what was written last. Without any, frames of type 0.
  void read(std::span<Frame> frames);

  // The device was reset: chip and driver forget the operation under way.
  void reset();

  // The moments of a data write (request 0x0003) that the chip accepts.
  enum class Moment : std::uint8_t {
    before,    // the request is there, nothing is changed
    after,     // the change is durable, the result not yet asked for
    answered,  // the answer has been handed out; called by whoever delivers it, see read_answered()
  };
  using Watcher = std::function<void(Moment)>;
  void watch(Watcher watcher) { watcher_ = std::move(watcher); }

  // To be called once the frames of the last read() have left: reports Moment::answered where they answer a data write.
  void read_answered();

 private:
  void notify(Moment moment) {
    if (watcher_) watcher_(moment);
  }

  ChipModel& chip_;
  ChangeJournal* journal_;
  Watcher watcher_;
  std::optional<Frame> read_request_;  // the operation under way is a read
  bool result_wanted_ = false;         // or the second half of a program operation
  bool wrote_ = false;                 // whose first half was a data write that was accepted
  bool answers_write_ = false;         // and the last read() answered it
};

}  // namespace signet::rpmb::testing
