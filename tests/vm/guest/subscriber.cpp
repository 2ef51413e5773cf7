// A client of bluetoothd that subscribes to a characteristic and stays: bluetoothd unsubscribes when its client ends.
//
//   subscriber PATH        prints "subscribed" once it is; ends when it is killed
#include <sdbus-c++/sdbus-c++.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>

int main(int argc, char** argv) try {
  if (argc != 2) return EXIT_FAILURE;
  const auto bus = sdbus::createSystemBusConnection();
  const auto characteristic = sdbus::createProxy(*bus, sdbus::ServiceName{"org.bluez"}, sdbus::ObjectPath{argv[1]});
  characteristic->callMethod("StartNotify").onInterface("org.bluez.GattCharacteristic1");
  std::puts("subscribed");
  std::fflush(stdout);
  bus->enterEventLoop();
  return EXIT_SUCCESS;
} catch (const std::exception& failure) {
  std::fprintf(stderr, "subscriber: %s\n", failure.what());
  return EXIT_FAILURE;
}
