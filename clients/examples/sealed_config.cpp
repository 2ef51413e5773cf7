// Keeps a setting where neither a look at the flash nor an old copy of it helps: in the chip's object store.
//
//   c++ -std=c++17 sealed_config.cpp $(pkg-config --cflags --libs signet) -o sealed_config
#include <signet/signet.hpp>

#include <iostream>

int main() try {
  signet::client::Client client;

  client.put("wifi.psk", std::string_view{"correct horse battery staple"});
  const auto secret = client.get("wifi.psk");
  std::cout << "the pass phrase is kept, " << secret.size() << " octets\n";

  const auto usage = client.usage();
  std::cout << usage.front().number("objects").value_or(0) << " objects of "
            << usage.front().number("max_objects").value_or(0) << " are used\n";
} catch (const signet::client::Error& error) {
  std::cerr << "sealed_config: " << error.name() << ": " << error.what() << '\n';
  return error.code();
}
