// Registers many devices at once with the real protocol over TLS, as factories do when a registrar has a bad day: a
// request without an answer is simply made again. Then asks the registrar whether each device is registered exactly
// once. Usage: registration-load URL TLS-CA CA ESCROW VENDOR OPERATOR DEVICES THREADS; all but the first and the last
// two are files. A line "registered N" for every hundredth device.
#include <atomic>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <set>
#include <stdexcept>
#include <thread>

#include "base/base64.h"
#include "base/hex.h"
#include "crypto/ecdsa.h"
#include "crypto/x509.h"
#include "load/device.h"
#include "load/server.h"

namespace signet::load {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

constexpr std::chrono::milliseconds kPause{100};  // before what failed is tried again
constexpr std::chrono::minutes kPatience{5};      // with one device

struct Job {
  Address address;
  identity::RegistrarTrust trust;
  std::string vendor;
  std::string operator_;
  std::uint32_t devices = 0;
};

struct Tally {
  std::atomic<std::uint32_t> next = 0;
  std::atomic<std::uint32_t> registered = 0;
  std::atomic<std::uint32_t> repeats = 0;
  std::atomic<bool> failed = false;
};

std::string text(const json::object& object, const char* name) { return std::string{object.at(name).as_string()}; }

Result<std::string> sn_ticket(const Job& job, Server& server, const identity::Ids& ids) {
  const json::object body{{"model_id", ids.model_id}, {"sn", ids.sn}};
  SIGNET_ASSIGN(const auto answer, server.ask("POST", "/v1/sn-tickets", &body, job.vendor));
  return text(answer.at("sn_tickets").as_array().at(0).as_object(), "sn_ticket");
}

// From the first step on, as a client does that is told to do it again.
Result<void> attempt(Server& server, Device& device, const std::string& sn_ticket) {
  auto registration = device.registration();
  SIGNET_ASSIGN(const auto request, registration.begin(device.ids(), sn_ticket));
  if (!request) return {};
  const json::object reserve{{"request", *request}};
  SIGNET_ASSIGN(const auto reserved, server.ask("POST", "/v1/registrations", &reserve));
  SIGNET_ASSIGN(const auto proof, registration.prove(text(reserved, "challenge")));
  if (!proof) return {};
  const json::object confirm{{"ticket", *proof}};
  SIGNET_ASSIGN(const auto confirmed, server.ask("PUT", "/v1/registrations/" + text(reserved, "id"), &confirm));
  const auto certificate = from_base64(confirmed.at("chain").as_array().at(0).as_string());
  if (!certificate) return fail(Errc::net_http, "the chain is not base64");
  return registration.complete({*certificate});
}

bool lost_on_the_way(Errc code) {
  return code == Errc::net_connect || code == Errc::net_http || code == Errc::net_tls || code == Errc::timeout ||
         code == Errc::busy;
}

template <class Call>
auto until_answered(Tally& tally, Call call) -> decltype(call()) {
  const auto deadline = Clock::now() + kPatience;
  for (;;) {
    auto result = call();
    if (result || !lost_on_the_way(result.error().code) || Clock::now() > deadline) return result;
    ++tally.repeats;
    std::this_thread::sleep_for(kPause);
  }
}

// The registrar knows this device, once, with the certificate that the device holds.
Result<void> check(const Job& job, Server& server, Device& device) {
  const auto identity = device.identity();
  if (!identity) return fail(Errc::not_registered, "the device has no identity");
  const auto path = "/v1/devices/" + identity->certificate.common_name();
  SIGNET_ASSIGN(const auto history, server.ask("GET", path, nullptr, job.operator_));
  const auto& certificates = history.at("certificates").as_array();
  if (certificates.size() != 1) return fail(Errc::internal, std::to_string(certificates.size()) + " certificates");
  if (text(certificates.at(0).as_object(), "serial") != to_hex(identity->certificate.serial())) {
    return fail(Errc::internal, "another certificate than the device holds");
  }
  if (generation(*identity) != 1) return fail(Errc::internal, "generation " + std::to_string(generation(*identity)));
  return {};
}

Result<void> register_one(const Job& job, Server& server, Device& device, Tally& tally) {
  SIGNET_ASSIGN(const auto ticket, until_answered(tally, [&] { return sn_ticket(job, server, device.ids()); }));
  SIGNET_TRY(until_answered(tally, [&] { return attempt(server, device, ticket); }));
  return until_answered(tally, [&] { return check(job, server, device); });
}

void work(const Job& job, Tally& tally) try {
  Server server{job.address};
  for (std::uint32_t number; !tally.failed && (number = tally.next++) < job.devices;) {
    Device device{number, job.trust};
    if (const auto done = register_one(job, server, device, tally); !done) {
      throw std::runtime_error{"device " + std::to_string(number) + ": " + to_string(done.error())};
    }
    if (const auto count = ++tally.registered; count % 100 == 0) {
      std::printf("registered %u\n", count);
      std::fflush(stdout);
    }
  }
} catch (const std::exception& error) {
  tally.failed = true;
  std::fprintf(stderr, "registration-load: %s\n", error.what());
}

// Every device that the registrar lists; throws when one is listed twice.
std::size_t listed(const Job& job) {
  Server server{job.address};
  std::set<std::string> seen;
  for (std::string last;;) {
    const auto answer = server.ask(
        "GET", "/v1/devices?model_id=load&limit=100" + (last.empty() ? "" : "&after=" + last), nullptr, job.operator_);
    if (!answer) throw std::runtime_error{"the list of devices: " + to_string(answer.error())};
    const auto& page = answer->at("devices").as_array();
    for (const auto& device : page) {
      last = text(device.as_object(), "ueid");
      if (!seen.insert(last).second) throw std::runtime_error{last + " is listed twice"};
    }
    if (page.empty()) return seen.size();
  }
}

std::string content(const char* path) {
  std::ifstream stream{path};
  if (!stream) throw std::runtime_error{std::string{path} + " cannot be read"};
  std::string text{std::istreambuf_iterator<char>{stream}, {}};
  while (!text.empty() && text.back() == '\n') text.pop_back();
  return text;
}

std::uint32_t number(std::string_view text) {
  std::uint32_t value = 0;
  if (std::from_chars(text.data(), text.data() + text.size(), value).ec != std::errc{}) {
    throw std::runtime_error{std::string{text} + " is not a number"};
  }
  return value;
}

template <class T>
T must(Result<T> result, const char* what) {
  if (!result) throw std::runtime_error{std::string{what} + ": " + to_string(result.error())};
  return *std::move(result);
}

int run(char** argv) {
  const Job job{.address = {.origin = must(https::parse_origin(argv[1]), "URL"), .tls_ca = content(argv[2])},
                .trust = {.url = argv[1],
                          .anchors = must(crypto::Certificate::from_pem(content(argv[3])), "CA"),
                          .escrow_public_der = must(crypto::public_key_from_pem(content(argv[4])), "ESCROW")},
                .vendor = content(argv[5]),
                .operator_ = content(argv[6]),
                .devices = number(argv[7])};
  Tally tally;
  const auto begin = Clock::now();
  {
    std::vector<std::jthread> threads;
    for (auto left = number(argv[8]); left > 0; --left) threads.emplace_back([&] { work(job, tally); });
  }
  const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
  const auto known = tally.failed ? 0 : listed(job);
  std::printf("%u devices registered in %.1f s (%.0f/s), %u requests made again; the registrar lists %zu devices\n",
              tally.registered.load(), seconds, tally.registered / seconds, tally.repeats.load(), known);
  return known == job.devices && tally.registered == job.devices ? 0 : 1;
}

}  // namespace
}  // namespace signet::load

int main(int argc, char** argv) try {
  if (argc != 9) {
    throw std::runtime_error{"usage: registration-load URL TLS-CA CA ESCROW VENDOR OPERATOR DEVICES THREADS"};
  }
  return signet::load::run(argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "registration-load: %s\n", error.what());
  return 1;
}
