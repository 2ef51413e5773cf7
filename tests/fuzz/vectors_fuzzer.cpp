// Documents of known answers: whatever they say, the run ends with a report or with an error that the caller expects.
#include <cstdlib>

#include "base/bytes.h"
#include "rpmb/vectors/run_vectors.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  auto report = rpmb::run_vectors(as_text(BytesView{data, size}));
  if (!report && report.error().code != Errc::invalid_argument && report.error().code != Errc::unsupported)
    std::abort();
  return 0;
}
