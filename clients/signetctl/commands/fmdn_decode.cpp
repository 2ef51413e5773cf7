// signetctl fmdn decode: what an advert says. Offline.
#include <memory>

#include "signetctl/commands/fmdn.h"
#include "signetctl/exit_status.h"
#include "signetctl/fmdn/advert_text.h"
#include "signetctl/fmdn/public_octets.h"

namespace signet::ctl {
namespace {

int decode(Session& session, const std::string& octets) {
  const auto advert = finder::parse_advert(read_public_octets(session, octets, "ADVERT"));
  if (!advert) {
    throw Failed{Errc::invalid_argument,
                 "ADVERT: is neither advertising data (length, type, data, ...) nor service data of 0xFEAA, 0xFE2C or "
                 "0xFCB2 behind their UUID, nor a bare FMDN frame of 21, 22, 33 or 34 octets"};
  }
  session.answer(advert_to_json(*advert), [&](std::ostream& out) { print_advert(out, *advert); });
  return kSuccess;
}

}  // namespace

void add_fmdn_decode(CLI::App& group, Session& session) {
  const auto octets = std::make_shared<std::string>();
  auto* command = group.add_subcommand("decode", "Show what an advert or service data in hexadecimal digits says");
  command->add_option("ADVERT", *octets, "FMDN, Fast Pair or DULT; the standard input when not given");
  show_examples(*command, R"(  signetctl fmdn decode 02010606162cfe123456
  signetctl fmdn decode aafe40$(signetctl fmdn eid --device bag)
  xxd -p advert.bin | signetctl fmdn decode --json)");
  when_chosen(*command, session, [octets](Session& s) { return decode(s, *octets); });
}

}  // namespace signet::ctl
