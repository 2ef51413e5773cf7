// Fetches a ticket ahead of time, and has it at once when it is needed. A program that came from a wx device SDK finds
// in signet_wx_code() the result codes, 0 to -11, that it knows from registerDevice(); any other has no need of it.
//
//   c++ -std=c++17 device_token.cpp $(pkg-config --cflags --libs signet) -o device_token
//   ./device_token https://service.example
#include <signet/signet.hpp>

#include <iostream>

int main(int argc, char** argv) try {
  const std::string server = argc > 1 ? argv[1] : "https://service.example";
  signet::client::Client client;

  const auto device = client.device_info();
  std::cout << "this device is " << device.front().text("state").value_or("?") << '\n';

  client.prefetch_ticket(server);  // does not wait
  // ... whatever else there is to do at the start of a program ...
  const auto ticket = client.ticket(server);
  const auto left = std::chrono::duration_cast<std::chrono::minutes>(ticket.expires - std::chrono::system_clock::now());
  std::cout << "a ticket of " << ticket.text.size() << " octets, good for " << left.count() << " minutes\n";
} catch (const signet::client::Error& error) {
  std::cerr << "device_token: " << error.name() << " (" << signet_wx_code(error.code()) << "): " << error.what()
            << '\n';
  return error.code();
}
