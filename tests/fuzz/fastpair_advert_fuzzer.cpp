// Adverts from the air, and records of account keys: what is taken can be made again.
#include <cstdlib>

#include "fastpair/advert.h"

namespace {

using namespace signet;
using namespace signet::fastpair;

void require(bool condition) {
  if (!condition) std::abort();
}

void take_apart(BytesView service_data) {
  const auto advert = parse_advert(service_data);
  if (!advert) {
    require(!advert.error().context.empty());
    return;
  }
  if (const auto* hidden = std::get_if<NonDiscoverable>(&*advert)) {
    (void)may_hold(*hidden, AccountKey{});
    if (hidden->filter.empty()) return;  // other fields are not made without one
  }
  const auto again = parse_advert(encode(*advert));
  require(again && *again == *advert);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView input{data, size};
  take_apart(input);
  if (const auto found = find_service_data(input)) take_apart(*found);
  if (const auto keys = AccountKeys::restore(input)) require(as_text(keys->serialise().view()) == as_text(input));
  return 0;
}
