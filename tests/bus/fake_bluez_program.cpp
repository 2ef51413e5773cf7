// fake_bluez: org.bluez on the system bus, for tests and the demo, on machines without Bluetooth. Two adapters in radio
// range of each other: daemons advertise and serve at hci0, programs that play the phone use hci1. Ends with SIGTERM.
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <cstdlib>
#include <iostream>

#include "bluez/testing/fake_bluez.h"
#include "bluez/testing/fake_neighbour.h"

int main() try {
  const char* address = std::getenv("DBUS_SYSTEM_BUS_ADDRESS");
  if (address == nullptr) {  // the real one is no place for a fake
    std::cerr << "fake_bluez: DBUS_SYSTEM_BUS_ADDRESS must name a private bus\n";
    return EXIT_FAILURE;
  }
  boost::asio::io_context loop{1};
  // BlueZ 5.66 without privacy: as bed I has it.
  signet::bluez::testing::FakeBluez bluez{loop, address, {.modern = false, .privacy = false}};
  bluez.start();
  const signet::bluez::testing::FakeNeighbour neighbour{loop, bluez};
  boost::asio::signal_set stop{loop, SIGINT, SIGTERM};
  stop.async_wait([&loop](const boost::system::error_code&, int) { loop.stop(); });
  loop.run();
  return EXIT_SUCCESS;
} catch (const std::exception& failure) {
  std::cerr << "fake_bluez: " << failure.what() << '\n';
  return EXIT_FAILURE;
}
