// A chip model at the level of single transfers, as a kernel driver meets it: frames in, frames out.
#pragma once

#include <algorithm>
#include <optional>
#include <span>

#include "rpmb/transport/emulator/chip_model.h"

namespace signet::rpmb {

class ChipPort {
 public:
  explicit ChipPort(ChipModel& chip) : chip_{chip} {}

  void write(std::span<const Frame> frames, bool reliable) {
    const auto request = static_cast<Request>(type(frames.front()));
    result_wanted_ = request == Request::read_result;
    read_request_.reset();
    if (result_wanted_) return;
    const bool reads =
        request == Request::read_counter || request == Request::read_data || request == Request::read_config;
    if (reads)
      read_request_ = frames.front();
    else
      chip_.program(frames, reliable);
  }

  void read(std::span<Frame> frames) {
    std::ranges::fill(frames, Frame{});
    if (read_request_)
      chip_.read(*read_request_, frames);
    else if (result_wanted_)
      frames.front() = chip_.take_result();
  }

 private:
  ChipModel& chip_;
  bool result_wanted_ = false;
  std::optional<Frame> read_request_;
};

}  // namespace signet::rpmb
