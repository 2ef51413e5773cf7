// Whole registrations of an activationd over TLS: how many a second and a core, and where its time goes. Usage:
// bench-registrations DIRECTORY PID DEVICES LOAD...: LOAD is the command that registers so many devices with the daemon
// PID. DIRECTORY, new and empty, is for the same work in this process, which shows what of it is store and signatures.
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "cpu_time.h"
#include "crypto/ecdsa.h"
#include "registrar.h"
#include "report.h"

namespace signet::bench {
namespace {

// What the registrar signs (challenge, certificate) and verifies (request, its csr, ticket) for one device. The key
// agreement of the escrow costs about a signature and is counted with the rest.
constexpr int kSigned = 2;
constexpr int kVerified = 3;

void carry_out(char** command) {
  const pid_t child = ::fork();
  if (child == 0) {
    ::execv(command[0], command);
    ::_exit(127);
  }
  int status = 0;
  if (child < 0 || ::waitpid(child, &status, 0) != child || status != 0) throw std::runtime_error{"the load failed"};
}

double signatures_us() {
  const auto key = crypto::P256PrivateKey::generate();
  const Bytes content(1500, 0x42);
  const auto signature = key.sign(content);
  const double sign = thread_us(200, [&] { (void)key.sign(content); });
  const double verify = thread_us(200, [&] {
    if (!key.verify(content, signature)) throw std::runtime_error{"verify"};
  });
  return kSigned * sign + kVerified * verify;
}

// The registrar's own part, in this process: everything but network, TLS and HTTP.
OwnRegistrar::Cost inside(const std::string& directory) {
  OwnRegistrar registrar{directory};
  constexpr int kTimes = 200;
  double all = 0;
  double store = 0;
  for (std::uint32_t number = 0; number < kTimes; ++number) {
    load::Device device{number, registrar.trust()};
    const auto cost = registrar.enrol(device);
    all += cost.all_us;
    store += cost.store_us;
  }
  return {.all_us = all / kTimes, .store_us = store / kTimes};
}

void print_share(const char* what, double us, double of) {
  std::printf("  %-34s %8.0f us %6.0f %%\n", what, us, 100 * us / of);
}

void run(char** argv) {
  const pid_t daemon = std::atoi(argv[2]);
  const double idle = busy_us(daemon);
  carry_out(argv + 4);
  const double each = (busy_us(daemon) - idle) / std::atoi(argv[3]);
  const auto own = inside(argv[1]);
  const double signatures = signatures_us();
  heading(
      "One registration (sn ticket, reservation, confirmation, and a look at the result) over TLS, processor time of "
      "activationd");
  print_share("ECDSA P-256", signatures, each);
  print_share("store", own.store_us, each);
  print_share("JSON, JOSE, X.509, policy", own.all_us - own.store_us - signatures, each);
  print_share("TLS, HTTP, network", each - own.all_us, each);
  print_share("all", each, each);
  std::printf("  %-34s %8.0f\n", "registrations per second and core", 1e6 / each);
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc < 5) throw std::runtime_error{"usage: bench-registrations DIRECTORY PID DEVICES LOAD..."};
  signet::bench::run(argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-registrations: %s\n", error.what());
  return 1;
}
