// What the registrar has decided since the daemon started, for the metrics. May be used from any thread.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>

#include "activation/policy.h"

namespace signet::activationd {

struct Findings {
  static constexpr std::array kReasons{
      activation::Reason::serial_on_two_chips, activation::Reason::chip_with_other_serial,
      activation::Reason::emulated_chip,       activation::Reason::counter_backwards,
      activation::Reason::counter_interleaved, activation::Reason::blocked_by_operator};

  std::atomic<std::uint64_t> accepted{0};
  std::atomic<std::uint64_t> rejected{0};
  std::atomic<std::uint64_t> reservations{0};
  std::atomic<std::uint64_t> confirmations{0};
  std::array<std::atomic<std::uint64_t>, kReasons.size()> refusals{};  // by the policy, as in kReasons

  void count(activation::Reason reason) { ++refusals[static_cast<std::size_t>(reason)]; }
};

}  // namespace signet::activationd
