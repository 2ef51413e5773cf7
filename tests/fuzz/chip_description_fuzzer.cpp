// What a kernel and a device say of a chip, in any octets: attributes of sysfs, SCSI sense data and INQUIRY data.
#include <cstdint>
#include <cstdlib>

#include "base/bytes.h"
#include "rpmb/transport/node/sysfs.h"
#include "rpmb/transport/ufs/scsi.h"

namespace {

using namespace signet;

void require(bool condition) {
  if (!condition) std::abort();
}

// What one parser takes as a whole, another must not take for something else.
void check_attribute(std::string_view text) {
  const auto number = rpmb::sysfs::parse_number(text);
  const auto device = rpmb::sysfs::parse_device(text);
  const auto cid = rpmb::sysfs::parse_cid(text);
  require(!(number && device));
  require(!cid || text.size() >= 2 * cid->size());
  require(!number || rpmb::sysfs::parse_number(std::to_string(*number)) == number);
}

void check_device_answer(BytesView octets) {
  const auto sense = rpmb::scsi::parse_sense(octets);
  require(!sense || sense->key < 16);
  require(!sense || !to_string(*sense).empty());
  require(!rpmb::scsi::is_well_known_unit(octets) || octets[0] == rpmb::scsi::kWellKnownUnit);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const BytesView octets{data, size};
  check_attribute(as_text(octets));
  check_device_answer(octets);
  return 0;
}
