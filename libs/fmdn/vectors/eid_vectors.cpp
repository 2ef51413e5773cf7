// Identifiers, frames, keys and the clock.
#include <array>

#include "base/hex.h"
#include "fmdn/clock.h"
#include "fmdn/frame.h"
#include "fmdn/vectors/sections.h"

namespace signet::fmdn {
namespace {

using vectors::boolean_of;
using vectors::number_of;
using vectors::octets_of;

Result<Battery> battery_in(const JsonCursor& entry) {
  constexpr std::array<std::string_view, 4> kNames{"unsupported", "normal", "low", "critical"};
  SIGNET_ASSIGN(const JsonCursor at, entry.member("battery"));
  SIGNET_ASSIGN(const std::string name, at.text());
  for (std::size_t i = 0; i < kNames.size(); ++i) {
    if (name == kNames[i]) return static_cast<Battery>(i);
  }
  return at.malformed("is no state of a battery");
}

Result<void> compare_identity(const JsonCursor& entry, const Identity& identity, Differences& differences) {
  const std::size_t size = identity.eid.size();
  SIGNET_TRY(compare_if_there(entry, "eid", identity.eid, differences));
  SIGNET_TRY(compare_if_there(entry, "r", identity.scalar.view(), differences));
  SIGNET_TRY(compare_if_there(entry, "r_aligned", identity.scalar.view().last(size), differences));
  return compare_if_there(entry, "flags_mask", {&identity.flags_mask, 1}, differences);
}

}  // namespace

Result<Curve> curve_in(const JsonCursor& entry) {
  SIGNET_ASSIGN(const JsonCursor at, entry.member("curve"));
  SIGNET_ASSIGN(const std::string name, at.text());
  if (name == "secp160r1") return Curve::secp160r1;
  if (name == "secp256r1") return Curve::secp256r1;
  return at.malformed("is neither secp160r1 nor secp256r1");
}

Result<Eik> eik_in(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto octets, octets_of<kEikSize>(entry, "eik"));
  return Eik{octets};
}

Result<void> compare_if_there(const JsonCursor& entry, std::string_view name, BytesView actual,
                              Differences& differences) {
  SIGNET_ASSIGN(const auto at, entry.find(name));
  if (!at) return {};
  SIGNET_ASSIGN(const Bytes expected, at->octets());
  differences.compare(name, to_hex(expected), to_hex(actual));
  return {};
}

Result<std::string> run_eid(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto clock, number_of<std::uint32_t>(entry, "clock"));
  const auto identity = identity_at(eik, clock, curve);
  if (!identity) return std::string{"there is no identifier"};
  Differences differences;
  SIGNET_TRY(compare_identity(entry, *identity, differences));
  SIGNET_TRY(compare_if_there(entry, "r_prime", pseudorandom(crypto::AesKey{eik.view()}, clock).view(), differences));
  SIGNET_ASSIGN(const auto masked, entry.find("masked_clock"));
  if (masked) {
    SIGNET_ASSIGN(const auto expected, masked->number<std::uint32_t>());
    differences.compare("masked_clock", std::to_string(expected), std::to_string(clock & ~(kPeriod - 1)));
  }
  SIGNET_TRY(compare_if_there(entry, "seed", seed_block(clock), differences));
  return differences.text();
}

Result<std::string> run_eid_from_r_prime(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const auto r_prime, octets_of<32>(entry, "r_prime"));
  const auto identity = identity_of(SecretBytes<32>{r_prime}, curve);
  if (!identity) return std::string{"there is no identifier"};
  Differences differences;
  SIGNET_TRY(compare_identity(entry, *identity, differences));
  return differences.text();
}

Result<std::string> run_frame(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Curve curve, curve_in(entry));
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto clock, number_of<std::uint32_t>(entry, "clock"));
  FrameFlags flags;
  SIGNET_ASSIGN(flags.battery, battery_in(entry));
  SIGNET_ASSIGN(flags.unwanted_tracking, boolean_of(entry, "utp"));
  SIGNET_ASSIGN(const bool omit, boolean_of(entry, "omit_flags"));
  const auto identity = identity_at(eik, clock, curve);
  if (!identity) return std::string{"there is no identifier"};
  Differences differences;
  SIGNET_TRY(compare_if_there(entry, "frame", frame(*identity, flags, omit), differences));
  const std::uint8_t seed = flags_octet(flags);
  SIGNET_TRY(compare_if_there(entry, "flags_seed", {&seed, 1}, differences));
  return differences.text();
}

Result<std::string> run_derived_keys(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto nonce, octets_of<sizeof(Nonce)>(entry, "nonce"));
  Differences differences;
  SIGNET_TRY(compare_if_there(entry, "recovery_key", recovery_key(eik).view(), differences));
  SIGNET_TRY(compare_if_there(entry, "ring_key", ring_key(eik).view(), differences));
  SIGNET_TRY(compare_if_there(entry, "utp_key", unwanted_tracking_key(eik).view(), differences));
  SIGNET_TRY(compare_if_there(entry, "eik_hash", eik_hash(eik, nonce), differences));
  return differences.text();
}

Result<std::string> run_rotation(const JsonCursor& entry) {
  SIGNET_ASSIGN(const auto clock, number_of<std::uint32_t>(entry, "clock"));
  SIGNET_ASSIGN(const auto jitter, number_of<std::uint32_t>(entry, "jitter_s"));
  SIGNET_ASSIGN(const auto delay, number_of<std::uint32_t>(entry, "delay_s"));
  Differences differences;
  differences.compare("delay_s", std::to_string(delay), std::to_string(until_rotation(clock, jitter)));
  return differences.text();
}

Result<std::string> run_eik_wrap(const JsonCursor& entry) {
  SIGNET_ASSIGN(const Eik eik, eik_in(entry));
  SIGNET_ASSIGN(const auto key, octets_of<sizeof(AccountKey)>(entry, "account_key"));
  SIGNET_ASSIGN(const auto wrapped, octets_of<kEikSize>(entry, "wrapped"));
  Differences differences;
  differences.compare("wrapped", to_hex(wrapped), to_hex(wrap(eik, key)));
  differences.compare("unwrapped", to_hex(eik.view()), to_hex(unwrap(wrapped, key).view()));
  return differences.text();
}

}  // namespace signet::fmdn
