// signet_fmdn_*: what takes no handle.
#include "offline.h"

#include <algorithm>
#include <utility>

#include "crypto/random.h"
#include "fmdn/frame.h"
#include "fmdn/resolve.h"
#include "rows.h"

namespace signet::owner {
namespace {

// The key and curve that a caller gives, and its identifier at a clock. Errors: those of signet_fmdn_eid().
Result<fmdn::Identity> identity_of(const uint8_t* eik, int curve, std::uint32_t clock) {
  const auto known = curve_of(curve);
  if (!eik || !known) return fail(Errc::invalid_argument, "the key or the curve");
  auto identity = fmdn::identity_at(eik_of(eik), clock, *known);
  if (!identity) return fail(Errc::not_found, "no identifier in this period");
  return *std::move(identity);
}

Result<fmdn::TruncatedEid> truncated(const uint8_t* eid, size_t size) {
  const bool fits = size == SIGNET_FMDN_URX_SIZE || fmdn::curve_of(size);
  if (!eid || !fits) return fail(Errc::invalid_argument, "the identifier");
  return fmdn::truncate(BytesView{eid, size});
}

int seal(BytesView eid, fmdn::NonceProfile profile, BytesView message, signet_fmdn_report& report,
         uint8_t* ciphertext) {
  crypto::SystemRandom random;
  SecretBytes<32> pseudorandom;
  random.fill(pseudorandom.writable());
  const auto sealed = fmdn::seal(eid, profile, message, pseudorandom);
  if (!sealed) return status_of(sealed.error().code);
  signet_fmdn_report made{};
  std::ranges::copy(sealed->urx, made.urx);
  std::ranges::copy(sealed->sx, made.sx);
  made.sx_size = sealed->sx.size();
  std::ranges::copy(sealed->tag, made.tag);
  report = made;
  std::ranges::copy(sealed->text, ciphertext);
  return SIGNET_OK;
}

}  // namespace

std::optional<fmdn::Curve> curve_of(int curve) {
  if (curve == SIGNET_FMDN_SECP160R1) return fmdn::Curve::secp160r1;
  if (curve == SIGNET_FMDN_SECP256R1) return fmdn::Curve::secp256r1;
  return std::nullopt;
}

int fill(BytesView value, uint8_t* buffer, size_t* size) {
  const size_t room = std::exchange(*size, value.size());
  if (!buffer) return SIGNET_OK;
  if (room < value.size()) return SIGNET_E_TOO_LARGE;
  std::ranges::copy(value, buffer);
  return SIGNET_OK;
}

Result<fmdn::Report> report_of(const signet_fmdn_report* report, const uint8_t* ciphertext, size_t size) {
  if (!report || (!ciphertext && size > 0)) return fail(Errc::invalid_argument, "the report: must not be NULL");
  if (!fmdn::curve_of(report->sx_size)) {
    return fail(Errc::invalid_argument, "the report's sx_size: must be 20 or 32");
  }
  if (size > SIGNET_FMDN_MESSAGE_MAX) {
    return fail(Errc::invalid_argument, "the ciphertext: must have at most 65536 octets");
  }
  fmdn::Report made;
  std::ranges::copy(report->urx, made.urx.begin());
  made.sx.assign(report->sx, report->sx + report->sx_size);
  made.text.assign(ciphertext, ciphertext + size);
  made.tag.assign(std::begin(report->tag), std::end(report->tag));
  return made;
}

}  // namespace signet::owner

using namespace signet;
using namespace signet::owner;

extern "C" {

int signet_fmdn_eid(const uint8_t* eik, int curve, uint32_t clock, uint8_t* eid, size_t* size) {
  if (!size) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    const auto identity = identity_of(eik, curve, clock);
    return identity ? fill(identity->eid, eid, size) : status_of(identity.error().code);
  });
}

int signet_fmdn_frame(const uint8_t* eik, int curve, uint32_t clock, unsigned battery, unsigned flags, uint8_t* frame,
                      size_t* size) {
  constexpr unsigned kKnown = SIGNET_FMDN_UNWANTED_TRACKING | SIGNET_FMDN_OMIT_FLAGS;
  if (!size || battery > SIGNET_FMDN_BATTERY_CRITICAL || (flags & ~kKnown) != 0) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    const auto identity = identity_of(eik, curve, clock);
    if (!identity) return status_of(identity.error().code);
    const fmdn::FrameFlags said{.battery = static_cast<fmdn::Battery>(battery),
                                .unwanted_tracking = (flags & SIGNET_FMDN_UNWANTED_TRACKING) != 0};
    return fill(fmdn::frame(*identity, said, (flags & SIGNET_FMDN_OMIT_FLAGS) != 0), frame, size);
  });
}

int signet_fmdn_decode(const uint8_t* advert, size_t size, signet_result** result) {
  if (result) *result = nullptr;
  if (!advert) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    const auto parsed = finder::parse_advert(BytesView{advert, size});
    if (!parsed) return SIGNET_E_INVALID_ARGUMENT;
    Rows rows;
    bool first = true;
    for (const auto& part : parsed->parts) {
      add_service(rows.row(), part);
      if (std::exchange(first, false) && parsed->flags) rows.number("flags", *parsed->flags);
    }
    if (result) *result = rows.take().release();
    return SIGNET_OK;
  });
}

int signet_fmdn_flags(const uint8_t* eik, int curve, uint32_t clock, uint8_t hidden_flags, unsigned* battery,
                      int* unwanted_tracking) {
  return guarded([&] {
    const auto identity = identity_of(eik, curve, clock);
    if (!identity) return status_of(identity.error().code);
    const auto flags = fmdn::parse_flags(hidden_flags ^ identity->flags_mask);
    if (!flags) return SIGNET_E_NOT_FOUND;
    if (battery) *battery = static_cast<unsigned>(flags->battery);
    if (unwanted_tracking) *unwanted_tracking = flags->unwanted_tracking ? 1 : 0;
    return SIGNET_OK;
  });
}

int signet_fmdn_resolve(const uint8_t* eik, int curve, const uint8_t* eid, size_t eid_size, uint32_t estimate,
                        uint32_t window, uint32_t* clock) {
  return guarded([&] {
    const auto known = curve_of(curve);
    const auto urx = truncated(eid, eid_size);
    if (!eik || !known || !urx || window > SIGNET_FMDN_WINDOW_MAX) return SIGNET_E_INVALID_ARGUMENT;
    const auto found = fmdn::resolve(eik_of(eik), *known, *urx, estimate, window);
    const bool cut = eid_size == SIGNET_FMDN_URX_SIZE;
    if (!found || (!cut && !std::ranges::equal(found->identity.eid, BytesView{eid, eid_size}))) {
      return SIGNET_E_NOT_FOUND;
    }
    if (clock) *clock = found->clock;
    return SIGNET_OK;
  });
}

int signet_fmdn_seal(const uint8_t* eid, size_t eid_size, int profile, const uint8_t* message, size_t size,
                     signet_fmdn_report* report, uint8_t* ciphertext) {
  const bool known = profile == SIGNET_FMDN_SPEC80 || profile == SIGNET_FMDN_DEPLOYED64;
  if (!eid || !fmdn::curve_of(eid_size) || !known || !report || (size > 0 && (!message || !ciphertext))) {
    return SIGNET_E_INVALID_ARGUMENT;
  }
  if (size > SIGNET_FMDN_MESSAGE_MAX) return SIGNET_E_TOO_LARGE;
  return guarded([&] {
    const auto nonce = profile == SIGNET_FMDN_SPEC80 ? fmdn::NonceProfile::spec80 : fmdn::NonceProfile::deployed64;
    return seal(BytesView{eid, eid_size}, nonce, BytesView{message, size}, *report, ciphertext);
  });
}

int signet_fmdn_open(const uint8_t* eik, int curve, uint32_t clock, const signet_fmdn_report* report,
                     const uint8_t* ciphertext, size_t size, uint8_t* message) {
  if (size > 0 && !message) return SIGNET_E_INVALID_ARGUMENT;
  return guarded([&] {
    const auto sealed = report_of(report, ciphertext, size);
    if (!sealed) return status_of(sealed.error().code);
    const auto identity = identity_of(eik, curve, clock);
    if (!identity) return status_of(identity.error().code);
    auto opened = fmdn::open(*sealed, *identity);
    if (!opened) return status_of(opened.error().code);
    std::ranges::copy(*opened, message);
    wipe(opened->data(), opened->size());
    return SIGNET_OK;
  });
}

}  // extern "C"
