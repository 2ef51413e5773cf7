// The text form of fault plans.
#include <cstdlib>

#include "base/bytes.h"
#include "rpmb/transport/emulator/faults.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  auto plan = rpmb::parse_faults(as_text(BytesView{data, size}), "faults", {{9, 5, 4, 2}});
  if (!plan && plan.error().code != Errc::config_invalid) std::abort();
  if (plan) (void)plan->find(rpmb::Which::write, true, {{10, 6, 4, 3}});
  return 0;
}
