// Reports from whoever makes them, opened by the owner: coordinates that are on no curve, text and tags of any length,
// and honest reports with a few octets changed. Nothing opens but what was sealed.
#include <fuzzer/FuzzedDataProvider.h>

#include <algorithm>
#include <cstdlib>

#include "fmdn/report.h"
#include "fmdn/resolve.h"

namespace {

using namespace signet;
using namespace signet::fmdn;

void require(bool holds) {
  if (!holds) std::abort();
}

constexpr std::uint32_t kClock = 5 * 1024;
const Eik kEik{std::array<std::uint8_t, 32>{7}};
const Bytes kPlace(16, 0x55);

const Identity& owned(Curve curve) {
  static const Identity short_one = identity_at(kEik, kClock, Curve::secp160r1).value();
  static const Identity long_one = identity_at(kEik, kClock, Curve::secp256r1).value();
  return curve == Curve::secp160r1 ? short_one : long_one;
}

void damage(FuzzedDataProvider& input, Bytes& octets) {
  if (input.ConsumeBool()) octets.resize(input.ConsumeIntegralInRange<std::size_t>(0, 40));
  if (!octets.empty() && input.ConsumeBool()) {
    octets[input.ConsumeIntegralInRange<std::size_t>(0, octets.size() - 1)] ^= input.ConsumeIntegral<std::uint8_t>();
  }
}

bool same(const Report& one, const Report& other) {
  return one.urx == other.urx && one.sx == other.sx && one.text == other.text && one.tag == other.tag;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  FuzzedDataProvider input{data, size};
  const auto curve = input.PickValueInArray({Curve::secp160r1, Curve::secp256r1});
  const auto profile = input.PickValueInArray({NonceProfile::spec80, NonceProfile::deployed64});
  const auto& identity = owned(curve);
  const auto seen = input.ConsumeBool() ? identity.eid : input.ConsumeBytes<std::uint8_t>(33);
  const auto sealed = seal(seen, profile, kPlace, SecretBytes<32>{std::array<std::uint8_t, 32>{9}});
  require(sealed.has_value() || seen != identity.eid);

  const Report genuine = sealed ? *sealed : Report{};
  Report report = genuine;
  damage(input, report.sx);
  damage(input, report.text);
  damage(input, report.tag);
  if (input.ConsumeBool()) report.urx[0] = input.ConsumeIntegral<std::uint8_t>();

  const auto opened = open(report, identity);
  if (opened) require(*opened == kPlace && same(report, genuine) && seen == identity.eid);
  static_cast<void>(open(report, identity, profile));
  const auto estimate = input.ConsumeIntegral<std::uint32_t>();
  const auto found = resolve(kEik, curve, report.urx, estimate, input.ConsumeIntegralInRange<std::uint32_t>(0, 4096));
  if (found) require(truncate(found->identity.eid) == report.urx);
  return 0;
}
