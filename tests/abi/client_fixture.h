// A client, a private bus, and a daemon on it that also misbehaves.
#pragma once

#include <gtest/gtest.h>
#include <poll.h>
#include <signet/signet.hpp>

#include <functional>
#include <optional>

#include "fake_rpmbd.h"
#include "tests/bus/private_bus.h"

namespace signet::testing {

using client::Call;
using client::Client;
using client::Octets;
using namespace std::chrono_literals;

// Runs the client's events as a program's own loop would, until `done` or, on a machine that is badly overloaded, 20
// seconds have passed.
template <class Done>
bool run_loop(signet_client* client, Done done) {
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (!done() && std::chrono::steady_clock::now() < until) {
    pollfd wait{signet_poll_fd(client), static_cast<short>(signet_poll_events(client)), 0};
    const int asked = signet_poll_timeout(client);
    ::poll(&wait, 1, asked < 0 || asked > 100 ? 100 : asked);
    signet_process(client);
  }
  return done();
}

inline int status_of(const std::function<void()>& operation) {
  try {
    operation();
    return SIGNET_OK;
  } catch (const client::Error& error) {
    return error.code();
  }
}

class ClientTest : public ::testing::Test {
 protected:
  ClientTest() { ::setenv("DBUS_SYSTEM_BUS_ADDRESS", address_.c_str(), 1); }

  void start() { start(FakeRpmbd::Character{}); }
  void start(FakeRpmbd::Character character) { daemon_.emplace(character); }

  std::optional<PrivateBus> bus_{std::in_place};
  const std::string address_ = bus_->address();
  std::optional<FakeRpmbd> daemon_;
};

}  // namespace signet::testing
