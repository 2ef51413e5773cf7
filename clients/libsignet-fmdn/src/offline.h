// What the arguments of the computing functions mean.
#pragma once

#include <signet/fmdn.h>

#include <optional>

#include "base/result.h"
#include "fmdn/report.h"

namespace signet::owner {

std::optional<fmdn::Curve> curve_of(int curve);
inline fmdn::Eik eik_of(const uint8_t* octets) {
  return fmdn::Eik{std::span<const std::uint8_t, fmdn::kEikSize>{octets, fmdn::kEikSize}};
}

// Fills the caller's buffer, or tells its size, as signet.h says under "Buffers". SIGNET_OK or SIGNET_E_TOO_LARGE.
int fill(BytesView value, uint8_t* buffer, size_t* size);

// invalid_argument: names what does not fit.
Result<fmdn::Report> report_of(const signet_fmdn_report* report, const uint8_t* ciphertext, size_t size);

// Runs an entry point; no exception leaves the library. The only one there is, is out of memory.
template <class Body>
int guarded(Body body) noexcept {
  try {
    return body();
  } catch (const std::exception&) {
    return SIGNET_E_INTERNAL;
  }
}

inline int status_of(Errc code) { return static_cast<int>(code); }

}  // namespace signet::owner
