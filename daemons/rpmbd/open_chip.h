// From the configuration to a Transport.
#pragma once

#include <memory>
#include <string>

#include "base/result.h"
#include "rpmb/transport.h"
#include "rpmbd/config.h"

namespace signet::rpmbd {

// "auto" looks for an eMMC, then for a UFS device; an emulated chip is opened only when the configuration asks for one.
// `lock_directory`: keeps a second owner of the chip away. Errors: those of the transports' open().
Result<std::unique_ptr<rpmb::Transport>> open_chip(const Config& config, const std::string& lock_directory);

}  // namespace signet::rpmbd
