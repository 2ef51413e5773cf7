// SIGHUP: reads the policy again. All other keys take effect at the next start.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <string>

#include "rpmbd/callers.h"
#include "rpmbd/policy.h"

namespace signet::rpmbd {

// A configuration that is not valid changes nothing; the log says what is wrong with it.
class ReloadOnHangup {
 public:
  ReloadOnHangup(boost::asio::io_context& loop, std::string config_path, Policy& policy, Callers& callers);

 private:
  void wait();
  void reload();

  boost::asio::signal_set hangup_;
  std::string config_path_;
  Policy& policy_;
  Callers& callers_;
};

}  // namespace signet::rpmbd
