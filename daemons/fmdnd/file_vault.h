// Secrets in a file of this device, for devices without RPMB: whoever reads the flash chip has them.
#pragma once

#include <boost/asio/io_context.hpp>
#include <string>

#include "fmdnd/vault.h"

namespace signet::fmdnd {

class FileVault final : public Vault {
 public:
  FileVault(boost::asio::io_context& loop, std::string path) : loop_{loop}, path_{std::move(path)} {}

  // Errors: config_invalid: others may read it, or it is no regular file; io; no_space.
  void load(Loaded loaded) override;
  void save(SecretBuffer record, Saved saved) override;
  [[nodiscard]] const char* name() const override { return "file"; }

 private:
  boost::asio::io_context& loop_;
  std::string path_;
};

}  // namespace signet::fmdnd
