// Frames of the kernel's management interface: every decoder takes any octets.
#include <cstdint>

#include "bluez/management.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace signet::bluez::management;
  const signet::BytesView octets{data, size};
  (void)decode_index_list(octets);
  (void)decode_information(octets);
  (void)decode_advertising_features(octets);
  const auto event = decode(octets);
  if (!event) return 0;
  if (const auto* done = std::get_if<CommandDone>(&*event)) (void)describe(done->status);
  return 0;
}
