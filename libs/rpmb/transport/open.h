// The one place that knows every transport: opens the chip that the configuration means.
#pragma once

#include <chrono>
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

// Whether an error of open_transport may go away by itself once the kernel has found the chip or udev has set up its
// node.
bool may_still_appear(Errc code);

// Watches the directory in which the node is or will be. Create it before the first open_transport, and open again
// whenever it reports something. Errors: those of NodeWatch::open.
Result<NodeWatch> watch_for_chip(const TransportOptions& options);

// Opens the chip, waiting at most `bound` for it to appear. For tools; a daemon watches from its event loop instead.
// Errors: as open_transport, of the last attempt.
Result<std::unique_ptr<Transport>> wait_for_transport(const TransportOptions& options, std::chrono::milliseconds bound,
                                                      Syscalls& syscalls = kernel());

}  // namespace signet::rpmb
