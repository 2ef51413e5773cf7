#include "rpmb/transport/open.h"

#include <linux/major.h>
#include <sys/sysmacros.h>

#include <system_error>

#include "rpmb/transport/mmc/mmc_transport.h"
#include "rpmb/transport/ufs/ufs_transport.h"

namespace signet::rpmb {
namespace {

using Opened = Result<std::unique_ptr<Transport>>;

template <class Concrete>
Opened open_node_transport(const NodeOptions& options, Syscalls& syscalls) {
  SIGNET_ASSIGN(auto transport, Concrete::open(options, syscalls));
  return std::unique_ptr<Transport>{std::move(transport)};
}

bool is_scsi_generic(const std::filesystem::path& node, Syscalls& syscalls) {
  struct stat status {};
  return syscalls.stat(node.c_str(), status) >= 0 && S_ISCHR(status.st_mode) &&
         major(status.st_rdev) == SCSI_GENERIC_MAJOR;
}

Opened open_automatic(const NodeOptions& options, Syscalls& syscalls) {
  if (!options.node.empty()) {
    return is_scsi_generic(options.node, syscalls) ? open_node_transport<UfsTransport>(options, syscalls)
                                                   : open_node_transport<MmcTransport>(options, syscalls);
  }
  auto mmc = open_node_transport<MmcTransport>(options, syscalls);
  if (mmc || mmc.error().code != Errc::no_chip) return mmc;
  auto ufs = open_node_transport<UfsTransport>(options, syscalls);
  if (ufs || ufs.error().code != Errc::no_chip) return ufs;
  return fail(Errc::no_chip, mmc.error().context + "; " + ufs.error().context);
}

}  // namespace

std::optional<TransportChoice> parse_transport_choice(std::string_view text) {
  if (text == "auto") return TransportChoice::automatic;
  if (text == "mmc") return TransportChoice::mmc;
  if (text == "ufs") return TransportChoice::ufs;
  if (text == "emulator") return TransportChoice::emulator;
  return {};
}

Result<std::unique_ptr<Transport>> open_transport(const TransportOptions& options, Syscalls& syscalls) {
  switch (options.transport) {
    case TransportChoice::automatic: return open_automatic(options.chip, syscalls);
    case TransportChoice::mmc: return open_node_transport<MmcTransport>(options.chip, syscalls);
    case TransportChoice::ufs: return open_node_transport<UfsTransport>(options.chip, syscalls);
    case TransportChoice::emulator: return open_emulator(options.emulator);
  }
  return fail(Errc::internal, "unknown transport");
}

Result<NodeWatch> watch_for_chip(const TransportOptions& options) {
  const bool emulated = options.transport == TransportChoice::emulator;
  const auto directory = (emulated ? std::filesystem::path{options.emulator.file} : options.chip.node).parent_path();
  std::error_code ignored;
  const bool own = !directory.empty() && std::filesystem::is_directory(directory, ignored);
  return NodeWatch::open(own ? directory : options.chip.devices);
}

}  // namespace signet::rpmb
