// Secrets in rpmbd's store, behind the storage chip's key.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>
#include <memory>

#include "fmdnd/vault.h"

namespace signet::fmdnd {

// Calls to rpmbd may wait for its chip: they have a worker thread of their own. rpmbd may go and come back between
// calls.
class RpmbdVault final : public Vault {
 public:
  explicit RpmbdVault(boost::asio::io_context& loop);
  ~RpmbdVault() override;  // waits for the call under way

  // Errors: those of rpmbd's store, no_service among them. An answer takes milliseconds as a rule, and 30 s at most
  // (fmdnd.service's TimeoutStopSec is longer).
  void load(Loaded loaded) override;
  void save(SecretBuffer record, Saved saved) override;
  [[nodiscard]] const char* name() const override { return "rpmbd"; }

 private:
  struct Connection;
  boost::asio::io_context& loop_;
  std::unique_ptr<Connection> connection_;  // of the worker
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  boost::asio::thread_pool worker_{1};
};

}  // namespace signet::fmdnd
