// activationd over plain HTTP against the least an HTTP server can cost. Usage: bench-http ACTIVATIOND FLOOR-HTTP
// DIRECTORY; pin it to one core (taskset), and everything it starts is pinned with it. DIRECTORY is new and empty.
#include <arpa/inet.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <stdexcept>
#include <thread>

#include "base/unique_fd.h"
#include "cpu_time.h"
#include "process.h"
#include "report.h"

namespace signet::bench {
namespace {

using std::chrono::steady_clock;

constexpr int kRounds = 15;
constexpr int kRequestsPerRound = 1000;
constexpr int kConnections = 32;
constexpr const char* kBody = R"({"status":"ok"})";
constexpr std::string_view kRequest =
    "GET /healthz HTTP/1.1\r\nHost: localhost\r\nUser-Agent: bench\r\nAccept: */*\r\n\r\n";

// A server that has said on which port it listens.
class Target {
 public:
  Target(const std::vector<std::string>& command, const std::string& log) : process_{command, log} {
    for (int tries = 0; port_ == 0; ++tries) {
      if (tries == 500 || process_.ended()) throw std::runtime_error{command[0] + " does not listen"};
      std::this_thread::sleep_for(std::chrono::milliseconds{10});
      std::ifstream stream{log};
      const std::string text{std::istreambuf_iterator<char>{stream}, {}};
      constexpr std::string_view kWords = "listening on port ";
      if (const auto at = text.rfind(kWords); at != std::string::npos) port_ = std::atoi(&text[at + kWords.size()]);
    }
  }

  [[nodiscard]] UniqueFd connect() const {
    UniqueFd fd{::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)};
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<std::uint16_t>(port_));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (::connect(fd.get(), reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) {
      throw std::runtime_error{"connect"};
    }
    return fd;
  }

  // Time on a processor of all its threads, in microseconds.
  [[nodiscard]] double busy_us() const { return bench::busy_us(process_.pid()); }

 private:
  Process process_;
  int port_ = 0;
};

void ask(const UniqueFd& connection) {
  if (::send(connection.get(), kRequest.data(), kRequest.size(), 0) != static_cast<ssize_t>(kRequest.size())) {
    throw std::runtime_error{"send"};
  }
}

void take_answer(const UniqueFd& connection) {
  char buffer[4096];
  const auto size = ::recv(connection.get(), buffer, sizeof buffer, 0);
  if (size <= 0 || !std::string_view{buffer, static_cast<std::size_t>(size)}.ends_with(kBody)) {
    throw std::runtime_error{"an answer of another form"};
  }
}

// The p50 of one request after the other on one connection.
double p50_us(const Target& target) {
  const auto connection = target.connect();
  std::vector<double> times;
  for (int i = 0; i < kRequestsPerRound; ++i) {
    const auto begin = steady_clock::now();
    ask(connection);
    take_answer(connection);
    times.push_back(std::chrono::duration<double, std::micro>(steady_clock::now() - begin).count());
  }
  return median(std::move(times));
}

// What the server's threads need for a request when many clients ask at once.
double busy_us_per_request(const Target& target) {
  std::vector<UniqueFd> connections;
  for (int i = 0; i < kConnections; ++i) connections.push_back(target.connect());
  for (const auto& connection : connections) ask(connection);
  for (const auto& connection : connections) take_answer(connection);
  const double begin = target.busy_us();
  const int turns = kRequestsPerRound / kConnections;
  for (int turn = 0; turn < turns; ++turn) {
    for (const auto& connection : connections) ask(connection);
    for (const auto& connection : connections) take_answer(connection);
  }
  return (target.busy_us() - begin) / (turns * kConnections);
}

void compare(const Target& floor, const Target& ours, const char* what, double (*measure)(const Target&), double aim) {
  std::vector<double> least;
  std::vector<double> measured;
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    least.push_back(measure(floor));
    measured.push_back(measure(ours));
    ratios.push_back(measured.back() / least.back());
  }
  char text[64];
  std::snprintf(text, sizeof text, "%.1f us / %.1f us", median(measured), median(least));
  print_ratio(what, text, median(ratios), aim);
}

void configure(const std::string& directory) {
  ::umask(077);
  ::mkdir((directory + "/state").c_str(), 0700);
  std::ofstream{directory + "/activationd.toml"}
      << "[registrar]\nurl = \"http://localhost\"\n"
      << "[listen]\naddress = \"127.0.0.1\"\nport = 0\nplain = true\nthreads = 1\n"
      << "[rates]\naddress_per_second = 1000000\naddress_burst = 1000000\n"
      << "[master]\nfile = \"" << directory << "/master\"\n";
}

void run(const std::string& activationd, const std::string& floor_http, const std::string& directory) {
  configure(directory);
  const std::vector<std::string> command{activationd, "--config", directory + "/activationd.toml", "--state-dir",
                                         directory + "/state"};
  auto init = command;
  init.emplace_back("init");
  for (Process process{init, directory + "/log"}; !process.ended();) {
    std::this_thread::sleep_for(std::chrono::milliseconds{10});
  }
  const Target floor{{floor_http, kBody}, directory + "/floor"};
  const Target ours{command, directory + "/log"};
  for (const auto* target : {&floor, &ours}) p50_us(*target);  // warm

  heading("activationd over plain HTTP / one thread with epoll and no parser (medians of " + std::to_string(kRounds) +
          " interleaved rounds of " + std::to_string(kRequestsPerRound) + ")");
  compare(floor, ours, "p50 of a request, one connection", p50_us, 1.5);
  compare(floor, ours, "processor time, 32 connections", busy_us_per_request, 0);
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc != 4) throw std::runtime_error{"usage: bench-http ACTIVATIOND FLOOR-HTTP DIRECTORY"};
  signet::bench::run(argv[1], argv[2], argv[3]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-http: %s\n", error.what());
  return 1;
}
