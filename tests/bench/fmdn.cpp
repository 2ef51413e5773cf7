// What beacon, sighter and owner compute, against the multiplications on the curve that they cannot do without.
#include <openssl/evp.h>

#include <cstdio>

#include "against_floor.h"
#include "bare_curve.h"
#include "crypto/random.h"
#include "fmdn/report.h"
#include "fmdn/resolve.h"

namespace signet::bench {
namespace {

using fmdn::Curve;

constexpr int kRounds = 15;
constexpr std::size_t kMessageSize = 64;  // a location with its accuracy and time, as a sighter reports it
constexpr std::uint32_t kClock = 123'456'789;
constexpr std::uint32_t kDay = 86'400;
constexpr int kDevices = 100;

struct Aims {
  double eid;
  double seal;
  double open;
  double window;
};

struct OfCurve {
  Curve curve;
  const char* name;
  int per_round;  // multiplications: a few tens of milliseconds
  Aims aims;
};

// OpenSSL multiplies so fast on secp256r1 that the inversion which then gives x, also OpenSSL's, takes half as long
// again: 1.5 is the least an identifier can come to there.
constexpr OfCurve kCurves[] = {
    {Curve::secp160r1, "secp160r1", 100, {.eid = 1.1, .seal = 1.1, .open = 1.1, .window = 1.1}},
    {Curve::secp256r1, "secp256r1", 500, {.eid = 2.0, .seal = 1.4, .open = 1.3, .window = 1.8}}};

fmdn::Eik fresh_eik() {
  crypto::SystemRandom random;
  return fmdn::Eik{random.bytes<fmdn::kEikSize>()};
}

fmdn::Identity identity_of(const fmdn::Eik& eik, Curve curve) {
  auto identity = fmdn::identity_at(eik, kClock, curve);
  if (!identity) throw std::runtime_error{"a period without an identifier"};
  return *std::move(identity);
}

// What a report must be encrypted with, at the least: AES-256 in counter mode.
class BareCipher {
 public:
  void operator()(BytesView message) {
    int size = 0;
    EVP_EncryptInit_ex(context_.get(), EVP_aes_256_ctr(), nullptr, key_.data(), start_.data());
    EVP_EncryptUpdate(context_.get(), out_.data(), &size, message.data(), static_cast<int>(message.size()));
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, FreeWith<EVP_CIPHER_CTX_free>> context_{EVP_CIPHER_CTX_new()};
  std::array<std::uint8_t, 32> key_{0x42};
  std::array<std::uint8_t, 16> start_{};
  Bytes out_ = Bytes(2 * kMessageSize);
};

void identifiers(const OfCurve& of) {
  const auto eik = fresh_eik();
  const BareCurve bare{of.curve, identity_of(eik, of.curve).scalar.view()};
  std::uint32_t clock = kClock;
  const auto figures = against_floor(
      kRounds, of.per_round, [&] { (void)fmdn::identity_at(eik, clock += fmdn::kPeriod, of.curve); },
      [&] { bare.multiply_base(); });
  print_against_floor(std::string{"identifier, "} + of.name, figures, of.aims.eid);
  std::printf("  %-34s %.0f\n", "per second and core", 1e6 / figures.ours_us);
}

void reports(const OfCurve& of) {
  const auto identity = identity_of(fresh_eik(), of.curve);
  const auto profile = of.curve == Curve::secp160r1 ? fmdn::NonceProfile::deployed64 : fmdn::NonceProfile::spec80;
  const SecretBytes<32> ephemeral = fresh_eik();
  const Bytes message(kMessageSize, 0x42);
  const auto seal = [&] { return fmdn::seal(identity.eid, profile, message, ephemeral); };
  const auto report = seal();
  if (!report || !fmdn::open(*report, identity)) throw std::runtime_error{"a report that does not open"};

  const BareCurve bare{of.curve, identity.scalar.view()};
  BareCipher cipher;
  const auto sealing = against_floor(
      kRounds, of.per_round, [&] { (void)seal(); },
      [&] {
        bare.multiply_base();
        bare.multiply(identity.eid);
        cipher(message);
      });
  print_against_floor(std::string{"report sealed, "} + of.name, sealing, of.aims.seal);
  const auto opening = against_floor(
      kRounds, of.per_round, [&] { (void)fmdn::open(*report, identity); },
      [&] {
        bare.multiply(identity.eid);
        cipher(message);
      });
  print_against_floor(std::string{"report opened, "} + of.name, opening, of.aims.open);
}

// The longest search there is: an identifier of none of the devices.
void windows(const OfCurve& of) {
  std::vector<fmdn::Eik> devices;
  for (int i = 0; i < kDevices; ++i) devices.push_back(fresh_eik());
  const auto foreign = fmdn::truncate(identity_of(fresh_eik(), of.curve).eid);
  const BareCurve bare{of.curve, identity_of(devices.front(), of.curve).scalar.view()};
  constexpr int kPeriods = 1 + 2 * ((kDay + fmdn::kPeriod - 1) / fmdn::kPeriod);

  std::vector<double> all;
  std::vector<double> ratios;
  for (int round = 0; round < 3; ++round) {
    const double search = thread_us(1, [&] {
      for (const auto& eik : devices) {
        if (fmdn::resolve(eik, of.curve, foreign, kClock, kDay))
          throw std::runtime_error{"two devices, one identifier"};
      }
    });
    const double least = thread_us(kDevices * kPeriods, [&] { bare.multiply_base(); }) * kDevices * kPeriods;
    all.push_back(search);
    ratios.push_back(search / least);
  }
  char measured[64];
  std::snprintf(measured, sizeof measured, "%.0f ms / %.0f ms", median(all) / 1e3, median(all) / median(ratios) / 1e3);
  print_ratio(std::string{"window, "} + of.name, measured, median(ratios), of.aims.window);
}

void run() {
  heading("An identifier / one bare multiplication by OpenSSL (medians of " + std::to_string(kRounds) +
          " interleaved rounds)");
  for (const auto& of : kCurves) identifiers(of);
  heading("A report of " + std::to_string(kMessageSize) +
          " octets / its bare multiplications (sealing 2, opening 1, a point found by its x) and AES-256-CTR");
  for (const auto& of : kCurves) reports(of);
  heading("Whose identifier is this? A day either way for " + std::to_string(kDevices) +
          " devices, in vain / as many bare multiplications");
  for (const auto& of : kCurves) windows(of);
}

}  // namespace
}  // namespace signet::bench

int main() try { signet::bench::run(); } catch (const std::exception& error) {
  std::fprintf(stderr, "bench-fmdn: %s\n", error.what());
  return 1;
}
