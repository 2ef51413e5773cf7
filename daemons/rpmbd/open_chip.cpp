#include "rpmbd/open_chip.h"

#include "rpmb/transport/emulator/emulator_transport.h"
#include "rpmb/transport/mmc/mmc_transport.h"
#include "rpmb/transport/ufs/ufs_transport.h"

namespace signet::rpmbd {
namespace {

using Opened = Result<std::unique_ptr<rpmb::Transport>>;

template <class Kind>
Opened open_node(const rpmb::NodeOptions& options) {
  SIGNET_ASSIGN(auto transport, Kind::open(options));
  return std::unique_ptr<rpmb::Transport>{std::move(transport)};
}

Opened open_any(const rpmb::NodeOptions& options) {
  auto mmc = open_node<rpmb::MmcTransport>(options);
  if (mmc || (mmc.error().code != Errc::no_chip && mmc.error().code != Errc::not_rpmb)) return mmc;
  auto ufs = open_node<rpmb::UfsTransport>(options);
  if (ufs || (ufs.error().code != Errc::no_chip && ufs.error().code != Errc::not_rpmb)) return ufs;
  return fail(mmc.error().code, mmc.error().context + "; " + ufs.error().context);
}

}  // namespace

Opened open_chip(const Config& config, const std::string& lock_directory) {
  const auto& emulator = config.emulator;
  if (config.chip.transport == "emulator") {
    return rpmb::open_emulator({.file = emulator.file,
                                .size = emulator.size,
                                .write_frames = emulator.write_frames,
                                .faults = emulator.faults});
  }
  const rpmb::NodeOptions options{
      .node = config.chip.node, .cid = config.chip.cid, .size = config.chip.size, .lock_directory = lock_directory};
  if (config.chip.transport == "mmc") return open_node<rpmb::MmcTransport>(options);
  if (config.chip.transport == "ufs") return open_node<rpmb::UfsTransport>(options);
  return open_any(options);
}

}  // namespace signet::rpmbd
