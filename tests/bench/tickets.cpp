// Verification of tickets by the registrar, in one process and without a network, against what it cannot do without:
// one ECDSA verification for each signature that is checked (the device's, and the CA's in its certificate) and one
// HMAC for each frame. Usage: bench-tickets DIRECTORY; new and empty.
#include <chrono>
#include <cstdio>

#include "cpu_time.h"
#include "crypto/ecdsa.h"
#include "crypto/hmac.h"
#include "identity/attestation.h"
#include "registrar.h"
#include "report.h"

namespace signet::bench {
namespace {

using namespace activation;

constexpr int kRounds = 15;
constexpr int kPerRound = 200;
constexpr int kSignatures = 2;
constexpr const char* kAudience = "https://app.example";
constexpr double kAim = 1.3;

// The least that a verification costs.
class Floor {
 public:
  void operator()() const {
    for (int i = 0; i < kSignatures; ++i) {
      if (!key_.verify(content_, signature_)) throw std::runtime_error{"floor"};
    }
    for (std::size_t i = 0; i < identity::kAttestationFrames; ++i) {
      const auto mac = hmac_.mac(frame_);
      if (mac[0] == mac[1] && mac[1] == mac[2] && mac[2] == mac[3] && mac[3] == 0) throw std::runtime_error{"floor"};
    }
  }

 private:
  crypto::P256PrivateKey key_ = crypto::P256PrivateKey::generate();
  Bytes content_ = Bytes(1500, 0x42);
  crypto::Es256Signature signature_ = key_.sign(content_);
  crypto::HmacKey hmac_{Bytes(32, 0x42)};
  Bytes frame_ = Bytes(284, 0x42);  // the octets of a frame that its MAC covers
};

void accept(const Verdict& verdict) {
  if (!verdict.accepted) throw std::runtime_error{"refused: " + verdict.signature.reason + verdict.rpmb.reason};
}

void run(const std::string& directory) {
  OwnRegistrar registrar{directory};
  load::Device device{1, registrar.trust()};
  registrar.enrol(device);
  const auto verifier = registrar.actor(Role::verifier);
  const auto verify = [&](const std::string& ticket) {
    accept(answer_of<Verdict>([&](auto done) { registrar->verify(verifier, ticket, kAudience, done); }));
  };
  const auto bearer = must(device.registration().ticket({.audience = kAudience})).text;

  const Floor floor;
  std::vector<double> least;
  std::vector<double> ours;
  std::vector<double> ratios;
  for (int round = 0; round < kRounds; ++round) {
    least.push_back(thread_us(kPerRound, floor));
    ours.push_back(thread_us(kPerRound, [&] { verify(bearer); }));
    ratios.push_back(ours.back() / least.back());
  }
  heading(
      "Verification of a ticket, both factors / 2 ECDSA P-256 verifications and 5 HMACs (processor time, medians of " +
      std::to_string(kRounds) + " interleaved rounds)");
  char text[64];
  std::snprintf(text, sizeof text, "%.0f us / %.0f us", median(ours), median(least));
  print_ratio("bearer ticket", text, median(ratios), kAim);

  std::vector<std::string> challenges;
  for (int i = 0; i < kPerRound; ++i) {
    const auto nonce = answer_of<Nonce>([&](auto done) { registrar->issue_nonce(verifier, kAudience, done); }).nonce;
    challenges.push_back(must(device.registration().ticket({.audience = kAudience, .nonce = nonce})).text);
  }
  const double begin = cpu_us(CLOCK_PROCESS_CPUTIME_ID);
  for (const auto& ticket : challenges) verify(ticket);
  const double each = (cpu_us(CLOCK_PROCESS_CPUTIME_ID) - begin) / kPerRound;
  std::printf("  %-34s %.0f us, its durable record of the nonce included\n", "challenge ticket", each);
  std::printf("  %-34s %.0f bearer, %.0f challenge tickets\n", "per second and core", 1e6 / median(ours), 1e6 / each);
}

}  // namespace
}  // namespace signet::bench

int main(int argc, char** argv) try {
  if (argc != 2) throw std::runtime_error{"usage: bench-tickets DIRECTORY"};
  signet::bench::run(argv[1]);
} catch (const std::exception& error) {
  std::fprintf(stderr, "bench-tickets: %s\n", error.what());
  return 1;
}
