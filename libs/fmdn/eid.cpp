#include "fmdn/eid.h"

#include <algorithm>

#include "crypto/sha256.h"

namespace signet::fmdn {
namespace {

constexpr std::uint8_t kRotationExponent = 10;

// The hash is over r in as many octets as a coordinate has: of the 161 bits on secp160r1 the highest is dropped.
std::uint8_t flags_mask(const SecretBuffer& scalar, std::size_t coordinate_size) {
  return crypto::sha256(scalar.view().last(coordinate_size)).back();
}

}  // namespace

// Two halves of padding, the rotation exponent, and the masked clock.
std::array<std::uint8_t, 32> seed_block(std::uint32_t clock) {
  const std::uint32_t masked = clock & ~(kPeriod - 1);
  std::array<std::uint8_t, 32> block{};
  std::fill_n(block.begin(), 11, std::uint8_t{0xff});
  for (const std::size_t half : {0U, 16U}) {
    block[half + 11] = kRotationExponent;
    for (std::size_t i = 0; i < 4; ++i) block[half + 12 + i] = static_cast<std::uint8_t>(masked >> (24 - 8 * i));
  }
  return block;
}

SecretBytes<32> pseudorandom(const crypto::AesKey& eik, std::uint32_t clock) {
  const auto seed = seed_block(clock);
  SecretBytes<32> result;
  for (const std::ptrdiff_t half : {0, 16}) {
    crypto::AesBlock block;
    std::copy_n(seed.begin() + half, block.size(), block.begin());
    std::ranges::copy(eik.encrypt(block), result.writable().begin() + half);
  }
  return result;
}

std::optional<Identity> identity_of(const SecretBytes<32>& pseudorandom, Curve name) {
  const auto& curve = crypto::EidCurve::of(name);
  SecretBuffer scalar = curve.reduce(pseudorandom.view());
  auto eid = curve.multiply_base(scalar.view());
  if (!eid) return std::nullopt;
  const std::uint8_t mask = flags_mask(scalar, curve.coordinate_size());
  return Identity{.eid = *std::move(eid), .scalar = std::move(scalar), .flags_mask = mask};
}

std::optional<Identity> identity_at(const crypto::AesKey& eik, std::uint32_t clock, Curve curve) {
  return identity_of(pseudorandom(eik, clock), curve);
}

std::optional<Identity> identity_at(const Eik& eik, std::uint32_t clock, Curve curve) {
  return identity_at(crypto::AesKey{eik.view()}, clock, curve);
}

}  // namespace signet::fmdn
