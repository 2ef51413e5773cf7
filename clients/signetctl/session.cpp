#include "signetctl/session.h"

#include <boost/json/serialize.hpp>
#include <iostream>

namespace signet::ctl {

client::Client& Session::daemon() {
  if (!daemon_) {
    client::Client fresh{client::Client::Open::deferred};
    fresh.set_timeout(std::chrono::milliseconds{static_cast<std::int64_t>(options.timeout_s * 1000)});
    daemon_.emplace(std::move(fresh));
  }
  return *daemon_;
}

void Session::print_json(const boost::json::value& json) { io.out << boost::json::serialize(json) << '\n'; }

void Session::progress(const std::string& text) {
  if (io.err_is_terminal && !options.json) io.err << text << std::endl;
}

}  // namespace signet::ctl
