// The one place that knows every transport: opens the chip that the configuration means.
#pragma once

#include <memory>
#include <optional>
#include <string_view>

#include "base/result.h"
#include "rpmb/transport.h"
#include "rpmb/transport/emulator/emulator_transport.h"
#include "rpmb/transport/node/node_watch.h"
#include "rpmb/transport/node/options.h"
#include "rpmb/transport/node/syscalls.h"

namespace signet::rpmb {

enum class TransportChoice : std::uint8_t {
  automatic,  // eMMC, then UFS; never the emulator, which protects nothing
  mmc,
  ufs,
  emulator,
};

// "auto", "mmc", "ufs", "emulator"; nothing for any other text.
std::optional<TransportChoice> parse_transport_choice(std::string_view text);

struct TransportOptions {
  TransportChoice transport = TransportChoice::automatic;
  NodeOptions chip;          // mmc and ufs
  EmulatorOptions emulator;  // emulator
};

// Errors: those of MmcTransport::open, UfsTransport::open and open_emulator. no_chip of `automatic` says what was
// looked for in both places.
Result<std::unique_ptr<Transport>> open_transport(const TransportOptions& options, Syscalls& syscalls = kernel());

// Watches the directory in which the node is or will be. Create it before the first open_transport, and open again
// whenever it reports something. Errors: those of NodeWatch::open.
Result<NodeWatch> watch_for_chip(const TransportOptions& options);

}  // namespace signet::rpmb
