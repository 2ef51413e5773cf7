// An outside program in C++17: the wrapper against a real rpmbd. Exits with 0 when all is well.
#include <signet/signet.hpp>

#include <cstdio>
#include <cstdlib>

namespace {

void check(bool condition, const char* what) {
  if (condition) return;
  std::fprintf(stderr, "failed: %s\n", what);
  std::exit(1);
}

void run() {
  signet::client::Client client;
  check(client.status().front().text("state") == "ready", "state");

  client.put("cpp", std::string_view{"value"});
  check(client.get("cpp").size() == 5, "get");
  client.remove("cpp");
  try {
    client.get("cpp");
    check(false, "no exception");
  } catch (const signet::client::Error& error) {
    check(error.code() == SIGNET_E_NOT_FOUND, "not_found");
  }

  client.generate_key("cpp", SIGNET_HMAC_SHA256);
  const auto mac = client.sign("cpp", std::string_view{"data"});
  check(client.verify("cpp", std::string_view{"data"}, mac), "verify");
  check(!client.verify("cpp", std::string_view{"date"}, mac), "verify of other data");
  client.remove_key("cpp");
}

}  // namespace

int main() try {
  run();
  std::puts("signet.hpp: all well");
} catch (const std::exception& e) {
  std::fprintf(stderr, "%s\n", e.what());
  return 1;
}
