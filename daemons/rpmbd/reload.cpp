#include "rpmbd/reload.h"

#include <csignal>

#include "rpmbd/config.h"
#include "service/log.h"
#include "service/watchdog.h"

namespace signet::rpmbd {

ReloadOnHangup::ReloadOnHangup(boost::asio::io_context& loop, std::string config_path, Policy& policy, Callers& callers)
    : hangup_{loop, SIGHUP}, config_path_{std::move(config_path)}, policy_{policy}, callers_{callers} {
  wait();
}

void ReloadOnHangup::wait() {
  hangup_.async_wait([this](const boost::system::error_code& cancelled, int) {
    if (cancelled) return;
    reload();
    wait();
  });
}

void ReloadOnHangup::reload() {
  service::notify_reloading();
  if (auto config = load_config(config_path_)) {
    policy_.replace(std::move(config->clients));
    callers_.forget();
    service::log_event(service::Severity::notice, "policy read again");
  } else {
    service::log_error(config.error(), "policy not changed");
  }
  service::notify_ready();
}

}  // namespace signet::rpmbd
