// Arbitrary octets as what strangers send to signetctl fmdn: adverts, and reports of places.
#include <cstdlib>
#include <sstream>

#include "signetctl/fmdn/advert_text.h"
#include "signetctl/fmdn/report_text.h"
#include "signetctl/session.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet;
  const BytesView octets{data, size};
  if (const auto advert = finder::parse_advert(octets)) {
    std::ostringstream out;
    ctl::print_advert(out, *advert);
    (void)ctl::advert_to_json(*advert);
    if (out.str().find('\x1b') != std::string::npos) std::abort();  // nothing of it may steer a terminal
  }
  try {
    (void)ctl::parse_report(as_text(octets));
  } catch (const ctl::Failed&) {
  }
  return 0;
}
